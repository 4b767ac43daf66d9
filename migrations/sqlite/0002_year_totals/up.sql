-- Derived: each project's entries by fiscal year and source, all dates, known now. 0 stands for 未分年 and
-- for 未落实. The year leads the key: a page asks for one year of many projects.
CREATE TABLE year_now (
  year INTEGER NOT NULL,
  project_id BIGINT NOT NULL,
  source_id BIGINT NOT NULL,
  investment_fen BIGINT NOT NULL CHECK (investment_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  investment_n BIGINT NOT NULL,
  plan_fen BIGINT NOT NULL CHECK (plan_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  plan_n BIGINT NOT NULL,
  budget_fen BIGINT NOT NULL CHECK (budget_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  budget_n BIGINT NOT NULL,
  received_fen BIGINT NOT NULL CHECK (received_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  received_n BIGINT NOT NULL,
  completed_fen BIGINT NOT NULL CHECK (completed_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  completed_n BIGINT NOT NULL,
  paid_fen BIGINT NOT NULL CHECK (paid_fen BETWEEN -9000000000000000000 AND 9000000000000000000),
  paid_n BIGINT NOT NULL,
  PRIMARY KEY (year, project_id, source_id)
) WITHOUT ROWID;

-- What lists of projects count, filter and show of each project without reading its facts.
-- The last day of received, completed or paid money; 0 when there is none.
ALTER TABLE project_now ADD COLUMN latest_on INTEGER NOT NULL DEFAULT 0;
ALTER TABLE project_now ADD COLUMN supports TEXT NOT NULL DEFAULT '';
-- stated, inferred, confirmed; empty when nothing is said.
ALTER TABLE project_now ADD COLUMN category_status TEXT NOT NULL DEFAULT '';
ALTER TABLE project_now ADD COLUMN department_status TEXT NOT NULL DEFAULT '';
ALTER TABLE project_now ADD COLUMN nature_status TEXT NOT NULL DEFAULT '';
ALTER TABLE project_now ADD COLUMN supports_status TEXT NOT NULL DEFAULT '';

-- Where nothing is kept yet there is nothing to make again; elsewhere `rebuild` is asked for.
UPDATE derived SET version = 2 WHERE NOT EXISTS (SELECT 1 FROM project);
