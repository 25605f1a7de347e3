-- Entries that are written and not yet numbered. A row lives here for about a second.
CREATE TABLE log_pending (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body BYTEA NOT NULL
);

-- Numbered entries. at is in UTC microseconds. The columns from at to
-- subject_commitment are the leaf. detail, subject and subject_mac may be removed.
CREATE TABLE log_entries (
    seq                BIGINT PRIMARY KEY,
    at                 BIGINT NOT NULL,
    code               TEXT NOT NULL,
    run                TEXT NOT NULL,
    item               TEXT NOT NULL,
    detail_commitment  BYTEA NOT NULL,
    subject_commitment BYTEA,
    detail             BYTEA,
    subject            BYTEA,
    subject_mac        BYTEA,
    mac                BYTEA NOT NULL
);

CREATE INDEX log_entries_item ON log_entries (item, seq) WHERE item <> '';

CREATE INDEX log_entries_run ON log_entries (run, seq) WHERE run <> '';

CREATE INDEX log_entries_subject ON log_entries (subject_mac, seq) WHERE subject_mac IS NOT NULL;

CREATE INDEX log_entries_kept ON log_entries (at) WHERE detail IS NOT NULL;

CREATE INDEX log_entries_removals ON log_entries (seq) WHERE code = 'log.removed';

-- Pending rows that byskriver did not write, put aside by the sequencer. seq is
-- the number of the entry that tells of it.
CREATE TABLE log_rejected (
    seq  BIGINT PRIMARY KEY,
    body BYTEA NOT NULL
);

-- The tree's hashes, in tiles of height 8: up to 256 hashes of 32 bytes.
CREATE TABLE log_tiles (
    level  BIGINT NOT NULL,
    n      BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, n)
);

-- Signed checkpoints, numbered from 1 without gaps.
CREATE TABLE log_checkpoints (
    number BIGINT PRIMARY KEY,
    note   BYTEA NOT NULL
);

-- The tree's size and root, and how many checkpoints there are. One row, locked
-- by whoever numbers.
CREATE TABLE log_head (
    one         BIGINT PRIMARY KEY CHECK (one = 1),
    size        BIGINT NOT NULL,
    root        BYTEA NOT NULL,
    checkpoints BIGINT NOT NULL,
    mac         BYTEA NOT NULL
);

-- The number of the last entry that was written as a JSON line.
CREATE TABLE log_lines (
    one     BIGINT PRIMARY KEY CHECK (one = 1),
    written BIGINT NOT NULL,
    mac     BYTEA NOT NULL
);
