ALTER TABLE project_now DROP COLUMN supports_status;
ALTER TABLE project_now DROP COLUMN nature_status;
ALTER TABLE project_now DROP COLUMN department_status;
ALTER TABLE project_now DROP COLUMN category_status;
ALTER TABLE project_now DROP COLUMN supports;
ALTER TABLE project_now DROP COLUMN latest_on;
DROP TABLE year_now;
UPDATE derived SET version = 1;
