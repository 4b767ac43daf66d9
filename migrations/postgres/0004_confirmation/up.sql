-- A setting is a fact: dated, with its reason, and the last one before a day holds on it.
CREATE TABLE setting (
  id BIGINT PRIMARY KEY NOT NULL,
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
  id BIGINT PRIMARY KEY NOT NULL,
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
  id BIGINT PRIMARY KEY NOT NULL,
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
  id BIGINT PRIMARY KEY NOT NULL,
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
  id BIGINT PRIMARY KEY NOT NULL,
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
CREATE TRIGGER setting_refuse_update BEFORE UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER setting_refuse_delete BEFORE DELETE ON setting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER setting_refuse_truncate BEFORE TRUNCATE ON setting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publication_refuse_update BEFORE UPDATE ON publication FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publication_refuse_delete BEFORE DELETE ON publication FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER publication_refuse_truncate BEFORE TRUNCATE ON publication FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_refuse_update BEFORE UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_refuse_delete BEFORE DELETE ON claim FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_refuse_truncate BEFORE TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_refuse_update BEFORE UPDATE ON request FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_refuse_delete BEFORE DELETE ON request FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_refuse_truncate BEFORE TRUNCATE ON request FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_answer_refuse_update BEFORE UPDATE ON request_answer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_answer_refuse_delete BEFORE DELETE ON request_answer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_answer_refuse_truncate BEFORE TRUNCATE ON request_answer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
