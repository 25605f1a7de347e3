-- drawers hold what a robot keeps between runs and must be able to delete: each
-- entry under a key of its own, so that to delete the row is to delete the content.
-- Names hold nothing personal.
CREATE TABLE drawers (
  robot TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  key BLOB NOT NULL,
  data_sealed BLOB NOT NULL,
  PRIMARY KEY (robot, name)
) WITHOUT ROWID;
