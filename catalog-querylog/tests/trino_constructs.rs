//! Constructs of Trino's grammar that appear in real logs.

use catalog_querylog::sql::{parse, tokenize};

const READ: &[&str] = &[
    "SELECT transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s) FROM t",
    "SELECT zip_with(a, b, (x, y) -> x || y) FROM t",
    "SELECT TRY_CAST(a AS bigint), TRY(a / b) FROM t",
    "SELECT CAST(a AS ARRAY(bigint)) FROM t",
    "SELECT CAST(a AS MAP(varchar, ARRAY(double))) FROM t",
    "SELECT CAST(ROW(1, 'a') AS ROW(x bigint, y varchar)) FROM t",
    "SELECT CAST(a AS timestamp(3) with time zone) FROM t",
    "SELECT CAST(json_parse(a) AS ARRAY(MAP(varchar, json))) FROM t",
    "SELECT * FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u (x, y, n)",
    "SELECT * FROM t LEFT JOIN UNNEST(a) AS u (x) ON TRUE",
    "SELECT * FROM t TABLESAMPLE SYSTEM (10)",
    "SELECT * FROM t TABLESAMPLE BERNOULLI (0.5)",
    "SELECT a AT TIME ZONE 'Europe/Paris' FROM t",
    "SELECT a, b, sum(c) FROM t GROUP BY GROUPING SETS ((a, b), (a), ())",
    "SELECT a, sum(c), grouping(a) FROM t GROUP BY CUBE (a, b)",
    "SELECT a FROM t GROUP BY ROLLUP (a, b)",
    "SELECT a FROM t ORDER BY a FETCH FIRST 5 ROWS WITH TIES",
    "SELECT a FROM t OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY",
    "SELECT a FROM t ORDER BY a DESC NULLS LAST LIMIT ALL",
    "SELECT * FROM TABLE(postgresql.system.query(query => 'SELECT 1'))",
    "SELECT * FROM TABLE(exclude_columns(input => TABLE(orders), columns => DESCRIPTOR(a, b)))",
    "SELECT * FROM t FOR VERSION AS OF 123",
    "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2026-01-01 00:00:00 UTC'",
    "SELECT * FROM \"t$snapshots\"",
    "SELECT * FROM \"My Catalog\".\"my schema\".\"t\"",
    "WITH SESSION query_max_run_time = '1h' SELECT * FROM t",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n FROM r",
    "SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY a) FROM t",
    "SELECT array_agg(a ORDER BY b DESC) FILTER (WHERE a IS NOT NULL) FROM t",
    "SELECT first_value(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c) FROM t",
    "SELECT lag(a, 1, 0) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c)",
    "SELECT sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT sum(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW) FROM t",
    "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES A.c AS x ONE ROW PER MATCH \
     AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+ C*) DEFINE B AS B.c < A.c) AS m",
    "SELECT json_value(a, 'lax $.x') FROM t",
    "SELECT json_exists(a, 'lax $.x') FROM t",
    "SELECT json_object('a' : 1) FROM t",
    "SELECT a[1], m['x'], r.f.g FROM t",
    "SELECT a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b FROM t",
    "SELECT EXTRACT(DOW FROM d), date_trunc('week', d), INTERVAL '2-3' YEAR TO MONTH FROM t",
    "SELECT current_date, current_timestamp(3), localtime FROM t",
    "SELECT DECIMAL '1.2', REAL '1', DOUBLE '2.0', CHAR 'a', U&'\\00e9', X'AB' FROM t",
    "SELECT a FROM t WHERE (a, b) IN (SELECT c, d FROM u)",
    "SELECT a FROM t WHERE a > ALL (SELECT b FROM u)",
    "SELECT a FROM t WHERE a LIKE 'x!_%' ESCAPE '!'",
    "SELECT a FROM t INTERSECT SELECT b FROM u EXCEPT SELECT c FROM v",
    "SELECT a FROM (VALUES (1, 'a'), (2, 'b')) AS v (a, b)",
    "TABLE t",
    "VALUES 1, 2, 3",
    "(SELECT a FROM t) UNION (SELECT b FROM u ORDER BY 1 LIMIT 1)",
    "SELECT * FROM t, LATERAL (SELECT * FROM u WHERE u.a = t.a) x",
    "SELECT ROW(1, 2), ARRAY[1, 2], ARRAY[ARRAY[1]], MAP(ARRAY['a'], ARRAY[1]) FROM t",
    "SELECT normalize(a, NFC), position('x' IN a), substring(a FROM 2 FOR 3), trim(BOTH 'x' FROM a) FROM t",
    "SELECT count(*) FILTER (WHERE a > 1), count(DISTINCT a), approx_percentile(a, ARRAY[0.5, 0.9]) FROM t",
    "SELECT if(a > 1, 'x', 'y'), CASE a WHEN 1 THEN 'x' END, nullif(a, b) FROM t",
    "SELECT a FROM t WHERE regexp_like(a, '^x') AND a BETWEEN SYMMETRIC 1 AND 2",
    "INSERT INTO c.s.t (a, b) SELECT a, b FROM u",
    "CREATE TABLE c.s.t WITH (format = 'PARQUET', partitioned_by = ARRAY['d']) AS SELECT a, d FROM u",
    "CREATE OR REPLACE VIEW v AS SELECT a FROM t",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND u.b = 1 THEN UPDATE SET b = u.b WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)",
    "EXPLAIN ANALYZE SELECT a FROM t",
    "EXPLAIN (TYPE IO, FORMAT JSON) SELECT a FROM t",
    "SELECT a FROM t WHERE d >= date_add('day', -7, current_date)",
    "SELECT a.* FROM t AS a JOIN u AS b USING (x, y)",
    "SELECT \"a\" || 'b' AS \"Odd Name\" FROM t",
    "SELECT json_query(a, 'lax $.x' WITH WRAPPER) FROM t",
    "SELECT a FROM t GROUP BY DISTINCT ROLLUP (a, b)",
    "SELECT nth_value(a, 2) FROM FIRST RESPECT NULLS OVER (ORDER BY b) FROM t",
    "SELECT sum(a) FROM t GROUP BY ALL",
    "SELECT a FROM t UNION CORRESPONDING SELECT a FROM u",
    "SELECT a FROM t WHERE a = ANY (VALUES 1, 2)",
    "SELECT (row_col).* FROM t",
    "WITH FUNCTION f(x bigint) RETURNS bigint RETURN x + 1 SELECT f(a) FROM t",
    "PREPARE q FROM SELECT a FROM t WHERE b = ?",
];

/// What does not parse yet. Such an event is counted, and its tables come from what the engine says.
const NOT_READ: &[&str] = &["ALTER TABLE t EXECUTE optimize"];

#[test]
fn constructs_of_trino_parse() {
    let failed: Vec<&str> = READ.iter().filter(|sql| tokenize(sql).and_then(parse).is_err()).copied().collect();
    assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), READ.len());
}

#[test]
fn what_is_listed_as_unknown_is_unknown() {
    let read: Vec<&str> = NOT_READ.iter().filter(|sql| tokenize(sql).and_then(parse).is_ok()).copied().collect();
    assert!(read.is_empty(), "now read, move them up: {read:#?}");
}
