-- What coverage is counted from, in narrow columns: no document of a state is read for it. The documents are cast to
-- json, not jsonb, because a NUL that they escape would fail the whole statement.
ALTER TABLE table_state ADD COLUMN place text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE table_state ADD COLUMN described boolean NOT NULL DEFAULT false;
ALTER TABLE table_state ADD COLUMN draft text;
UPDATE table_state SET
    place = regexp_replace(table_ref::json ->> 'fqn', '\.?("([^"]|"")*"|[^."]*)$', ''),
    described = btrim(coalesce(walked::json -> 'table' -> 'description' ->> 'text', '')) <> '',
    draft = walked::json -> 'draft' ->> 'text'
    WHERE strpos(table_ref, '\u0000') = 0 AND strpos(walked, '\u0000') = 0;
