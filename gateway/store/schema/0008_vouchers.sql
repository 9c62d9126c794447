-- Vouchers. No code stands here: codes come of a batch's seed and a key that is kept in a file beside the database.

-- Deleted with its vouchers 90 days after valid_until. `label` is the staff's own word and names no patron.
CREATE TABLE voucher_batches (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  made_at     INTEGER NOT NULL,
  author      TEXT NOT NULL,
  label       TEXT NOT NULL,
  profile     TEXT NOT NULL,
  count       INTEGER NOT NULL CHECK (count > 0),
  seed        TEXT NOT NULL UNIQUE,
  valid_from  INTEGER,                    -- NULL: from the first
  valid_until INTEGER NOT NULL,
  lasts_s     INTEGER,                    -- ends this long after its first use too; NULL: does not
  time_s      INTEGER,                    -- over its whole life, as bytes; NULL: no cap but the profile's
  total_bytes INTEGER,
  up_kbit_s   INTEGER,
  down_kbit_s INTEGER,
  devices     INTEGER NOT NULL CHECK (devices > 0),  -- at a time
  once        INTEGER NOT NULL CHECK (once IN (0, 1))
);
CREATE INDEX batches_by_end ON voucher_batches (valid_until);

-- Personal data: who holds a slip can be tied to its sessions; those go after 90 days, their sums move into past_…
CREATE TABLE vouchers (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id      INTEGER NOT NULL REFERENCES voucher_batches (id) ON DELETE CASCADE,
  number        INTEGER NOT NULL,
  tag           TEXT NOT NULL UNIQUE,     -- keyed hash of the code
  first_used_at INTEGER,
  revoked_at    INTEGER,
  revoked_by    TEXT,
  past_s        INTEGER NOT NULL DEFAULT 0,
  past_bytes    INTEGER NOT NULL DEFAULT 0,
  past_sessions INTEGER NOT NULL DEFAULT 0,
  UNIQUE (batch_id, number),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

ALTER TABLE sessions ADD COLUMN voucher_id INTEGER REFERENCES vouchers (id);
CREATE INDEX sessions_by_voucher ON sessions (voucher_id) WHERE voucher_id IS NOT NULL;
