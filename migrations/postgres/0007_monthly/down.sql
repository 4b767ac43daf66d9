DROP TABLE report_draft;
DROP TABLE review_waiver;
DROP TABLE proposal_answer;
DROP TABLE report_step;
DROP TABLE problem_answer;
DROP TABLE report_problem;
DROP TABLE report_line;
DROP TABLE report_version;
