-- planned_runs are the planned runs that were started, by their key: a key is
-- started once only. ended_at is missing while it goes on, or where it was cut off.
CREATE TABLE planned_runs (
  key TEXT PRIMARY KEY,
  robot TEXT NOT NULL,
  schedule TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  run TEXT NOT NULL DEFAULT ''
);
CREATE INDEX planned_runs_open ON planned_runs (robot) WHERE ended_at IS NULL;

-- schedule_marks say up to when each schedule's planned runs are accounted for.
CREATE TABLE schedule_marks (
  robot TEXT NOT NULL,
  schedule TEXT NOT NULL,
  settled_at INTEGER NOT NULL,
  PRIMARY KEY (robot, schedule)
);
