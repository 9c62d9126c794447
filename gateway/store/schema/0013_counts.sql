-- Months as they were counted, day by day: derived from facts, and counted anew whenever a fact was told that may change
-- them. No personal data: sums. Kept as long as the facts they are counted from.

CREATE TABLE month_counts (
  site     TEXT NOT NULL,
  month_on TEXT NOT NULL,                 -- its first day
  stamp    TEXT NOT NULL,                 -- rules of counting and configuration it was made by
  devices  INTEGER NOT NULL,              -- distinct devices of counted sessions that start in it
  pcs      TEXT NOT NULL,                 -- JSON: each PC at its end: code, state, since, days out of order
  PRIMARY KEY (site, month_on)
) WITHOUT ROWID;
CREATE TABLE day_counts (
  site           TEXT NOT NULL,
  day_on         TEXT NOT NULL,
  visits         INTEGER NOT NULL,
  kiosk_visits   INTEGER NOT NULL,
  wifi_visits    INTEGER NOT NULL,
  outside_visits INTEGER NOT NULL,
  sessions       INTEGER NOT NULL,
  attempts       INTEGER NOT NULL,
  rejected       INTEGER NOT NULL,
  use_s          INTEGER NOT NULL,
  up_bytes       INTEGER NOT NULL,
  down_bytes     INTEGER NOT NULL,
  blocked        INTEGER NOT NULL,
  promised_s     INTEGER NOT NULL,
  held_s         INTEGER NOT NULL,
  internet_s     INTEGER NOT NULL,
  extra_s        INTEGER NOT NULL,
  pc_days_ok     INTEGER NOT NULL,
  pc_days        INTEGER NOT NULL,
  available_s    INTEGER NOT NULL,
  used_s         INTEGER NOT NULL,
  lost_s         TEXT NOT NULL,           -- JSON: promised and not held, by cause in the order of service/hours.Cause
  hours          TEXT NOT NULL,           -- JSON: [hour, visits, sessions, use_s, up_bytes, down_bytes], those with any
  is_told        INTEGER NOT NULL CHECK (is_told IN (0, 1)),
  has_signs      INTEGER NOT NULL CHECK (has_signs IN (0, 1)),
  PRIMARY KEY (site, day_on)
) WITHOUT ROWID;

-- What sessions that the gateway counted itself moved in each hour, kept when the sessions go (90 days): the hours of a
-- report stay those of the samples. No personal data: a session's number and bytes. Kept 10 years after at.
CREATE TABLE told_readings (
  site       TEXT NOT NULL,
  id         TEXT NOT NULL,
  at         INTEGER NOT NULL,            -- last reading of the hour of at - 1 s
  up_bytes   INTEGER NOT NULL,
  down_bytes INTEGER NOT NULL,
  PRIMARY KEY (site, id, at)
) WITHOUT ROWID;

-- Which days (since 1970, UTC) what was told since may change. Site '': all; ' own': the gateway's own. Emptied when the
-- months they touch are dropped; `counts_generation` in meta then goes up, so that no count made before is kept.
CREATE TABLE touched (
  site      TEXT NOT NULL,
  first_day INTEGER NOT NULL,
  last_day  INTEGER NOT NULL,
  PRIMARY KEY (site, first_day, last_day)
) WITHOUT ROWID;

-- A fact touches the span of each revision of its key: the one before stood until now. These kinds enter no count.
CREATE TRIGGER facts_told_touch AFTER INSERT ON facts
WHEN NEW.kind NOT IN ('month_devices', 'hand_count', 'event', 'speed_test', 'wan_day', 'carried_day', 'scope', 'plan',
  'document', 'unit', 'letterhead', 'recipient', 'contract', 'price', 'rule', 'vat', 'invoice', 'cost')
