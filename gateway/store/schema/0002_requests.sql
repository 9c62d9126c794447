-- Rules get a scope and an end; what patrons ask to be opened is kept for the desk.

ALTER TABLE rules ADD COLUMN profile TEXT;      -- NULL: every profile
ALTER TABLE rules ADD COLUMN until_at INTEGER;  -- ends by itself then; NULL: stands until it is taken back
DROP INDEX rules_by_name;
CREATE INDEX rules_by_scope ON rules (name, profile, id);

-- Requests to unblock a name: no client and no person stands here. Deleted 30 days after last_asked_at.
CREATE TABLE unblock_requests (
  code          TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  profile       TEXT NOT NULL,
  category      TEXT NOT NULL,
  count         INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
  asked_at      INTEGER NOT NULL,
  last_asked_at INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'refused')),
  answered_at   INTEGER,
  answered_by   TEXT,
  CHECK ((state = 'open') = (answered_at IS NULL AND answered_by IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_request_a_name ON unblock_requests (name, profile) WHERE state = 'open';
CREATE INDEX requests_by_time ON unblock_requests (last_asked_at);
