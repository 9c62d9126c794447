-- Accounts the library keeps itself.
-- Personal data (name, kind, note, the hash of the password): deleted by `cong account remove`, at the latest 90 days
-- after valid_until, which is at most three years ahead when it is set.
CREATE TABLE local_accounts (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  name_key    TEXT NOT NULL UNIQUE,         -- as it is compared: NFC, without case
  kind        TEXT NOT NULL DEFAULT '',     -- staff's own word
  profile     TEXT NOT NULL,
  password    TEXT NOT NULL,                -- scrypt$n$r$p$salt$hash (RFC 7914)
  state       TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  made_at     INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  note        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX local_accounts_by_end ON local_accounts (valid_until);

-- Who did what to which account. A number, no name and no reference: the row outlives the account. Deleted 90 days
-- after at.
CREATE TABLE local_account_trail (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  author     TEXT NOT NULL,
  deed       TEXT NOT NULL CHECK (deed IN ('added', 'imported', 'password', 'disabled', 'enabled', 'removed')),
  account_id INTEGER NOT NULL
);
CREATE INDEX local_account_trail_by_time ON local_account_trail (at);
