-- What was typed in and imported: openings, outages, PCs, contracts, invoices, plans and the rest of gateway/facts/kinds.
-- Append-only: a higher rev of a key takes the place of lower ones, which are the audit trail.

-- Who told what, when. `author` is staff. Kept as long as the facts.
CREATE TABLE tellings (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  told_at INTEGER NOT NULL,
  author  TEXT NOT NULL,
  source  TEXT NOT NULL,                  -- name of the file, or the command
  told    INTEGER NOT NULL DEFAULT 0,     -- facts in it
  fresh   INTEGER NOT NULL DEFAULT 0      -- of which were not known yet
);

-- Kept 10 years after last_at (without one: as long as it stands); kind blocked 3 years, kind view 90 days.
-- No personal data but what is in views: a number that stands for a device.
CREATE TABLE facts (
  kind       TEXT NOT NULL,
  site       TEXT NOT NULL,               -- '' for facts of the office
  key        TEXT NOT NULL,
  rev        INTEGER NOT NULL,
  void       INTEGER NOT NULL CHECK (void IN (0, 1)),  -- 1: does not stand any more
  first_at   INTEGER,                     -- when it may matter; NULL: always, from the first, or until further notice
  last_at    INTEGER,
  body       TEXT NOT NULL,               -- its fields as JSON, in their one form
  telling_id INTEGER NOT NULL REFERENCES tellings (id),
  PRIMARY KEY (kind, site, key, rev)
) WITHOUT ROWID;
CREATE INDEX facts_by_time ON facts (kind, site, first_at);
CREATE TRIGGER facts_are_never_updated BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

-- Imported sessions, kept 10 years after stop_at. Personal data: device and person stand for a device and a patron until
-- 90 days after stop_at; then both are replaced by the number of the visit (forgotten = 1), and nothing links two visits.
CREATE TABLE told_sessions (
  site       TEXT NOT NULL,
  id         TEXT NOT NULL,
  access     TEXT NOT NULL CHECK (access IN ('wifi', 'kiosk')),
  device     TEXT NOT NULL,
  person     TEXT,
  pc         TEXT,
  start_at   INTEGER NOT NULL,
  stop_at    INTEGER NOT NULL CHECK (stop_at >= start_at),
  accepted   INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  staff      INTEGER NOT NULL CHECK (staff IN (0, 1)),
  up_bytes   INTEGER,                     -- NULL: not told
  down_bytes INTEGER,
  forgotten  INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1)),
  telling_id INTEGER NOT NULL REFERENCES tellings (id),
  PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE INDEX told_sessions_by_start ON told_sessions (site, start_at);
