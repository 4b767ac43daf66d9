-- 月报锁定: a month that nothing may be dated in any more. 财政结账 (finance) uses the same table.
-- `department` is empty for a lock of everyone; the last row of a kind, month and department holds.
CREATE TABLE close (
  id INTEGER PRIMARY KEY NOT NULL,
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
  id INTEGER PRIMARY KEY NOT NULL,
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
  department TEXT PRIMARY KEY NOT NULL,
  address TEXT NOT NULL
);
CREATE TRIGGER close_refuse_update BEFORE UPDATE ON close BEGIN SELECT RAISE(ABORT, '事实只增不改：close'); END;
CREATE TRIGGER close_refuse_delete BEFORE DELETE ON close BEGIN SELECT RAISE(ABORT, '事实只增不改：close'); END;
CREATE TRIGGER chase_refuse_update BEFORE UPDATE ON chase BEGIN SELECT RAISE(ABORT, '事实只增不改：chase'); END;
CREATE TRIGGER chase_refuse_delete BEFORE DELETE ON chase BEGIN SELECT RAISE(ABORT, '事实只增不改：chase'); END;
