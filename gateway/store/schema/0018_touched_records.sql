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
