-- A backup was restored: what followed this life's last sign is not known until then, and no outage is told of it.
ALTER TABLE starts ADD COLUMN lost_until INTEGER;
