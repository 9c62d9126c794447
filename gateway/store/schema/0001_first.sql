-- Instants are integer UTC seconds (…_at); days are the site's calendar days (…_on, YYYY-MM-DD).
-- Each table with personal data names its deletion term.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Personal data: the MAC goes to NULL 7 days after last_seen_at; the row stays as an anonymous number.
CREATE TABLE clients (
  id           INTEGER PRIMARY KEY,       -- random, so that it tells no order of arrival
  mac          TEXT UNIQUE,
  staff_since  INTEGER,                   -- sessions that start later are not counted
  last_seen_at INTEGER NOT NULL
);

-- The texts patrons accepted. The version is the first 12 hex digits of the text's SHA-256.
CREATE TABLE terms (
  version       TEXT PRIMARY KEY,
  language      TEXT NOT NULL,
  body          TEXT NOT NULL,
  first_used_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Personal data: deleted 90 days after stopped_at (usage and consents with it); day and hour sums stay.
CREATE TABLE sessions (
  id             INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id < 4294967296),  -- the conntrack mark: never re-used
  client_id      INTEGER NOT NULL REFERENCES clients (id),
  kind           TEXT NOT NULL CHECK (kind IN ('wifi', 'kiosk')),
  person         TEXT,                    -- keyed pseudonym of a login; NULL for click-through
  method         TEXT NOT NULL,
  profile        TEXT NOT NULL,
  counted        INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)),
  session_s      INTEGER NOT NULL,
  idle_s         INTEGER NOT NULL,
  opened_at      INTEGER NOT NULL,
  boot_id        TEXT NOT NULL,
  opened_boot_s  REAL NOT NULL,
  active_boot_s  REAL NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('open', 'closing', 'closed')),
  cause          TEXT,
  stopped_at     INTEGER,
  -- the last kernel reading that is in the ledger, and the ledger's own sum
  epoch          TEXT NOT NULL DEFAULT '',  -- boot and table the counters belong to
  read_boot_s      REAL NOT NULL DEFAULT 0,    -- when it was taken; an older one arriving late is not booked
  base_up_bytes    INTEGER NOT NULL DEFAULT 0,
  base_down_bytes  INTEGER NOT NULL DEFAULT 0,
  total_up_bytes   INTEGER NOT NULL DEFAULT 0,
  total_down_bytes INTEGER NOT NULL DEFAULT 0,
  readings       INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'closed') = (stopped_at IS NOT NULL AND cause IS NOT NULL) OR state = 'closing')
);
CREATE UNIQUE INDEX one_live_session_a_client ON sessions (client_id) WHERE state <> 'closed';
CREATE INDEX sessions_by_start ON sessions (opened_at);
CREATE INDEX sessions_by_stop ON sessions (stopped_at);

CREATE TABLE consents (
  session_id    INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  terms_version TEXT NOT NULL REFERENCES terms (version),
  accepted_at   INTEGER NOT NULL
);

-- The ledger: append-only. What moved between two readings of one session; it belongs to the hour of at - 1 s.
-- Time first in the key: the other order wrote twelve times more to flash.
CREATE TABLE usage (
  at         INTEGER NOT NULL,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  reading    INTEGER NOT NULL,            -- number of the reading within its session, from 1
  up_bytes   INTEGER NOT NULL CHECK (up_bytes >= 0),
  down_bytes INTEGER NOT NULL CHECK (down_bytes >= 0),
  closing    INTEGER NOT NULL CHECK (closing IN (0, 1)),
  PRIMARY KEY (at, session_id, reading)
) WITHOUT ROWID;
CREATE TRIGGER usage_is_never_updated BEFORE UPDATE ON usage
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Splash views: an attempt takes in the views less than 30 minutes after its first. Deleted with the MAC's term (7 days).
CREATE TABLE attempts (
  opened_at INTEGER NOT NULL,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  admitted  INTEGER NOT NULL DEFAULT 0 CHECK (admitted IN (0, 1)),
  PRIMARY KEY (opened_at, client_id)
) WITHOUT ROWID;

-- Local filter rules with author, reason and time: the audit trail. The newest row of a name stands.
CREATE TABLE rules (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('block', 'allow', 'none')),
  author TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  set_at INTEGER NOT NULL
);
CREATE INDEX rules_by_name ON rules (name, id);

-- Counts, not histories: no client and no name stands here.
CREATE TABLE refusals (
  hour_at  INTEGER NOT NULL,
  profile  TEXT NOT NULL,
  category TEXT NOT NULL,
  count    INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (hour_at, profile, category)
) WITHOUT ROWID;

-- Rollups: derived from sessions and usage, rebuildable while those are kept, kept after they are deleted.
CREATE TABLE hour_figures (
  hour_at    INTEGER PRIMARY KEY,
  visits     INTEGER NOT NULL,
  sessions   INTEGER NOT NULL,
  use_s      INTEGER NOT NULL,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL
);
CREATE TABLE day_figures (
  day_on     TEXT PRIMARY KEY,
  visits     INTEGER NOT NULL,
  sessions   INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  use_s      INTEGER NOT NULL,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL,
  refusals   INTEGER NOT NULL,
  closed_at  INTEGER NOT NULL
) WITHOUT ROWID;

-- Starts of the daemon and the last moment each was known alive: power cuts show as gaps with a new boot.
CREATE TABLE starts (
  started_at INTEGER NOT NULL,
  boot_id    TEXT NOT NULL,
  alive_at   INTEGER NOT NULL,
  stopped    INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
  PRIMARY KEY (started_at, boot_id)
) WITHOUT ROWID;
