-- What the vector index still has to hear of: one task a table, the newest. AUTOINCREMENT, so that a place is never
-- given twice.
CREATE TABLE vector_queue (
    place    INTEGER PRIMARY KEY AUTOINCREMENT,
    table_id TEXT NOT NULL UNIQUE,
    task     TEXT NOT NULL
) STRICT;
