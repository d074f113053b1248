-- Names read from their end, so that one index finds a table by its name and by the end of its name.
ALTER TABLE table_state ADD COLUMN backwards TEXT NOT NULL DEFAULT '';
ALTER TABLE parked ADD COLUMN backwards TEXT NOT NULL DEFAULT '';
UPDATE table_state SET backwards = (
    WITH RECURSIVE rest(name, turned) AS (
        SELECT json_extract(table_ref, '$.fqn'), ''
        UNION ALL SELECT substr(name, 1, length(name) - 1), turned || substr(name, -1) FROM rest WHERE name <> '')
    SELECT turned FROM rest WHERE name = '');
UPDATE parked SET backwards = coalesce((
    WITH RECURSIVE rest(name, turned) AS (
        SELECT json_extract(parked, '$.table.fqn'), ''
        UNION ALL SELECT substr(name, 1, length(name) - 1), turned || substr(name, -1) FROM rest WHERE name <> '')
    SELECT turned FROM rest WHERE name = ''), '');
CREATE INDEX table_state_by_name ON table_state (backwards, table_id);
CREATE INDEX parked_by_name ON parked (backwards, table_id);
