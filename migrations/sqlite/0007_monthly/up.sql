-- 月报: each submission is a version kept for good. Money is the unit's own account until approved.
CREATE TABLE report_version (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  month INTEGER NOT NULL,
  number INTEGER NOT NULL,
  department TEXT NOT NULL,
  submitted_on INTEGER NOT NULL,
  skips_review INTEGER NOT NULL CHECK (skips_review IN (0, 1)),
  by_office INTEGER NOT NULL CHECK (by_office IN (0, 1)),
  is_nothing INTEGER NOT NULL CHECK (is_nothing IN (0, 1)),
  base_fen BIGINT NOT NULL,
  completed_fen BIGINT NOT NULL,
  reduction_reason TEXT NOT NULL,
  correction_fen BIGINT NOT NULL,
  correction_reason TEXT NOT NULL,
  progress TEXT NOT NULL,
  percent INTEGER CHECK (percent BETWEEN 0 AND 100),
  next_work TEXT NOT NULL,
  forecast_fen BIGINT,
  proposal_fen BIGINT,
  judgement TEXT NOT NULL CHECK (judgement IN ('', 'green', 'yellow', 'red')),
  judgement_reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id),
  UNIQUE (project_id, month, number)
);
CREATE INDEX report_version_month ON report_version (month, project_id);
CREATE INDEX report_version_document_id ON report_version (document_id) WHERE document_id IS NOT NULL;

-- 到位 and 支付 as the unit says them, this year so far, by source: never entries.
CREATE TABLE report_line (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  version_id BIGINT NOT NULL REFERENCES report_version (id),
  measure INTEGER NOT NULL CHECK (measure IN (4, 6)),
  source_id BIGINT REFERENCES source (id),
  amount_fen BIGINT NOT NULL
);
CREATE INDEX report_line_version_id ON report_line (version_id);
CREATE INDEX report_line_source_id ON report_line (source_id) WHERE source_id IS NOT NULL;

-- 问题: what is in the way, who could help, by when.
CREATE TABLE report_problem (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  version_id BIGINT NOT NULL REFERENCES report_version (id),
  text TEXT NOT NULL,
  counterpart TEXT NOT NULL,
  due_on INTEGER
);
CREATE INDEX report_problem_version_id ON report_problem (version_id);

-- 办结: a problem that is no longer one.
CREATE TABLE problem_answer (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  problem_id BIGINT NOT NULL UNIQUE REFERENCES report_problem (id),
  note TEXT NOT NULL
);

-- What became of a version: opened, withdrawn, passed, returned, approved.
CREATE TABLE report_step (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  month INTEGER NOT NULL,
  version_id BIGINT NOT NULL REFERENCES report_version (id),
  step TEXT NOT NULL CHECK (step IN ('open', 'withdraw', 'pass', 'return', 'approve')),
  stage TEXT NOT NULL CHECK (stage IN ('department', 'office')),
  taken_on INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX report_step_month ON report_step (month, project_id);
CREATE INDEX report_step_project_id ON report_step (project_id);
CREATE INDEX report_step_version_id ON report_step (version_id);

-- 计划建议数 answered by the planner: accepted with an entry of the plan, or declined.
CREATE TABLE proposal_answer (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  version_id BIGINT NOT NULL UNIQUE REFERENCES report_version (id),
  entry_id BIGINT REFERENCES entry (id),
  reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id)
);
CREATE INDEX proposal_answer_entry_id ON proposal_answer (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX proposal_answer_document_id ON proposal_answer (document_id) WHERE document_id IS NOT NULL;

-- 免内审: a department whose reports go to the office without a review of its own, from a day on.
CREATE TABLE review_waiver (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  department TEXT NOT NULL,
  is_waived INTEGER NOT NULL CHECK (is_waived IN (0, 1)),
  effective_on INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX review_waiver_department ON review_waiver (department, effective_on);

-- Drafts are operational: a department's for a project and month, not a person's. The version tells
-- two people who edit one report apart.
CREATE TABLE report_draft (
  project_id BIGINT NOT NULL REFERENCES project (id),
  month INTEGER NOT NULL,
  department TEXT NOT NULL,
  version BIGINT NOT NULL,
  content TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (project_id, month, department)
) WITHOUT ROWID;

CREATE TRIGGER report_version_refuse_update BEFORE UPDATE ON report_version BEGIN SELECT RAISE(ABORT, '事实只增不改：report_version'); END;
CREATE TRIGGER report_version_refuse_delete BEFORE DELETE ON report_version BEGIN SELECT RAISE(ABORT, '事实只增不改：report_version'); END;
CREATE TRIGGER report_line_refuse_update BEFORE UPDATE ON report_line BEGIN SELECT RAISE(ABORT, '事实只增不改：report_line'); END;
CREATE TRIGGER report_line_refuse_delete BEFORE DELETE ON report_line BEGIN SELECT RAISE(ABORT, '事实只增不改：report_line'); END;
CREATE TRIGGER report_problem_refuse_update BEFORE UPDATE ON report_problem BEGIN SELECT RAISE(ABORT, '事实只增不改：report_problem'); END;
CREATE TRIGGER report_problem_refuse_delete BEFORE DELETE ON report_problem BEGIN SELECT RAISE(ABORT, '事实只增不改：report_problem'); END;
CREATE TRIGGER problem_answer_refuse_update BEFORE UPDATE ON problem_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：problem_answer'); END;
CREATE TRIGGER problem_answer_refuse_delete BEFORE DELETE ON problem_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：problem_answer'); END;
CREATE TRIGGER report_step_refuse_update BEFORE UPDATE ON report_step BEGIN SELECT RAISE(ABORT, '事实只增不改：report_step'); END;
CREATE TRIGGER report_step_refuse_delete BEFORE DELETE ON report_step BEGIN SELECT RAISE(ABORT, '事实只增不改：report_step'); END;
CREATE TRIGGER proposal_answer_refuse_update BEFORE UPDATE ON proposal_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：proposal_answer'); END;
CREATE TRIGGER proposal_answer_refuse_delete BEFORE DELETE ON proposal_answer BEGIN SELECT RAISE(ABORT, '事实只增不改：proposal_answer'); END;
CREATE TRIGGER review_waiver_refuse_update BEFORE UPDATE ON review_waiver BEGIN SELECT RAISE(ABORT, '事实只增不改：review_waiver'); END;
CREATE TRIGGER review_waiver_refuse_delete BEFORE DELETE ON review_waiver BEGIN SELECT RAISE(ABORT, '事实只增不改：review_waiver'); END;
