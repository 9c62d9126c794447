-- Faults and upkeep of public PCs: what stands beside the facts of their tickets.

-- Photos of faults: pictures alone, their metadata is taken out before they are kept (gateway/photos). Personal data:
-- author is staff, and a picture may show somebody by accident. Deleted 2 years after added_at; the file with the row.
CREATE TABLE pc_photos (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  site     TEXT NOT NULL,
  pc       TEXT NOT NULL,
  fault_at INTEGER NOT NULL,              -- begin of the fault whose ticket it belongs to
  file     TEXT NOT NULL UNIQUE,          -- name within the folder of photos
  media    TEXT NOT NULL,
  bytes    INTEGER NOT NULL,
  width    INTEGER NOT NULL,
  height   INTEGER NOT NULL,
  sha256   TEXT NOT NULL,
  author   TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE (site, pc, fault_at, sha256)     -- a double click adds nothing
);

-- What is looked at once a month. Kept: checks name them. `word` is one that came along (the pages have its text).
CREATE TABLE upkeep_items (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  word     TEXT NOT NULL DEFAULT '',
  text     TEXT NOT NULL DEFAULT '',
  place    INTEGER NOT NULL,
  ended_at INTEGER,                       -- NULL: it is asked
  CHECK ((word = '') <> (text = ''))
);
INSERT INTO upkeep_items (word, place)
VALUES ('boots', 1), ('updates', 2), ('antivirus', 3), ('network', 4), ('keyboard', 5), ('cleaned', 6);

-- Who looked at which PC when. Personal data: author is staff. Deleted 3 years after checked_at.
CREATE TABLE upkeep_checks (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  site       TEXT NOT NULL,
  pc         TEXT NOT NULL,
  month_on   TEXT NOT NULL,               -- first day of the month it is for
  checked_at INTEGER NOT NULL,
  author     TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX upkeep_checks_by_month ON upkeep_checks (site, month_on, pc);
CREATE TABLE upkeep_results (
  check_id INTEGER NOT NULL REFERENCES upkeep_checks (id) ON DELETE CASCADE,
  item_id  INTEGER NOT NULL REFERENCES upkeep_items (id),
  is_ok    INTEGER NOT NULL CHECK (is_ok IN (0, 1)),
  PRIMARY KEY (check_id, item_id)
) WITHOUT ROWID;
