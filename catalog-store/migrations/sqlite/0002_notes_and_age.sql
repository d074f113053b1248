-- Small facts of the walk that must survive a crash. None is a cell value.
CREATE TABLE note (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Walks what waits from the oldest on, without reading or sorting the rest.
CREATE INDEX outbox_by_age ON outbox (place, table_id) WHERE fate = 'pending';
