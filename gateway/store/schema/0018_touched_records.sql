-- What is recorded of line and PCs touches days too, and so do starts whose clock is put right (see 0013).
-- Three failed rounds within two minutes make a spell that began with the first: the day before covers it.
CREATE TRIGGER line_rounds_insert_touch AFTER INSERT ON line_rounds
BEGIN
  INSERT INTO touched VALUES (' own', NEW.at / 86400 - 1, NEW.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER line_rounds_update_touch AFTER UPDATE ON line_rounds
BEGIN
  INSERT INTO touched VALUES (' own', min(OLD.at / 86400 - 1, NEW.at / 86400 - 1), max(OLD.at / 86400, NEW.at / 86400)) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER line_rounds_delete_touch AFTER DELETE ON line_rounds
BEGIN
  INSERT INTO touched VALUES (' own', OLD.at / 86400 - 1, OLD.at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER line_spells_insert_touch AFTER INSERT ON line_spells
BEGIN
  INSERT INTO touched VALUES (' own', NEW.begin_at / 86400, NEW.end_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER line_spells_update_touch AFTER UPDATE ON line_spells
BEGIN
  INSERT INTO touched VALUES (' own', min(OLD.begin_at / 86400, NEW.begin_at / 86400), max(OLD.end_at / 86400, NEW.end_at / 86400)) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER line_spells_delete_touch AFTER DELETE ON line_spells
BEGIN
  INSERT INTO touched VALUES (' own', OLD.begin_at / 86400, OLD.end_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER pc_presence_insert_touch AFTER INSERT ON pc_presence
BEGIN
  INSERT INTO touched VALUES (' own', NEW.begin_at / 86400, NEW.end_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER pc_presence_update_touch AFTER UPDATE ON pc_presence
BEGIN
  INSERT INTO touched VALUES (' own', min(OLD.begin_at / 86400, NEW.begin_at / 86400), max(OLD.end_at / 86400, NEW.end_at / 86400)) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER pc_presence_delete_touch AFTER DELETE ON pc_presence
BEGIN
  INSERT INTO touched VALUES (' own', OLD.begin_at / 86400, OLD.end_at / 86400) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER sessions_pc_touch AFTER UPDATE OF pc ON sessions
BEGIN
  INSERT INTO touched VALUES (' own', NEW.opened_at / 86400, coalesce(NEW.stopped_at, NEW.opened_at + 172800) / 86400)
  ON CONFLICT DO NOTHING;
END;
-- A start that is moved leaves a silence where it stood and ends another where it stands.
CREATE TRIGGER starts_moved_touch AFTER UPDATE OF started_at, boot_id, provisional ON starts
BEGIN
  INSERT INTO touched
  VALUES (' own',
          min(OLD.started_at, coalesce((SELECT alive_at FROM starts WHERE started_at < OLD.started_at
                                        ORDER BY started_at DESC LIMIT 1), OLD.started_at)) / 86400,
          max(OLD.alive_at, coalesce((SELECT started_at FROM starts WHERE started_at > OLD.started_at
                                      ORDER BY started_at LIMIT 1), OLD.alive_at)) / 86400)
  ON CONFLICT DO NOTHING;
  INSERT INTO touched
  VALUES (' own',
          min(NEW.started_at, coalesce((SELECT alive_at FROM starts WHERE started_at < NEW.started_at
                                        ORDER BY started_at DESC LIMIT 1), NEW.started_at)) / 86400,
          max(NEW.alive_at, coalesce((SELECT started_at FROM starts WHERE started_at > NEW.started_at
                                      ORDER BY started_at LIMIT 1), NEW.alive_at)) / 86400)
  ON CONFLICT DO NOTHING;
END;

-- The terms of 0017, with the tables of 0013.
DROP VIEW retention;
CREATE VIEW retention (name, kept) AS VALUES
  ('clients', 'MAC: 7 days after the device was last seen; the number stays'),
  ('same_clients', '7 days after the device was last seen'),
  ('attempts', '7 days'),
  ('devices', 'until forgotten, or 7 days after until_at'),
  ('radius_sessions', 'until the server has acknowledged the end, at most 7 days after it'),
  ('approvals', '90 days'),
  ('sessions', '90 days after the end'),
  ('consents', 'with the session'),
  ('usage', 'with the session'),
  ('vouchers', '90 days after the batch has ended'),
  ('voucher_batches', '90 days after it has ended'),
  ('local_accounts', 'until removed, or 90 days after valid_until'),
  ('local_account_trail', '90 days'),
  ('notices', '90 days after the end'),
  ('unblock_requests', '90 days after they were asked last'),
  ('refused_names', '90 days'),
  ('told_sessions', '10 years after the end; device and person 90 days'),
  ('facts', '10 years after last_at; kind blocked 3 years, kind view 90 days'),
  ('tellings', 'with their facts'),
  ('refusals', '3 years'),
  ('dns_hours', '3 years'),
  ('hour_figures', '3 years'),
  ('day_figures', '10 years'),
  ('garden_days', '10 years'),
  ('carried_days', '10 years'),
  ('purposes', '10 years'),
  ('calendar_changes', '10 years after the end'),
  ('starts', '10 years'),
  ('line_spells', '10 years'),
  ('pc_presence', '10 years'),
  ('wan_days', '10 years'),
  ('line_rounds', '400 days'),
  ('device_periods', '10 years; its key 7 days after the period'),
  ('device_keys', '7 days after the period'),
  ('device_logins', '7 days after the period'),
  ('mails', '90 days after queued_at'),
  ('mail_deliveries', 'with the mail'),
  ('rules', 'the trail of local rules stays'),
  ('terms', 'each version of the rules stays'),
  ('garden_base', 'one row'),
  ('carried_base', 'one row'),
  ('wan_base', 'one row'),
  ('month_counts', 'as long as the facts they are counted from'),
  ('day_counts', 'as long as the facts they are counted from'),
  ('touched', 'until the months it touches are counted anew'),
  ('told_readings', '10 years'),
  ('signed_reports', 'papers of the office stay'),
  ('told_months', 'with the papers of the office'),
  ('meta', 'settings of the database');
