-- What the clock that nobody can set showed when a change was begun, and when another
-- boot of a machine first saw that it had been: JSON, microseconds by boot id.
ALTER TABLE steps ADD COLUMN readings TEXT NOT NULL DEFAULT '{}';
