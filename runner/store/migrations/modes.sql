-- modes are what people have set for a robot (area '') or one of its areas; the lowest of
-- these and the configuration's counts.
CREATE TABLE modes (
  robot TEXT NOT NULL,
  area TEXT NOT NULL,
  mode TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (robot, area)
);

-- ramp_steps are the steps of robots that are let in slowly; the newest of a scope counts.
CREATE TABLE ramp_steps (
  id INTEGER PRIMARY KEY,
  robot TEXT NOT NULL,
  scope TEXT NOT NULL,
  size INTEGER NOT NULL,
  begun_at INTEGER NOT NULL
);
CREATE INDEX ramp_steps_by_scope ON ramp_steps (robot, scope, id);

-- ramp_items are the items that were let in, and what a person said of each: '', 'right'
-- or 'wrong'.
CREATE TABLE ramp_items (
  item_id INTEGER PRIMARY KEY REFERENCES items (id),
  step_id INTEGER NOT NULL REFERENCES ramp_steps (id),
  judged TEXT NOT NULL,
  judged_at INTEGER NOT NULL
);
CREATE INDEX ramp_items_by_step ON ramp_items (step_id);

CREATE INDEX items_held ON items (robot, area) WHERE state = 'waiting' AND code IN ('STANDSET', 'RAMPE', 'SKYGGE');
