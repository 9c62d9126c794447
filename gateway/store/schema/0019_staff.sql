-- Staff at the desk. A disabled user is deleted 90 days after; a browser when it signs out or is idle.
CREATE TABLE staff_users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  shown TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  must_change INTEGER NOT NULL DEFAULT 0,
  totp BLOB,
  totp_step INTEGER NOT NULL DEFAULT 0,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  seen_at INTEGER,
  disabled_at INTEGER
);
CREATE TABLE staff_recovery (
  user_id INTEGER NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  hashed TEXT NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (user_id, hashed)
) WITHOUT ROWID;
CREATE TABLE staff_browsers (
  key TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES staff_users (id) ON DELETE CASCADE,
  opened_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  proved_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  flash TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX staff_browsers_user ON staff_browsers (user_id);
CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  hashed TEXT NOT NULL UNIQUE,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  until_at INTEGER,
  seen_at INTEGER,
  revoked_at INTEGER
);

-- Who did what: first the row that it was asked for, then what came of it. Rows are added; the night deletes after 3 years.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  via TEXT NOT NULL,
  address TEXT NOT NULL,
  act TEXT NOT NULL,
  asked TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE TABLE audit_outcomes (
  audit_id INTEGER PRIMARY KEY REFERENCES audit (id) ON DELETE CASCADE,
  came_of TEXT NOT NULL CHECK (came_of IN ('done', 'refused', 'failed')),
  subject TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  says TEXT NOT NULL
);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_outcomes_stay BEFORE UPDATE ON audit_outcomes
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
