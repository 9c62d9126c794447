-- The nightly mails: those that wait, those that went, and the nights that were passed over. No patron's data: figures of a
-- day. Kept 90 days after queued_at, waiting ones too.
CREATE TABLE mails (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  site       TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('night', 'passed', 'combined')),  -- passed: a closed day, nothing to tell
  first_on   TEXT NOT NULL,               -- of a combined mail the first of its days, else day_on
  day_on     TEXT NOT NULL,
  message_id TEXT NOT NULL UNIQUE,        -- the same at each try, so that a mail that came twice can be known
  subject    TEXT NOT NULL,
  body       TEXT NOT NULL,
  html       TEXT NOT NULL,
  short      TEXT NOT NULL,
  queued_at  INTEGER NOT NULL
);
-- One mail a site and night, whoever asks twice.
CREATE UNIQUE INDEX mails_one_a_night ON mails (site, day_on) WHERE kind <> 'combined';

-- Where each is to go. Addresses of the office's staff; they go with their mail.
CREATE TABLE mail_deliveries (
  mail_id     INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
  recipient   TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'combined')),
  tries       INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER NOT NULL,
  tried_at    INTEGER,
  said        TEXT NOT NULL DEFAULT '',   -- what the server, or the line, last said
  PRIMARY KEY (mail_id, recipient)
) WITHOUT ROWID;
