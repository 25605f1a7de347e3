-- sampling_keys are the secrets that samples are drawn by, one a robot and period.
-- commitment is the SHA-256 of the key; disclosed_at is 0 while the period lasts.
CREATE TABLE sampling_keys (
  robot TEXT NOT NULL,
  period TEXT NOT NULL,
  key_sealed BLOB NOT NULL,
  commitment TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  disclosed_at INTEGER NOT NULL,
  PRIMARY KEY (robot, period)
);
CREATE INDEX sampling_keys_open ON sampling_keys (robot) WHERE disclosed_at = 0;

-- samples says of each item that was asked about, once, whether it was drawn, and
-- what a person made of it: '', 'agreed', 'other' or 'unknown'.
CREATE TABLE samples (
  item_id INTEGER PRIMARY KEY REFERENCES items (id),
  robot TEXT NOT NULL,
  area TEXT NOT NULL,
  period TEXT NOT NULL,
  share INTEGER NOT NULL,
  drawn INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  proposal_sealed BLOB NOT NULL,
  judged TEXT NOT NULL,
  judged_at INTEGER NOT NULL
);
CREATE INDEX samples_drawn ON samples (robot, asked_at) WHERE drawn = 1;
