-- 现场照片 of a project and month. The picture is an attachment of the month's own document of photos.
CREATE TABLE report_photo (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  project_id BIGINT NOT NULL REFERENCES project (id),
  month INTEGER NOT NULL,
  document_id BIGINT NOT NULL REFERENCES document (id),
  attachment_id BIGINT NOT NULL UNIQUE REFERENCES attachment (id),
  caption TEXT NOT NULL,
  added_on INTEGER NOT NULL
);
CREATE INDEX report_photo_project_id ON report_photo (project_id, month);
CREATE INDEX report_photo_document_id ON report_photo (document_id);
CREATE TRIGGER report_photo_refuse_update BEFORE UPDATE ON report_photo BEGIN SELECT RAISE(ABORT, '事实只增不改：report_photo'); END;
CREATE TRIGGER report_photo_refuse_delete BEFORE DELETE ON report_photo BEGIN SELECT RAISE(ABORT, '事实只增不改：report_photo'); END;
