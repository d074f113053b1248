-- What coverage is counted from, in narrow columns that an index covers: no document of a state is read for it.
ALTER TABLE table_state ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE table_state ADD COLUMN described INTEGER NOT NULL DEFAULT 0;
ALTER TABLE table_state ADD COLUMN draft TEXT;
-- The place is the name without its last part; where that part is quoted, without what the last two quotes enclose.
UPDATE table_state SET
    place = rtrim(CASE
        WHEN fqn.name LIKE '%"' THEN rtrim(rtrim(rtrim(fqn.name, '"'), replace(rtrim(fqn.name, '"'), '"', '')), '"')
        ELSE rtrim(fqn.name, replace(fqn.name, '.', '')) END, '.'),
    described = trim(coalesce(json_extract(walked, '$.table.description.text'), '')) <> '',
    draft = json_extract(walked, '$.draft.text')
    FROM (SELECT table_id AS id, json_extract(table_ref, '$.fqn') AS name FROM table_state) AS fqn
    WHERE table_state.table_id = fqn.id;
CREATE INDEX table_state_coverage ON table_state (table_id, place, described, draft);
