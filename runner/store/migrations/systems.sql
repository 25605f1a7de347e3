-- systems is what all programs know of each existing system: places taken, troubles, a
-- refused password, announced maintenance. runner/limits says what is in state.
CREATE TABLE systems (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL
);

-- door_waits are the items that wait until a system lets robots in again.
CREATE TABLE door_waits (
  item_id INTEGER PRIMARY KEY REFERENCES items (id),
  system TEXT NOT NULL
);
CREATE INDEX door_waits_by_system ON door_waits (system);
