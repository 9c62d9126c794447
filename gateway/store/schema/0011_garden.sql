-- What was carried to and from sites that are open before login, by day: of no session and no device.
CREATE TABLE garden_days (
  day_on     TEXT PRIMARY KEY,
  up_bytes   INTEGER NOT NULL CHECK (up_bytes >= 0),
  down_bytes INTEGER NOT NULL CHECK (down_bytes >= 0)
) WITHOUT ROWID;

-- The kernel's counters as they stood when they were booked last; one row.
CREATE TABLE garden_base (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  epoch      TEXT NOT NULL,
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL
);
