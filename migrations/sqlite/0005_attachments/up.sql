-- Files attached to documents, and forms sent twice. --------------------------------
-- The bytes stand apart from the fact: content-addressed, each content once.
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY NOT NULL,
  bytes BLOB NOT NULL
);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  document_id BIGINT NOT NULL REFERENCES document (id),
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES blob (sha256)
);
CREATE UNIQUE INDEX attachment_document_id ON attachment (document_id, sha256);
CREATE INDEX attachment_sha256 ON attachment (sha256);
-- What was answered to a form or request with a key, kept 30 days.
CREATE TABLE submission (
  actor TEXT NOT NULL,
  route TEXT NOT NULL,
  submission_key TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  answer TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (actor, route, submission_key)
);
CREATE INDEX submission_at ON submission (at_us);

CREATE TRIGGER attachment_refuse_update BEFORE UPDATE ON attachment BEGIN SELECT RAISE(ABORT, '事实只增不改：attachment'); END;
CREATE TRIGGER attachment_refuse_delete BEFORE DELETE ON attachment BEGIN SELECT RAISE(ABORT, '事实只增不改：attachment'); END;
CREATE TRIGGER blob_refuse_update BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, '事实只增不改：blob'); END;
CREATE TRIGGER blob_refuse_delete BEFORE DELETE ON blob BEGIN SELECT RAISE(ABORT, '事实只增不改：blob'); END;
