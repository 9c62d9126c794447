-- Why a mail was not handed over, as a word that has a text in each language; '' where the server spoke of the mail itself.
ALTER TABLE mail_deliveries ADD COLUMN trouble TEXT NOT NULL DEFAULT '';
UPDATE mail_deliveries SET trouble = 'unlisted' WHERE said = 'no longer among mail.recipients';
