-- A setting is a fact: dated, with its reason, and the last one before a day holds on it.
CREATE TABLE setting (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX setting_name ON setting (name, effective_on);

-- 发布: what the public sees is frozen at a day and a row of the journal. The plan's own loading
-- is the first publication and has no row here.
CREATE TABLE publication (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  month INTEGER,
  as_of INTEGER NOT NULL,
  known_seq BIGINT NOT NULL REFERENCES journal (seq),
  head_hash TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX publication_known_seq ON publication (known_seq);

-- 认领 / 异议: what a department says of a project that is thought to be its own.
CREATE TABLE claim (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  department TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('accept', 'object')),
  suggested TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX claim_project_id ON claim (project_id, department);

-- 双人复核: what one person asks for and another answers.
CREATE TABLE request (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  payload TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  effect TEXT NOT NULL,
  reason TEXT NOT NULL,
  expires_on INTEGER NOT NULL
);
CREATE TABLE request_answer (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  request_id BIGINT NOT NULL UNIQUE REFERENCES request (id),
  answer TEXT NOT NULL CHECK (answer IN ('approved', 'refused', 'cancelled')),
  reason TEXT NOT NULL
);

-- The journal is read newest first by who, what and to what.
CREATE INDEX journal_actor ON journal (actor, seq);
CREATE INDEX journal_action ON journal (action, seq);
CREATE INDEX journal_subject ON journal (subject, seq);
-- The facts of one journal row, for its page.
CREATE INDEX project_fact_seq ON project_fact (seq);

-- Facts are appended, never edited or deleted.
CREATE TRIGGER setting_refuse_update BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, '事实只增不改：setting'); END;
CREATE TRIGGER setting_refuse_delete BEFORE DELETE ON setting BEGIN SELECT RAISE(ABORT, '事实只增不改：setting'); END;
CREATE TRIGGER publication_refuse_update BEFORE UPDATE ON publication BEGIN SELECT RAISE(ABORT, '事实只增不改：publication'); END;
CREATE TRIGGER publication_refuse_delete BEFORE DELETE ON publication BEGIN SELECT RAISE(ABORT, '事实只增不改：publication'); END;
CREATE TRIGGER claim_refuse_update BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, '事实只增不改：claim'); END;
CREATE TRIGGER claim_refuse_delete BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, '事实只增不改：claim'); END;
CREATE TRIGGER request_refuse_update BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, '事实只增不改：request'); END;
CREATE TRIGGER request_refuse_delete BEFORE DELETE ON request BEGIN SELECT RAISE(ABORT, '事实只增不改：request'); END;
CREATE TRIGGER request_answer_refuse_update BEFORE UPDATE ON request_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：request_answer'); END;
CREATE TRIGGER request_answer_refuse_delete BEFORE DELETE ON request_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：request_answer'); END;
