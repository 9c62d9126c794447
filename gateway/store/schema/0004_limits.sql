-- Sessions get caps in bytes and rates; NULL: none. `person` has been there from the first.

ALTER TABLE sessions ADD COLUMN limit_bytes INTEGER;
ALTER TABLE sessions ADD COLUMN up_kbit_s INTEGER;
ALTER TABLE sessions ADD COLUMN down_kbit_s INTEGER;
