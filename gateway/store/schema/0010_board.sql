-- What the library tells its patrons. Rows are added and never changed but for their end: who wrote, changed and ended
-- what is the audit trail. Of a number the row with the highest id holds. Deleted 90 days after until_at (names of staff).
CREATE TABLE notices (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  number     INTEGER NOT NULL,                -- what staff call it; an edited notice keeps it
  kind       TEXT NOT NULL CHECK (kind IN ('notice', 'event')),
  from_at    INTEGER NOT NULL,
  until_at   INTEGER NOT NULL CHECK (until_at > from_at),
  happens_at INTEGER,                         -- when an event begins
  place      TEXT NOT NULL DEFAULT '',
  texts      TEXT NOT NULL,                   -- JSON: {language: {"title": ..., "text": ...}}
  author     TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  ended_at   INTEGER,
  ended_by   TEXT,
  CHECK ((kind = 'event') = (happens_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX notices_by_number ON notices (number, id);
CREATE INDEX notices_by_end ON notices (until_at);

-- What for: how many gave which answer on which day of the site's. No device, no person, no session, no time of day.
-- Kept: the year's figures rest on it.
CREATE TABLE purposes (
  day_on  TEXT NOT NULL,
  purpose TEXT NOT NULL,
  count   INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (day_on, purpose)
) WITHOUT ROWID;
-- That a session was asked and has answered or passed the question over, never what: one answer a session.
ALTER TABLE sessions ADD COLUMN purpose_done INTEGER NOT NULL DEFAULT 0;
