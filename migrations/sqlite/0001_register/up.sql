-- Conventions: dates INTEGER yyyymmdd, months INTEGER yyyymm, instants BIGINT microseconds,
-- money BIGINT fen, ids BIGINT given out from head.last_id. See docs/adr/.
-- In SQLite `INTEGER PRIMARY KEY` is the row id itself: 64 bits, and no second index.

CREATE TABLE head (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  seq BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  hash TEXT NOT NULL,
  last_id BIGINT NOT NULL
);
INSERT INTO head (one, seq, at_us, hash, last_id)
VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY NOT NULL,
  at_us BIGINT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  payload TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);

-- Provenance ---------------------------------------------------------------
CREATE TABLE document (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  issuer TEXT NOT NULL,
  number TEXT NOT NULL,
  dated_on INTEGER,
  precision TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE TABLE plan_line (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  document_id BIGINT NOT NULL REFERENCES document (id),
  section TEXT NOT NULL,
  row_no INTEGER,
  text TEXT NOT NULL
);
CREATE INDEX plan_line_document_id ON plan_line (document_id);
CREATE TABLE assertion (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  line_id BIGINT NOT NULL REFERENCES plan_line (id),
  section TEXT NOT NULL,
  kind TEXT NOT NULL,
  expected BIGINT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX assertion_line_id ON assertion (line_id);
CREATE TABLE finding (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_code TEXT NOT NULL,
  line_id BIGINT REFERENCES plan_line (id),
  text TEXT NOT NULL,
  handling TEXT NOT NULL
);
CREATE INDEX finding_line_id ON finding (line_id);
CREATE INDEX finding_subject ON finding (subject_kind, subject_code);

-- Registry -------------------------------------------------------------------
CREATE TABLE category (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  position INTEGER NOT NULL
);
CREATE TABLE department (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE TABLE source (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  note TEXT NOT NULL
);
CREATE TABLE project (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  no INTEGER NOT NULL,
  registered_on INTEGER NOT NULL,
  precision TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id),
  line_id BIGINT REFERENCES plan_line (id)
);
CREATE INDEX project_document_id ON project (document_id);
CREATE INDEX project_line_id ON project (line_id);
CREATE TABLE project_fact (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  attribute TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  precision TEXT NOT NULL,
  value TEXT NOT NULL,
  status TEXT NOT NULL,
  basis TEXT NOT NULL,
  confidence TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id),
  line_id BIGINT REFERENCES plan_line (id)
);
CREATE INDEX project_fact_project_id ON project_fact (project_id, attribute);
CREATE INDEX project_fact_document_id ON project_fact (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX project_fact_line_id ON project_fact (line_id) WHERE line_id IS NOT NULL;

-- Ledger -----------------------------------------------------------------------
CREATE TABLE entry (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  measure INTEGER NOT NULL CHECK (measure BETWEEN 1 AND 6),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
  year INTEGER,
  source_id BIGINT REFERENCES source (id),
  amount_fen BIGINT NOT NULL,
  occurred_on INTEGER NOT NULL,
  posted_month INTEGER,
  reason_code TEXT NOT NULL,
  is_estimate INTEGER NOT NULL,
  document_id BIGINT REFERENCES document (id),
  line_id BIGINT REFERENCES plan_line (id),
  reverses_id BIGINT REFERENCES entry (id),
  note TEXT NOT NULL
);
CREATE INDEX entry_project_id ON entry (project_id);
CREATE INDEX entry_source_id ON entry (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX entry_document_id ON entry (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX entry_line_id ON entry (line_id) WHERE line_id IS NOT NULL;
CREATE UNIQUE INDEX entry_reverses_id ON entry (reverses_id) WHERE reverses_id IS NOT NULL;

-- Milestones ---------------------------------------------------------------------
CREATE TABLE milestone (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  document_id BIGINT REFERENCES document (id),
  line_id BIGINT REFERENCES plan_line (id)
);
CREATE UNIQUE INDEX milestone_project_id ON milestone (project_id, code);
CREATE INDEX milestone_document_id ON milestone (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX milestone_line_id ON milestone (line_id) WHERE line_id IS NOT NULL;
CREATE TABLE milestone_fact (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  milestone_id BIGINT NOT NULL REFERENCES milestone (id),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
  happens_on INTEGER NOT NULL,
  precision TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  reason TEXT NOT NULL,
  evidence TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id),
  line_id BIGINT REFERENCES plan_line (id),
  source_url TEXT NOT NULL,
  source_quality TEXT NOT NULL
);
CREATE INDEX milestone_fact_milestone_id ON milestone_fact (milestone_id);
CREATE INDEX milestone_fact_document_id ON milestone_fact (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX milestone_fact_line_id ON milestone_fact (line_id) WHERE line_id IS NOT NULL;

-- A fact of project_fact or milestone_fact taken back: undone, never erased.
CREATE TABLE withdrawal (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  fact_id BIGINT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id)
);
CREATE INDEX withdrawal_document_id ON withdrawal (document_id);

-- Indicators -----------------------------------------------------------------------
CREATE TABLE indicator (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  indicator_no INTEGER NOT NULL,
  sub_no INTEGER,
  domain TEXT NOT NULL,
  task TEXT NOT NULL,
  name TEXT NOT NULL,
  sub_name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  unit TEXT NOT NULL,
  criterion TEXT NOT NULL,
  baseline_2022 TEXT NOT NULL,
  target_2025 TEXT NOT NULL,
  target_2035 TEXT NOT NULL,
  attribute TEXT NOT NULL,
  type_2025 TEXT NOT NULL,
  op_2025 TEXT NOT NULL,
  value_2025 TEXT NOT NULL,
  type_2035 TEXT NOT NULL,
  op_2035 TEXT NOT NULL,
  value_2035 TEXT NOT NULL,
  baseline_value TEXT NOT NULL,
  rule TEXT NOT NULL,
  line_id BIGINT NOT NULL REFERENCES plan_line (id)
);
CREATE INDEX indicator_line_id ON indicator (line_id);

-- Derived: subtotals kept for speed; `rebuild` makes them again from the facts. --------
CREATE TABLE shift (
  seq BIGINT NOT NULL,
  day INTEGER NOT NULL,
  member BIGINT NOT NULL,
  measure INTEGER NOT NULL,
  fen BIGINT NOT NULL CHECK (fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  n BIGINT NOT NULL,
  PRIMARY KEY (seq, day, member, measure)
) WITHOUT ROWID;
CREATE TABLE cell_month (
  recorded_month INTEGER NOT NULL,
  month INTEGER NOT NULL,
  member BIGINT NOT NULL,
  measure INTEGER NOT NULL,
  fen BIGINT NOT NULL CHECK (fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  n BIGINT NOT NULL,
  PRIMARY KEY (recorded_month, month, member, measure)
) WITHOUT ROWID;
CREATE TABLE cell_day (
  day INTEGER NOT NULL,
  recorded_month INTEGER NOT NULL,
  member BIGINT NOT NULL,
  measure INTEGER NOT NULL,
  fen BIGINT NOT NULL CHECK (fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  n BIGINT NOT NULL,
  PRIMARY KEY (day, recorded_month, member, measure)
) WITHOUT ROWID;
CREATE TABLE now_month (
  month INTEGER NOT NULL,
  member BIGINT NOT NULL,
  measure INTEGER NOT NULL,
  fen BIGINT NOT NULL CHECK (fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  n BIGINT NOT NULL,
  PRIMARY KEY (month, member, measure)
) WITHOUT ROWID;
CREATE TABLE now_day (
  day INTEGER NOT NULL,
  member BIGINT NOT NULL,
  measure INTEGER NOT NULL,
  fen BIGINT NOT NULL CHECK (fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  n BIGINT NOT NULL,
  PRIMARY KEY (day, member, measure)
) WITHOUT ROWID;
CREATE TABLE project_now (
  project_id INTEGER PRIMARY KEY NOT NULL REFERENCES project (id),
  category TEXT NOT NULL,
  department TEXT NOT NULL,
  nature TEXT NOT NULL,
  stage TEXT NOT NULL,
  start_year INTEGER NOT NULL,
  end_year INTEGER NOT NULL,
  name TEXT NOT NULL,
  investment_fen BIGINT NOT NULL,
  investment_n BIGINT NOT NULL,
  plan_fen BIGINT NOT NULL,
  plan_n BIGINT NOT NULL,
  budget_fen BIGINT NOT NULL,
  budget_n BIGINT NOT NULL,
  received_fen BIGINT NOT NULL,
  received_n BIGINT NOT NULL,
  completed_fen BIGINT NOT NULL,
  completed_n BIGINT NOT NULL,
  paid_fen BIGINT NOT NULL,
  paid_n BIGINT NOT NULL
);
CREATE TABLE milestone_now (
  milestone_id INTEGER PRIMARY KEY NOT NULL REFERENCES milestone (id),
  project_id BIGINT NOT NULL REFERENCES project (id),
  planned_on INTEGER,
  forecast_on INTEGER,
  met_on INTEGER
);
CREATE INDEX milestone_now_project_id ON milestone_now (project_id);
-- The version of the rules that made the subtotals; another version asks for `rebuild`.
CREATE TABLE derived (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
);
INSERT INTO derived (one, version) VALUES (1, 1);
-- What `taizhang check` last found: pages of large databases show it.
CREATE TABLE check_run (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  seq BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  took_ms BIGINT NOT NULL,
  report TEXT NOT NULL
);

-- Facts are appended, never edited or deleted. ------------------------------------
CREATE TRIGGER journal_refuse_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, '事实只增不改：journal'); END;
CREATE TRIGGER journal_refuse_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, '事实只增不改：journal'); END;
CREATE TRIGGER document_refuse_update BEFORE UPDATE ON document BEGIN SELECT RAISE(ABORT, '事实只增不改：document'); END;
CREATE TRIGGER document_refuse_delete BEFORE DELETE ON document BEGIN SELECT RAISE(ABORT, '事实只增不改：document'); END;
CREATE TRIGGER plan_line_refuse_update BEFORE UPDATE ON plan_line BEGIN SELECT RAISE(ABORT, '事实只增不改：plan_line'); END;
CREATE TRIGGER plan_line_refuse_delete BEFORE DELETE ON plan_line BEGIN SELECT RAISE(ABORT, '事实只增不改：plan_line'); END;
CREATE TRIGGER assertion_refuse_update BEFORE UPDATE ON assertion BEGIN SELECT RAISE(ABORT, '事实只增不改：assertion'); END;
CREATE TRIGGER assertion_refuse_delete BEFORE DELETE ON assertion BEGIN SELECT RAISE(ABORT, '事实只增不改：assertion'); END;
CREATE TRIGGER finding_refuse_update BEFORE UPDATE ON finding BEGIN SELECT RAISE(ABORT, '事实只增不改：finding'); END;
CREATE TRIGGER finding_refuse_delete BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, '事实只增不改：finding'); END;
CREATE TRIGGER category_refuse_update BEFORE UPDATE ON category BEGIN SELECT RAISE(ABORT, '事实只增不改：category'); END;
CREATE TRIGGER category_refuse_delete BEFORE DELETE ON category BEGIN SELECT RAISE(ABORT, '事实只增不改：category'); END;
CREATE TRIGGER department_refuse_update BEFORE UPDATE ON department BEGIN SELECT RAISE(ABORT, '事实只增不改：department'); END;
CREATE TRIGGER department_refuse_delete BEFORE DELETE ON department BEGIN SELECT RAISE(ABORT, '事实只增不改：department'); END;
CREATE TRIGGER source_refuse_update BEFORE UPDATE ON source BEGIN SELECT RAISE(ABORT, '事实只增不改：source'); END;
CREATE TRIGGER source_refuse_delete BEFORE DELETE ON source BEGIN SELECT RAISE(ABORT, '事实只增不改：source'); END;
CREATE TRIGGER project_refuse_update BEFORE UPDATE ON project BEGIN SELECT RAISE(ABORT, '事实只增不改：project'); END;
CREATE TRIGGER project_refuse_delete BEFORE DELETE ON project BEGIN SELECT RAISE(ABORT, '事实只增不改：project'); END;
CREATE TRIGGER project_fact_refuse_update BEFORE UPDATE ON project_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：project_fact'); END;
CREATE TRIGGER project_fact_refuse_delete BEFORE DELETE ON project_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：project_fact'); END;
CREATE TRIGGER entry_refuse_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, '事实只增不改：entry'); END;
CREATE TRIGGER entry_refuse_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, '事实只增不改：entry'); END;
CREATE TRIGGER milestone_refuse_update BEFORE UPDATE ON milestone BEGIN SELECT RAISE(ABORT, '事实只增不改：milestone'); END;
CREATE TRIGGER milestone_refuse_delete BEFORE DELETE ON milestone BEGIN SELECT RAISE(ABORT, '事实只增不改：milestone'); END;
CREATE TRIGGER milestone_fact_refuse_update BEFORE UPDATE ON milestone_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：milestone_fact'); END;
CREATE TRIGGER milestone_fact_refuse_delete BEFORE DELETE ON milestone_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：milestone_fact'); END;
CREATE TRIGGER withdrawal_refuse_update BEFORE UPDATE ON withdrawal BEGIN SELECT RAISE(ABORT, '事实只增不改：withdrawal'); END;
CREATE TRIGGER withdrawal_refuse_delete BEFORE DELETE ON withdrawal BEGIN SELECT RAISE(ABORT, '事实只增不改：withdrawal'); END;
CREATE TRIGGER indicator_refuse_update BEFORE UPDATE ON indicator BEGIN SELECT RAISE(ABORT, '事实只增不改：indicator'); END;
CREATE TRIGGER indicator_refuse_delete BEFORE DELETE ON indicator BEGIN SELECT RAISE(ABORT, '事实只增不改：indicator'); END;
