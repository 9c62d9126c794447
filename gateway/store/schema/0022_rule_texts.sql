-- The library's own lists as staff typed them: comments, blank lines, order. What holds stands in `rules` alone; a name
-- that is gone from there is left out when the text is shown, a new one is put at its end. No person stands in it.
CREATE TABLE rule_texts (
  action   TEXT NOT NULL CHECK (action IN ('block', 'allow')),
  profile  TEXT NOT NULL,  -- '' is every profile
  text     TEXT NOT NULL,
  PRIMARY KEY (action, profile)
) STRICT;
