-- Accounts and what is said of them: facts, by id only. Conventions as in 0001.
CREATE TABLE account (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  created_on INTEGER NOT NULL
);
CREATE TABLE account_fact (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  attribute TEXT NOT NULL,
  value TEXT NOT NULL,
  effective_on INTEGER NOT NULL,
  reason TEXT NOT NULL,
  document_id BIGINT REFERENCES document (id)
);
CREATE INDEX account_fact_account_id ON account_fact (account_id, attribute);
CREATE INDEX account_fact_document_id ON account_fact (document_id) WHERE document_id IS NOT NULL;
-- 临时授权: a role for someone's leave; ended early by a withdrawal.
CREATE TABLE delegation (
  id INTEGER PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  departments TEXT NOT NULL,
  from_on INTEGER NOT NULL,
  until_on INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX delegation_account_id ON delegation (account_id);

-- Who an account is: erasable, never in the journal. `epoch` moves on when rights change.
CREATE TABLE person (
  account_id INTEGER PRIMARY KEY NOT NULL REFERENCES account (id),
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  epoch BIGINT NOT NULL
);

-- Signing in: operational. Secrets stand here as hashes, but for the TOTP secret, which must be used.
CREATE TABLE credential (
  account_id INTEGER PRIMARY KEY NOT NULL REFERENCES account (id),
  password_hash TEXT NOT NULL,
  is_one_time INTEGER NOT NULL,
  changed_at_us BIGINT NOT NULL,
  totp_secret TEXT,
  totp_pending TEXT,
  totp_last_step BIGINT NOT NULL
);
CREATE TABLE recovery_code (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id)
);
CREATE INDEX recovery_code_account_id ON recovery_code (account_id);
CREATE TABLE session (
  id_hash TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  awaits_code INTEGER NOT NULL,
  epoch BIGINT NOT NULL,
  created_at_us BIGINT NOT NULL,
  seen_at_us BIGINT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX session_account_id ON session (account_id);
CREATE TABLE api_token (
  id INTEGER PRIMARY KEY NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at_us BIGINT NOT NULL,
  expires_at_us BIGINT NOT NULL,
  used_at_us BIGINT,
  revoked_at_us BIGINT
);
CREATE INDEX api_token_account_id ON api_token (account_id);
CREATE TABLE throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL
);
-- The access and security log: a chain of its own. Rows grow old and go; `security_log` keeps
-- the hash before the first that is left, and the last.
CREATE TABLE security_event (
  seq INTEGER PRIMARY KEY NOT NULL,
  at_us BIGINT NOT NULL,
  kind TEXT NOT NULL,
  account_id BIGINT REFERENCES account (id),
  address TEXT NOT NULL,
  detail TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX security_event_account_id ON security_event (account_id, kind);
CREATE TABLE security_log (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  dropped_seq BIGINT NOT NULL,
  dropped_at_us BIGINT NOT NULL,
  dropped_hash TEXT NOT NULL,
  last_seq BIGINT NOT NULL,
  last_at_us BIGINT NOT NULL,
  last_hash TEXT NOT NULL
);
INSERT INTO security_log (one, dropped_seq, dropped_at_us, dropped_hash, last_seq, last_at_us, last_hash)
VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER account_refuse_update BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, '事实只增不改：account'); END;
CREATE TRIGGER account_refuse_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, '事实只增不改：account'); END;
CREATE TRIGGER account_fact_refuse_update BEFORE UPDATE ON account_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：account_fact'); END;
CREATE TRIGGER account_fact_refuse_delete BEFORE DELETE ON account_fact BEGIN SELECT RAISE(ABORT, '事实只增不改：account_fact'); END;
CREATE TRIGGER delegation_refuse_update BEFORE UPDATE ON delegation BEGIN SELECT RAISE(ABORT, '事实只增不改：delegation'); END;
CREATE TRIGGER delegation_refuse_delete BEFORE DELETE ON delegation BEGIN SELECT RAISE(ABORT, '事实只增不改：delegation'); END;
