DROP TABLE submission;
DROP TABLE attachment;
DROP TABLE blob;
