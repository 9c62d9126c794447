-- What the gateway itself sees of its line, its PCs and its clock: facts of the live site.

-- Looks at the line that failed, and the first success after each run of them: the log that outages rest on.
-- Kept 400 days; of nobody.
CREATE TABLE line_rounds (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  at          INTEGER NOT NULL,
  boot_id     TEXT NOT NULL,
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),  -- the clock was not set yet: `at` is shifted once
  carrier     INTEGER NOT NULL CHECK (carrier IN (0, 1)),
  first_hop   INTEGER NOT NULL CHECK (first_hop IN (0, 1)),
  at_home     TEXT NOT NULL,              -- a digit a target, in the order of the configuration: 1 answered
  abroad      TEXT NOT NULL,
  failed      INTEGER NOT NULL CHECK (failed IN (0, 1))
);
CREATE INDEX line_rounds_by_time ON line_rounds (at);
CREATE TRIGGER line_rounds_are_never_updated BEFORE UPDATE ON line_rounds
WHEN old.provisional = 0 OR new.failed <> old.failed OR new.at_home <> old.at_home OR new.abroad <> old.abroad
BEGIN SELECT RAISE(ABORT, 'the log of the line is append-only'); END;

-- Spells that are over, made of line_rounds by the night. Kept 10 years; of nobody.
CREATE TABLE line_spells (
  begin_at   INTEGER PRIMARY KEY,
  end_at     INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('isp_down', 'line_down', 'abroad_degraded')),
  rounds     INTEGER NOT NULL,            -- that failed
  asked      INTEGER NOT NULL,            -- questions in them
  unanswered INTEGER NOT NULL,
  log_sha256 TEXT NOT NULL                -- of the log's lines, as `cong line evidence` prints them
);

-- Starts before the clock was set are shifted once, when it is (the wall clock less the boot clock says by how much).
ALTER TABLE starts ADD COLUMN offset_s REAL;
ALTER TABLE starts ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0 CHECK (provisional IN (0, 1));

-- What the last page of an attempt told, if that was a refusal: its key. Goes with the attempt.
ALTER TABLE attempts ADD COLUMN refused TEXT;

-- When PCs of the library were on the network: a span goes on while the PC is found each few minutes. Kept 10 years;
-- of nobody: a code of the library's own equipment.
CREATE TABLE pc_presence (
  pc       TEXT NOT NULL,
  begin_at INTEGER NOT NULL,
  end_at   INTEGER NOT NULL CHECK (end_at >= begin_at),
  PRIMARY KEY (pc, begin_at)
) WITHOUT ROWID;

-- The public PC a session is at, by its name in the list of devices: the MAC that led there goes earlier.
-- Deleted with the session.
ALTER TABLE sessions ADD COLUMN pc TEXT;

-- Bytes at the line's interface by day, whole Ethernet frames, and the counters they are booked up to. Kept 10 years;
-- of nobody.
CREATE TABLE wan_days (
  day_on     TEXT PRIMARY KEY,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE wan_base (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  epoch      TEXT NOT NULL,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL
);

-- Distinct devices of a day (YYYY-MM-DD) or month (YYYY-MM). The key is random, and nothing links two periods.
-- Personal data: key, device keys and logins are deleted 7 days after the period; then the counts alone stay, 10 years.
CREATE TABLE device_periods (
  period    TEXT PRIMARY KEY,
  key       BLOB,                         -- NULL: destroyed
  devices   INTEGER NOT NULL DEFAULT 0,   -- counted when the key is destroyed
  local     INTEGER NOT NULL DEFAULT 0,   -- of which with a MAC the device made up
  persons   INTEGER NOT NULL DEFAULT 0,   -- who signed in by name, by whatever device
  wifi_persons INTEGER NOT NULL DEFAULT 0,
  wifi_logins  INTEGER NOT NULL DEFAULT 0 -- pairs of a person and a device of theirs, on Wi-Fi
) WITHOUT ROWID;
CREATE TABLE device_keys (
  period TEXT NOT NULL REFERENCES device_periods (period) ON DELETE CASCADE,
  device BLOB NOT NULL,                   -- 8 bytes of HMAC-SHA256(key, MAC)
  local  INTEGER NOT NULL CHECK (local IN (0, 1)),
  PRIMARY KEY (period, device)
) WITHOUT ROWID;
CREATE TABLE device_logins (
  period TEXT NOT NULL REFERENCES device_periods (period) ON DELETE CASCADE,
  person BLOB NOT NULL,                   -- 8 bytes of HMAC-SHA256(key, the person's pseudonym)
  device BLOB NOT NULL,
  wifi   INTEGER NOT NULL CHECK (wifi IN (0, 1)),
  PRIMARY KEY (period, person, device, wifi)
) WITHOUT ROWID;
