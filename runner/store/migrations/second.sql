-- first_decisions are decisions that wait for a second person's, one an item and revision.
CREATE TABLE first_decisions (
  item_id INTEGER NOT NULL REFERENCES items (id),
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  decision_sealed BLOB NOT NULL,
  PRIMARY KEY (item_id, revision)
) WITHOUT ROWID;
