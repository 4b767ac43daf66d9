CREATE TABLE close_again (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reports', 'finance')),
  month INTEGER NOT NULL,
  department TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('locked', 'reopened')),
  reason TEXT NOT NULL
);
INSERT INTO close_again SELECT id, seq, kind, month, department, state, reason FROM close;
DROP TABLE close;
ALTER TABLE close_again RENAME TO close;
CREATE INDEX close_kind ON close (kind, month);
CREATE TRIGGER close_refuse_update BEFORE UPDATE ON close BEGIN SELECT RAISE(ABORT, '事实只增不改：close'); END;
CREATE TRIGGER close_refuse_delete BEFORE DELETE ON close BEGIN SELECT RAISE(ABORT, '事实只增不改：close'); END;
