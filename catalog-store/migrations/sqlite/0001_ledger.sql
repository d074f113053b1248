-- The first schema of the ledger. JSON columns hold the serde forms of catalog-core's types; the columns beside them
-- are what queries look at. No column holds a cell value: fingerprints are sealed, everything else is free of them.

-- A known text, sealed: tells a wrong key at the door, before two keys mix in one ledger.
CREATE TABLE seal_check (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    sealed   BLOB NOT NULL
) STRICT;

-- The last fence given out. One counter for all tables, so that it survives whatever happens to an item.
CREATE TABLE last_fence (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    fence    INTEGER NOT NULL
) STRICT;
INSERT INTO last_fence VALUES (1, 0);

-- One row a table that waits or is held. `place` orders by age; `fence` is set while a lease was not spent.
CREATE TABLE work_queue (
    place          INTEGER PRIMARY KEY AUTOINCREMENT,
    table_id       TEXT NOT NULL UNIQUE,
    source         TEXT NOT NULL,
    table_ref      TEXT NOT NULL,
    reason         TEXT NOT NULL,
    stage          TEXT NOT NULL CHECK (stage IN ('inspect', 'describe')),
    attempt        INTEGER NOT NULL DEFAULT 0,
    worker         TEXT,
    fence          INTEGER,
    lease_until_ms INTEGER,
    CHECK ((fence IS NULL) = (lease_until_ms IS NULL))
) STRICT;
CREATE INDEX work_queue_by_stage ON work_queue (stage, place);
CREATE INDEX work_queue_by_source ON work_queue (source);

CREATE TABLE parked (
    table_id TEXT PRIMARY KEY,
    parked   TEXT NOT NULL
) STRICT;

CREATE TABLE watermark (
    source        TEXT PRIMARY KEY,
    updated_at_ms INTEGER NOT NULL,
    table_id      TEXT NOT NULL
) STRICT;

-- `walked` is the state without what stands in columns of its own. `fingerprints` are sealed.
CREATE TABLE table_state (
    table_id      TEXT PRIMARY KEY,
    source        TEXT NOT NULL,
    gate          TEXT NOT NULL,
    sampled_at_ms INTEGER NOT NULL,
    walked        TEXT NOT NULL,
    keys          TEXT NOT NULL,
    indexed_text  TEXT,
    fingerprints  BLOB NOT NULL
) STRICT;
-- Covers the question that every sweep asks, so that it never reads the wide rows.
CREATE INDEX table_state_gates ON table_state (source, table_id, gate, sampled_at_ms);

CREATE TABLE run (
    place          INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    begun_at_ms    INTEGER NOT NULL,
    finished_at_ms INTEGER,
    summary        TEXT
) STRICT;

CREATE TABLE query_log (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    input_hash TEXT NOT NULL,
    mined      TEXT NOT NULL
) STRICT;

CREATE TABLE proposal (
    id            TEXT PRIMARY KEY,
    table_id      TEXT NOT NULL,
    fqn           TEXT NOT NULL,
    field         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'superseded')),
    confidence    REAL NOT NULL,
    why           TEXT NOT NULL,
    decided_by    TEXT,
    reason        TEXT,
    created_at_ms INTEGER NOT NULL,
    operation     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX proposal_one_open_a_field ON proposal (table_id, field) WHERE state = 'open';
CREATE INDEX proposal_by_table ON proposal (fqn, id);

-- A receipt is an outbox row that was published: version and time are there exactly then.
CREATE TABLE outbox (
    place             INTEGER PRIMARY KEY AUTOINCREMENT,
    operation_id      TEXT NOT NULL UNIQUE,
    table_id          TEXT NOT NULL,
    operation         TEXT NOT NULL,
    fate              TEXT NOT NULL DEFAULT 'pending' CHECK (fate IN ('pending', 'published', 'withdrawn')),
    withdrawn_because TEXT,
    version           TEXT,
    published_at_ms   INTEGER,
    CHECK ((fate = 'published') = (version IS NOT NULL AND published_at_ms IS NOT NULL))
) STRICT;
CREATE INDEX outbox_pending ON outbox (table_id, place) WHERE fate = 'pending';

CREATE TABLE audit_log (
    place        INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms        INTEGER NOT NULL,
    run          TEXT,
    actor        TEXT NOT NULL,
    action       TEXT NOT NULL,
    fqn          TEXT NOT NULL,
    operation    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (at_ms, place);
CREATE INDEX audit_log_by_table ON audit_log (fqn, at_ms, place);

CREATE TRIGGER audit_log_keeps_rows_as_they_are BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_keeps_rows BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
