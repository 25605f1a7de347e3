-- Which worker began a run, with which limit (0 is none), and on which machine.
ALTER TABLE runs ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN run_limit INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN machine TEXT NOT NULL DEFAULT '';

-- leases say what only one program may do at a time over all machines, and until when.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  machine TEXT NOT NULL,
  lease_until INTEGER NOT NULL
);

-- How a planned run is to be run, and who runs it: '' while nobody does.
ALTER TABLE planned_runs ADD COLUMN mode TEXT NOT NULL DEFAULT '';
ALTER TABLE planned_runs ADD COLUMN run_limit INTEGER NOT NULL DEFAULT 0;
ALTER TABLE planned_runs ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE planned_runs ADD COLUMN machine TEXT NOT NULL DEFAULT '';
