-- What must not be lost. Times are microseconds since 1970, UTC. What is
-- personal stands only in columns that end in _sealed, under the item's own key,
-- or as an HMAC in columns that end in _mac.

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  robot TEXT NOT NULL,
  mode TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  facts TEXT NOT NULL,
  result TEXT NOT NULL
);
CREATE INDEX runs_by_robot ON runs (robot, started_at);

-- items is small and often written; what an item carries stands in item_bodies.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  robot TEXT NOT NULL,
  mode TEXT NOT NULL,
  key_mac BLOB NOT NULL,
  content_mac BLOB NOT NULL,
  twin TEXT NOT NULL,
  area TEXT NOT NULL,
  state TEXT NOT NULL,
  code TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  worker TEXT NOT NULL,
  job_id INTEGER NOT NULL,
  UNIQUE (robot, mode, key_mac, content_mac)
);
CREATE INDEX items_open ON items (robot, mode, ready_at) WHERE state IN ('ready', 'waiting', 'failed');
CREATE INDEX items_listed ON items (robot, mode, created_at) WHERE state = 'exception';

-- To destroy content_key is to delete what the item carried; to destroy log_key
-- is to delete the readable part of its run-log entries.
CREATE TABLE item_bodies (
  item_id INTEGER PRIMARY KEY REFERENCES items (id),
  content_key BLOB,
  log_key BLOB,
  found_sealed BLOB
);

CREATE TABLE outcomes (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items (id),
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  code TEXT NOT NULL,
  run TEXT NOT NULL,
  text_sealed BLOB NOT NULL
);
CREATE INDEX outcomes_by_item ON outcomes (item_id, id);

CREATE TABLE person_decisions (
  item_id INTEGER NOT NULL REFERENCES items (id),
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  decision_sealed BLOB NOT NULL,
  PRIMARY KEY (item_id, revision)
) WITHOUT ROWID;

CREATE TABLE steps (
  item_id INTEGER NOT NULL REFERENCES items (id),
  name TEXT NOT NULL,
  system TEXT NOT NULL,
  state TEXT NOT NULL,
  attempted_at INTEGER NOT NULL,
  plan_sealed BLOB NOT NULL,
  receipt_sealed BLOB,
  PRIMARY KEY (item_id, name)
) WITHOUT ROWID;

CREATE TABLE decided (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items (id),
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  run TEXT NOT NULL,
  rule TEXT NOT NULL,
  decided_sealed BLOB NOT NULL
);
CREATE INDEX decided_by_item ON decided (item_id);

CREATE TABLE marks (
  item_id INTEGER NOT NULL REFERENCES items (id),
  kind TEXT NOT NULL,
  key_mac BLOB NOT NULL,
  robot TEXT NOT NULL,
  mode TEXT NOT NULL,
  on_day INTEGER NOT NULL,
  sticky INTEGER NOT NULL,
  PRIMARY KEY (item_id, kind, key_mac)
) WITHOUT ROWID;
CREATE INDEX marks_by_key ON marks (robot, mode, kind, key_mac, on_day);

CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items (id),
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  data_sealed BLOB NOT NULL
);
CREATE INDEX evidence_by_item ON evidence (item_id);

CREATE TABLE papers (
  id INTEGER PRIMARY KEY,
  robot TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  paper_sealed BLOB NOT NULL
);
CREATE INDEX papers_by_name ON papers (robot, name, id);

CREATE TABLE stops (
  id INTEGER PRIMARY KEY,
  robot TEXT NOT NULL,
  at INTEGER NOT NULL,
  run TEXT NOT NULL,
  kind TEXT NOT NULL,
  system TEXT NOT NULL,
  text TEXT NOT NULL,
  cleared_at INTEGER
);

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  robot TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL
);
