-- Decided changes of the opening hours, with who decided when: the audit trail. Kept: the year's figures rest on it.
CREATE TABLE calendar_changes (
  id            INTEGER PRIMARY KEY,
  kind          TEXT NOT NULL CHECK (kind IN ('extra', 'closure')),
  begin_at      INTEGER NOT NULL,
  end_at        INTEGER NOT NULL CHECK (end_at > begin_at),
  decided_at    INTEGER NOT NULL,
  author        TEXT NOT NULL,
  reason        TEXT NOT NULL DEFAULT '',
  taken_back_at INTEGER,
  taken_back_by TEXT,
  CHECK ((taken_back_at IS NULL) = (taken_back_by IS NULL))
);
CREATE INDEX calendar_changes_by_end ON calendar_changes (end_at);
