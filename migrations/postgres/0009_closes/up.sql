-- 月报锁定: a month that nothing may be dated in any more. 财政结账 (finance) uses the same table.
-- `department` is empty for a lock of everyone; the last row of a kind, month and department holds.
CREATE TABLE close (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reports', 'finance')),
  month INTEGER NOT NULL,
  department TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('locked', 'reopened')),
  reason TEXT NOT NULL
);
CREATE INDEX close_kind ON close (kind, month);
-- 催报: who was reminded of which month's reports, how, and in which words.
CREATE TABLE chase (
  id BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  month INTEGER NOT NULL,
  department TEXT NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('message', 'mail')),
  missing INTEGER NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX chase_month ON chase (month, department);
-- Where a department's reminders are mailed: no fact, for an address can be a person's and is erasable.
CREATE TABLE mailbox (
  department TEXT NOT NULL PRIMARY KEY,
  address TEXT NOT NULL
);
CREATE TRIGGER close_refuse_update BEFORE UPDATE ON close FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER close_refuse_delete BEFORE DELETE ON close FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER close_refuse_truncate BEFORE TRUNCATE ON close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chase_refuse_update BEFORE UPDATE ON chase FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chase_refuse_delete BEFORE DELETE ON chase FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chase_refuse_truncate BEFORE TRUNCATE ON chase FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
