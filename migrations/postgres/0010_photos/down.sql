DROP TABLE report_photo;
