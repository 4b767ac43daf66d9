-- 年度计划首末月: between which months of a fiscal year a project's plan runs, and the curve where it is not straight.
CREATE TABLE plan_months (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  year INTEGER NOT NULL,
  first_month INTEGER NOT NULL,
  last_month INTEGER NOT NULL CHECK (last_month >= first_month),
  -- Ten-thousandths due by the end of each month from first to last, separated by commas; empty: straight.
  curve TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  document_id BIGINT NOT NULL REFERENCES document (id),
  reason TEXT NOT NULL
);
CREATE INDEX plan_months_project_id ON plan_months (project_id, year);
CREATE INDEX plan_months_document_id ON plan_months (document_id);
-- 豁免: a start that is late with leave.
CREATE TABLE exemption (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  effective_on INTEGER NOT NULL,
  expires_on INTEGER NOT NULL,
  approver TEXT NOT NULL,
  reason TEXT NOT NULL,
  document_id BIGINT NOT NULL REFERENCES document (id)
);
CREATE INDEX exemption_project_id ON exemption (project_id);
CREATE INDEX exemption_document_id ON exemption (document_id);
-- What a person says of a month's light beside what is computed. Computed lights are stored nowhere.
CREATE TABLE light_judgement (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  month INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('office', 'owner', 'supervisor')),
  light TEXT NOT NULL CHECK (light IN ('red', 'yellow', 'green', 'grey', '')),
  reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id),
  effective_on INTEGER NOT NULL,
  expires_on INTEGER NOT NULL
);
CREATE INDEX light_judgement_project_id ON light_judgement (project_id, month);
CREATE INDEX light_judgement_month ON light_judgement (month);
CREATE INDEX light_judgement_document_id ON light_judgement (document_id) WHERE document_id IS NOT NULL;
-- Whether and from when lights shine is asked of every project at once.
CREATE INDEX project_fact_reporting_from ON project_fact (project_id) WHERE attribute = 'reporting_from';
CREATE TRIGGER plan_months_refuse_update BEFORE UPDATE ON plan_months FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_months_refuse_delete BEFORE DELETE ON plan_months FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_months_refuse_truncate BEFORE TRUNCATE ON plan_months FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exemption_refuse_update BEFORE UPDATE ON exemption FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exemption_refuse_delete BEFORE DELETE ON exemption FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exemption_refuse_truncate BEFORE TRUNCATE ON exemption FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER light_judgement_refuse_update BEFORE UPDATE ON light_judgement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER light_judgement_refuse_delete BEFORE DELETE ON light_judgement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER light_judgement_refuse_truncate BEFORE TRUNCATE ON light_judgement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
