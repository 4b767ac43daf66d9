-- What public sources say of a project and what is counted nowhere: leads still to be verified
-- (线索·待核实) and statements of plans (计划表述).
CREATE TABLE clue (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  milestone_code TEXT NOT NULL,
  milestone_name TEXT NOT NULL,
  claim TEXT NOT NULL CHECK (claim IN ('actual', 'planned')),
  happens_on INTEGER NOT NULL,
  precision TEXT NOT NULL,
  text TEXT NOT NULL,
  source_code TEXT NOT NULL,
  source_title TEXT NOT NULL,
  publisher TEXT NOT NULL,
  published_on INTEGER,
  published_precision TEXT NOT NULL,
  source_url TEXT NOT NULL,
  source_quality TEXT NOT NULL CHECK (source_quality IN ('official', 'media', 'reprint')),
  note TEXT NOT NULL
);
CREATE INDEX clue_project_id ON clue (project_id);
-- What became of one: a milestone fact that cites it, or 不采信 with a reason.
CREATE TABLE clue_answer (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  clue_id BIGINT NOT NULL REFERENCES clue (id),
  milestone_fact_id BIGINT REFERENCES milestone_fact (id),
  reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id)
);
CREATE INDEX clue_answer_clue_id ON clue_answer (clue_id);
CREATE INDEX clue_answer_milestone_fact_id ON clue_answer (milestone_fact_id) WHERE milestone_fact_id IS NOT NULL;
CREATE INDEX clue_answer_document_id ON clue_answer (document_id) WHERE document_id IS NOT NULL;
CREATE TRIGGER clue_refuse_update BEFORE UPDATE ON clue FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER clue_refuse_delete BEFORE DELETE ON clue FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER clue_refuse_truncate BEFORE TRUNCATE ON clue FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER clue_answer_refuse_update BEFORE UPDATE ON clue_answer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER clue_answer_refuse_delete BEFORE DELETE ON clue_answer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER clue_answer_refuse_truncate BEFORE TRUNCATE ON clue_answer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
