-- heartbeats: when each machine last showed that it can write here.
CREATE TABLE heartbeats (
  machine TEXT PRIMARY KEY,
  at INTEGER NOT NULL
);

-- How a planned run ended: '' while it goes on, or before this was noted.
ALTER TABLE planned_runs ADD COLUMN ending TEXT NOT NULL DEFAULT '';

CREATE INDEX planned_runs_newest ON planned_runs (robot, schedule, planned_at);

-- alarms stand from begun_at until ended_at, 0 while they stand; gone_at is when the cause
-- was last seen to be gone, 0 while it is there. about is the name of a robot, schedule,
-- machine, certificate or password; text has nothing personal in it.
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  about TEXT NOT NULL,
  robot TEXT NOT NULL,
  text TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  gone_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX alarms_standing ON alarms (code, about) WHERE ended_at = 0;

-- alarm_mails: who is told of an alarm. tell is what is to be said and has not been: '',
-- 'begun', 'stands' or 'over'; it is tried at next_at. told_at is when a mail was last taken.
CREATE TABLE alarm_mails (
  alarm_id INTEGER NOT NULL REFERENCES alarms (id),
  address TEXT NOT NULL,
  tell TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  failure TEXT NOT NULL,
  told TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (alarm_id, address)
) WITHOUT ROWID;
CREATE INDEX alarm_mails_unsent ON alarm_mails (next_at) WHERE tell <> '';

-- list_sizes: how many exceptions were on a robot's list, about once an hour.
CREATE TABLE list_sizes (
  robot TEXT NOT NULL,
  at INTEGER NOT NULL,
  open INTEGER NOT NULL,
  PRIMARY KEY (robot, at)
) WITHOUT ROWID;
