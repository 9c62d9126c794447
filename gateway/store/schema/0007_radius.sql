-- Sessions an account server (RADIUS) is told of, until it has acknowledged the end.
-- Personal data (user_name): the row is deleted when the server acknowledges the Stop, at the latest 7 days after
-- sessions.stopped_at, with the MAC.
CREATE TABLE radius_sessions (
  session_id      INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  user_name       TEXT NOT NULL,
  acct_session_id TEXT NOT NULL UNIQUE,
  classes         TEXT NOT NULL,             -- JSON list of the server's Class values, each in hex
  interim_s       INTEGER,                   -- how often it wants to hear; NULL: of start and end
  started         INTEGER NOT NULL DEFAULT 0 CHECK (started IN (0, 1)),  -- the Start is acknowledged
  told_boot_s     REAL NOT NULL DEFAULT 0    -- when the last record was acknowledged, on the session's boot clock
);
