-- Devices the library knows: its own equipment and PCs, and barred ones. One entry a MAC.
-- Personal data (a staff phone, a barred device): deleted by `cong device forget`, or 7 days after until_at.
CREATE TABLE devices (
  mac      TEXT PRIMARY KEY,
  standing TEXT NOT NULL CHECK (standing IN ('exempt', 'barred', 'kiosk')),
  name     TEXT NOT NULL DEFAULT '',
  profile  TEXT,                            -- NULL: the site's own for patrons
  author   TEXT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  since_at INTEGER NOT NULL,
  until_at INTEGER                          -- ends by itself then; NULL: stands
) WITHOUT ROWID;

-- Requests to the staff to be let in. Personal data: client_id goes to NULL 7 days after asked_at; what the desk
-- answered, and who, stays 90 days.
CREATE TABLE approvals (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  code          TEXT NOT NULL,
  client_id     INTEGER REFERENCES clients (id),
  terms_version TEXT NOT NULL REFERENCES terms (version),
  asked_at      INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused', 'expired')),
  answered_at   INTEGER,
  answered_by   TEXT,
  session_s     INTEGER,                    -- how long the desk allows; NULL: as the profile has it
  profile       TEXT,
  after_session INTEGER,                    -- the last session's number at the answer: a later one of this client used it
  CHECK ((state IN ('approved', 'refused')) = (answered_at IS NOT NULL AND answered_by IS NOT NULL))
);
CREATE UNIQUE INDEX one_open_approval_a_code ON approvals (code) WHERE state = 'open';
CREATE UNIQUE INDEX one_open_approval_a_client ON approvals (client_id) WHERE state = 'open';
CREATE INDEX approvals_by_time ON approvals (asked_at);

-- A session that goes on on another MAC. Numbers, not references: the session before is deleted first.
ALTER TABLE sessions ADD COLUMN resumed_from INTEGER;
ALTER TABLE sessions ADD COLUMN counted_as INTEGER;    -- the client it is counted as; NULL: its own
CREATE UNIQUE INDEX one_session_continues_another ON sessions (resumed_from) WHERE resumed_from IS NOT NULL;
-- A device that proved by a token to be one that was here under another MAC: counted as that. Deleted with its MAC.
CREATE TABLE same_clients (
  client_id INTEGER PRIMARY KEY REFERENCES clients (id),
  same_as   INTEGER NOT NULL
);