BEGIN
  INSERT INTO touched
  SELECT site, coalesce(first_at / 86400, -1000000), coalesce(last_at / 86400, 4000000)
  FROM facts WHERE kind = NEW.kind AND site = NEW.site AND key = NEW.key
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER facts_gone_touch AFTER DELETE ON facts
BEGIN
  INSERT INTO touched
  VALUES (OLD.site, coalesce(OLD.first_at / 86400, -1000000), coalesce(OLD.last_at / 86400, 4000000))
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER told_sessions_told_touch AFTER INSERT ON told_sessions
BEGIN
  INSERT INTO touched VALUES (NEW.site, NEW.start_at / 86400, NEW.stop_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER told_sessions_change_touch AFTER UPDATE ON told_sessions
BEGIN
  INSERT INTO touched VALUES (OLD.site, OLD.start_at / 86400, OLD.stop_at / 86400) ON CONFLICT DO NOTHING;
  INSERT INTO touched VALUES (NEW.site, NEW.start_at / 86400, NEW.stop_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER told_readings_told_touch AFTER INSERT ON told_readings
BEGIN
  INSERT INTO touched VALUES (NEW.site, NEW.at / 86400 - 2, NEW.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER told_readings_gone_touch AFTER DELETE ON told_readings
BEGIN
  INSERT INTO touched VALUES (OLD.site, OLD.at / 86400 - 2, OLD.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER told_sessions_gone_touch AFTER DELETE ON told_sessions
BEGIN
  INSERT INTO touched VALUES (OLD.site, OLD.start_at / 86400, OLD.stop_at / 86400) ON CONFLICT DO NOTHING;
END;

-- What the gateway counts itself (store/live_facts): every table it reads has triggers here, a test holds it to that.
-- An open session lasts up to its last reading: two days before a reading cover the longest.
CREATE TRIGGER sessions_told_touch AFTER INSERT ON sessions
BEGIN
  INSERT INTO touched VALUES (' own', NEW.opened_at / 86400, coalesce(NEW.stopped_at, NEW.opened_at) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER sessions_change_touch
AFTER UPDATE OF client_id, kind, person, counted, opened_at, state, stopped_at, counted_as, total_up_bytes, total_down_bytes
ON sessions
BEGIN
  INSERT INTO touched
  VALUES (' own', min(OLD.opened_at, NEW.opened_at) / 86400,
          max(OLD.opened_at, NEW.opened_at, coalesce(OLD.stopped_at, 0), coalesce(NEW.stopped_at, 0)) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER sessions_gone_touch AFTER DELETE ON sessions
BEGIN
  INSERT INTO touched VALUES (' own', OLD.opened_at / 86400, coalesce(OLD.stopped_at, OLD.opened_at + 172800) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER usage_told_touch AFTER INSERT ON usage
BEGIN
  INSERT INTO touched VALUES (' own', NEW.at / 86400 - 2, NEW.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER usage_gone_touch AFTER DELETE ON usage
BEGIN
  INSERT INTO touched VALUES (' own', OLD.at / 86400 - 2, OLD.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER attempts_told_touch AFTER INSERT ON attempts
BEGIN
  INSERT INTO touched VALUES (' own', NEW.opened_at / 86400, NEW.opened_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER attempts_change_touch AFTER UPDATE ON attempts
BEGIN
  INSERT INTO touched
  VALUES (' own', min(OLD.opened_at, NEW.opened_at) / 86400, max(OLD.opened_at, NEW.opened_at) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER attempts_gone_touch AFTER DELETE ON attempts
BEGIN
  INSERT INTO touched VALUES (' own', OLD.opened_at / 86400, OLD.opened_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER refusals_told_touch AFTER INSERT ON refusals
BEGIN
  INSERT INTO touched VALUES (' own', NEW.hour_at / 86400, NEW.hour_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER refusals_change_touch AFTER UPDATE ON refusals
BEGIN
  INSERT INTO touched VALUES (' own', min(OLD.hour_at, NEW.hour_at) / 86400, max(OLD.hour_at, NEW.hour_at) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER refusals_gone_touch AFTER DELETE ON refusals
BEGIN
  INSERT INTO touched VALUES (' own', OLD.hour_at / 86400, OLD.hour_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER calendar_told_touch AFTER INSERT ON calendar_changes
BEGIN
  INSERT INTO touched VALUES (' own', NEW.begin_at / 86400, NEW.end_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER calendar_change_touch AFTER UPDATE ON calendar_changes
BEGIN
  INSERT INTO touched
  VALUES (' own', min(OLD.begin_at, NEW.begin_at) / 86400, max(OLD.end_at, NEW.end_at) / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER calendar_gone_touch AFTER DELETE ON calendar_changes
BEGIN
  INSERT INTO touched VALUES (' own', OLD.begin_at / 86400, OLD.end_at / 86400) ON CONFLICT DO NOTHING;
END;
-- A start ends the silence that began with the last sign of the one before, and says whose it was.
CREATE TRIGGER starts_told_touch AFTER INSERT ON starts
BEGIN
  INSERT INTO touched
  VALUES (' own',
          min(NEW.started_at, coalesce((SELECT alive_at FROM starts WHERE started_at < NEW.started_at
                                        ORDER BY started_at DESC LIMIT 1), NEW.started_at)) / 86400,
          max(NEW.alive_at, coalesce((SELECT started_at FROM starts WHERE started_at > NEW.started_at
                                      ORDER BY started_at LIMIT 1), NEW.alive_at)) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER starts_change_touch AFTER UPDATE ON starts
BEGIN
  INSERT INTO touched
  VALUES (' own', min(OLD.alive_at, NEW.alive_at) / 86400,
          max(OLD.alive_at, NEW.alive_at,
              coalesce((SELECT started_at FROM starts WHERE started_at > NEW.started_at
                        ORDER BY started_at LIMIT 1), 0)) / 86400)
  ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER starts_gone_touch AFTER DELETE ON starts
BEGIN
  INSERT INTO touched
  VALUES (' own',
          min(OLD.started_at, coalesce((SELECT alive_at FROM starts WHERE started_at < OLD.started_at
                                        ORDER BY started_at DESC LIMIT 1), OLD.started_at)) / 86400,
          max(OLD.alive_at, coalesce((SELECT started_at FROM starts WHERE started_at > OLD.started_at
                                      ORDER BY started_at LIMIT 1), OLD.alive_at)) / 86400)
  ON CONFLICT DO NOTHING;
END;
-- Which PC a session was at hangs on the device's MAC and its entry; whether a view counts, on the client's.
CREATE TRIGGER clients_told_touch AFTER INSERT ON clients
BEGIN
  INSERT INTO touched SELECT ' own', opened_at / 86400, coalesce(stopped_at, opened_at + 172800) / 86400
  FROM sessions WHERE client_id = NEW.id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER clients_change_touch AFTER UPDATE OF mac, staff_since ON clients
WHEN OLD.mac IS NOT NEW.mac OR OLD.staff_since IS NOT NEW.staff_since
BEGIN
  INSERT INTO touched SELECT ' own', min(opened_at) / 86400, max(coalesce(stopped_at, opened_at + 172800)) / 86400
  FROM sessions WHERE client_id = NEW.id AND kind = 'kiosk' HAVING count(*) > 0 ON CONFLICT DO NOTHING;
  INSERT INTO touched SELECT ' own', min(opened_at) / 86400, max(opened_at) / 86400
  FROM attempts WHERE client_id = NEW.id HAVING count(*) > 0 ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER clients_gone_touch AFTER DELETE ON clients
BEGIN
  INSERT INTO touched SELECT ' own', opened_at / 86400, coalesce(stopped_at, opened_at + 172800) / 86400
  FROM sessions WHERE client_id = OLD.id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER devices_told_touch AFTER INSERT ON devices
BEGIN
  INSERT INTO touched SELECT ' own', min(opened_at) / 86400, max(coalesce(stopped_at, opened_at + 172800)) / 86400
  FROM sessions WHERE kind = 'kiosk' HAVING count(*) > 0 ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER devices_change_touch AFTER UPDATE OF mac, standing, name ON devices
BEGIN
  INSERT INTO touched SELECT ' own', min(opened_at) / 86400, max(coalesce(stopped_at, opened_at + 172800)) / 86400
  FROM sessions WHERE kind = 'kiosk' HAVING count(*) > 0 ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER devices_gone_touch AFTER DELETE ON devices
BEGIN
  INSERT INTO touched SELECT ' own', min(opened_at) / 86400, max(coalesce(stopped_at, opened_at + 172800)) / 86400
  FROM sessions WHERE kind = 'kiosk' HAVING count(*) > 0 ON CONFLICT DO NOTHING;
END;

-- Signed reports with their data as it was, and what the office was told of each month: papers of the office, kept for
-- good. No personal data beside the name of who entered the number.
CREATE TABLE signed_reports (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  form      TEXT NOT NULL,
  period    TEXT NOT NULL,
  site      TEXT NOT NULL,                -- '': all sites
  number    TEXT NOT NULL,
  dated_on  TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  author    TEXT NOT NULL,
  sha256    TEXT NOT NULL,                -- of body
  papers_sha256 TEXT NOT NULL,
  body      TEXT NOT NULL,                -- JSON, printed ever after as it stands here
  papers    TEXT NOT NULL,                -- JSON: language -> the paper's content, which files are written from
  UNIQUE (form, period, site)
);
CREATE TRIGGER signed_reports_never_change BEFORE UPDATE ON signed_reports
BEGIN SELECT RAISE(ABORT, 'a signed report never changes'); END;
CREATE TRIGGER signed_reports_stay BEFORE DELETE ON signed_reports
BEGIN SELECT RAISE(ABORT, 'a signed report stays'); END;
CREATE TABLE told_months (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  site      TEXT NOT NULL,
  month_on  TEXT NOT NULL,
  report_id INTEGER REFERENCES signed_reports (id),  -- NULL: stored when the month was locked
  told_at   INTEGER NOT NULL,
  figures   TEXT NOT NULL                 -- JSON: name -> figure; the newest row of a month is what the office knows
);
CREATE INDEX told_months_by_month ON told_months (site, month_on, id);
CREATE TRIGGER told_months_never_change BEFORE UPDATE ON told_months
BEGIN SELECT RAISE(ABORT, 'what was told never changes'); END;
CREATE TRIGGER told_months_stay BEFORE DELETE ON told_months
BEGIN SELECT RAISE(ABORT, 'what was told stays'); END;
