ALTER TABLE close DROP CONSTRAINT close_state_check;
ALTER TABLE close ADD CONSTRAINT close_state_check CHECK (state IN ('locked', 'reopened'));
