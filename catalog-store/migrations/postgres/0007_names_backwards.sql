-- Names read from their end, so that one index finds a table by its name and by the end of its name. Taken from the
-- document in the index alone, so that a program of the version before, which knows nothing of it, keeps it right. The
-- name is the first "fqn" of the document (quotes inside of its strings are escaped), as JSON escapes it; an index takes
-- no long texts, so only its last 400 characters count here.
CREATE INDEX table_state_by_name ON table_state
    (left(reverse(substring(table_ref from '"fqn":"((?:[^"\\]|\\.)*)"')), 400) COLLATE "C", table_id);
CREATE INDEX parked_by_name ON parked
    (left(reverse(substring(parked from '"fqn":"((?:[^"\\]|\\.)*)"')), 400) COLLATE "C", table_id);
