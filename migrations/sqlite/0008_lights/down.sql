DROP INDEX project_fact_reporting_from;
DROP TABLE light_judgement;
DROP TABLE exemption;
DROP TABLE plan_months;
