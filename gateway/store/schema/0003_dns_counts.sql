-- How the filter answered, by hour and profile: no client and no name stands here.
-- What is in none of the columns after `questions` was the box's own (portal, names that never go out).
CREATE TABLE dns_hours (
  hour_at   INTEGER NOT NULL,
  profile   TEXT NOT NULL,
  questions INTEGER NOT NULL CHECK (questions >= 0),
  refused   INTEGER NOT NULL CHECK (refused >= 0),    -- each refusal as it was given; `refusals` counts once in 30 s
  cached    INTEGER NOT NULL CHECK (cached >= 0),
  forwarded INTEGER NOT NULL CHECK (forwarded >= 0),
  stale     INTEGER NOT NULL CHECK (stale >= 0),
  failed    INTEGER NOT NULL CHECK (failed >= 0),
  limited   INTEGER NOT NULL CHECK (limited >= 0),
  PRIMARY KEY (hour_at, profile)
) WITHOUT ROWID;

-- Registered domains that were refused, where the site wants its top list (dns.count_names); never who asked.
-- Deleted 90 days after day_on.
CREATE TABLE refused_names (
  day_on   TEXT NOT NULL,
  category TEXT NOT NULL,
  name     TEXT NOT NULL,
  count    INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (day_on, category, name)
) WITHOUT ROWID;
