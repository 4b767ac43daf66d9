-- 预结: the state between open and 结账 of 财政结账.
ALTER TABLE close DROP CONSTRAINT close_state_check;
ALTER TABLE close ADD CONSTRAINT close_state_check CHECK (state IN ('preclosed', 'locked', 'reopened'));
