-- All that the gateway passed between the library's network and the line, by day, counted by the kernel apart from
-- sessions: what their sum is held against. Of no session and no device; kept 10 years.
CREATE TABLE carried_days (
  day_on             TEXT PRIMARY KEY,
  up_bytes           INTEGER NOT NULL CHECK (up_bytes >= 0),
  down_bytes         INTEGER NOT NULL CHECK (down_bytes >= 0),
  session_up_bytes   INTEGER,             -- sums over all sessions, staff's too; NULL until the night has closed the day
  session_down_bytes INTEGER
) WITHOUT ROWID;

-- The kernel's counters as they stood when they were booked last; one row.
CREATE TABLE carried_base (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  epoch      TEXT NOT NULL,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL
);
