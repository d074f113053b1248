//! The questions to `pg_catalog`. Names come as text, object ids as `int8`.

/// Relations after a name, by schema and name: `$1`, `$2` the schema and name to start behind (empty: the start),
/// `$3` how many, `$4`, `$5` schema and name of the only one wanted (NULL: all).
pub(super) const RELATIONS: &str = "
SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       c.reltuples::float8 AS planner_rows, c.relpages AS pages, pg_stat_get_live_tuples(c.oid) AS live_rows,
       obj_description(c.oid, 'pg_class') AS comment,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_filenode(c.oid)::text || '-'
            || pg_stat_get_tuples_inserted(c.oid) || '-' || pg_stat_get_tuples_updated(c.oid) || '-'
            || pg_stat_get_tuples_deleted(c.oid) END AS change_token
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND ($1 = '' OR (n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\") > ($1, $2))
  AND ($4::text IS NULL OR (n.nspname::text = $4 AND c.relname::text = $5))
ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\" LIMIT $3";

/// Columns of the relations `$1`; a domain's type is its base type's.
pub(super) const COLUMNS: &str = "
SELECT a.attrelid::int8 AS oid, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS native_type,
       coalesce(b.typname, t.typname)::text AS type_name, coalesce(b.typtype, t.typtype)::text AS type_kind,
       coalesce(b.typcategory, t.typcategory)::text AS type_category, NOT a.attnotnull AS nullable,
       col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
WHERE a.attrelid = ANY ($1::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum";

/// Primary keys and unique indexes of the relations `$1` over plain columns and all rows.
pub(super) const UNIQUE: &str = "
SELECT i.indrelid::int8 AS oid, i.indisprimary AS is_primary,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE k.position <= i.indnkeyatts) AS columns
FROM pg_index i
WHERE i.indrelid = ANY ($1::int8[]::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
  AND i.indexprs IS NULL ORDER BY i.indrelid, i.indexrelid";

/// Foreign keys of the relations `$1`.
pub(super) const FOREIGN_KEYS: &str = "
SELECT f.conrelid::int8 AS oid, n.nspname::text AS parent_schema, p.relname::text AS parent_name,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
        FROM unnest(f.conkey) WITH ORDINALITY AS k (number, position)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY k.position)
        FROM unnest(f.confkey) WITH ORDINALITY AS k (number, position)
        JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number) AS parent_columns
FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE f.contype = 'f' AND f.conrelid = ANY ($1::int8[]::oid[]) ORDER BY f.conrelid, f.conname";

/// What the views `$1` read.
pub(super) const UPSTREAM: &str = "
SELECT DISTINCT r.ev_class::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name
FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_class = ANY ($1::int8[]::oid[]) AND c.oid <> r.ev_class ORDER BY 1, 2, 3";
