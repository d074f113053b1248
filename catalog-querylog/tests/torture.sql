-- Constructs of Trino's grammar over the tpch catalog. Trino 476 accepts each of them with EXPLAIN (TYPE VALIDATE), which
-- e2e/tests/query_log.rs checks; catalog-querylog/tests/torture.rs reads them. A name begins each, a semicolon ends it.
-- lambda_transform
SELECT transform(ARRAY[custkey], x -> x + 1), reduce(ARRAY[custkey], 0, (s, x) -> s + x, s -> s) FROM tpch.tiny.customer;
-- lambda_zip_with
SELECT zip_with(ARRAY[name], ARRAY[phone], (x, y) -> x || y) FROM tpch.tiny.customer;
-- lambda_map
SELECT map_filter(MAP(ARRAY[name], ARRAY[custkey]), (k, v) -> v > 10), any_match(ARRAY[custkey], x -> x = 1) FROM tpch.tiny.customer;
-- try_cast
SELECT TRY_CAST(phone AS bigint), TRY(custkey / nationkey) FROM tpch.tiny.customer;
-- array_type
SELECT CAST(json_parse(comment) AS ARRAY(bigint)) FROM tpch.tiny.customer;
-- map_type
SELECT CAST(json_parse(comment) AS MAP(varchar, ARRAY(double))) FROM tpch.tiny.customer;
-- row_type
SELECT CAST(ROW(custkey, name) AS ROW(x bigint, y varchar)) FROM tpch.tiny.customer;
-- array_of_row
SELECT CAST(json_parse(comment) AS ARRAY(ROW(a bigint, b MAP(varchar, json)))) FROM tpch.tiny.customer;
-- timestamp_type
SELECT CAST(orderdate AS timestamp(3) with time zone) FROM tpch.tiny.orders;
-- typed_literals
SELECT CAST(totalprice AS decimal(18, 2)), DECIMAL '1.2', REAL '1', DOUBLE '2.0', CHAR 'a', X'AB', U&'\00e9' FROM tpch.tiny.orders;
-- literals_of_any_type
SELECT TINYINT '-7', BIGINT '7', UUID '123e4567-e89b-12d3-a456-426614174000', IPADDRESS '10.0.0.1', TIME '08:30:00.500' FROM tpch.tiny.region;
-- unnest_ordinality
SELECT u.x, u.n FROM tpch.tiny.orders o CROSS JOIN UNNEST(split(o.comment, ' '), ARRAY[1]) WITH ORDINALITY AS u (x, y, n);
-- unnest_left
SELECT o.orderkey, u.x FROM tpch.tiny.orders o LEFT JOIN UNNEST(split(o.comment, ' ')) AS u (x) ON TRUE;
-- unnest_map
SELECT k, v FROM UNNEST(MAP(ARRAY['a'], ARRAY[1])) AS t (k, v);
-- sample_system
SELECT * FROM tpch.tiny.orders TABLESAMPLE SYSTEM (10);
-- sample_bernoulli
SELECT o.orderkey FROM tpch.tiny.orders AS o TABLESAMPLE BERNOULLI (0.5) JOIN tpch.tiny.customer c ON c.custkey = o.custkey;
-- at_time_zone
SELECT current_timestamp AT TIME ZONE 'Europe/Paris', TIMESTAMP '2026-01-01 00:00:00 UTC' AT TIME ZONE 'UTC' FROM tpch.tiny.nation;
-- grouping_sets
SELECT custkey, orderstatus, sum(totalprice), grouping(custkey, orderstatus) FROM tpch.tiny.orders GROUP BY GROUPING SETS ((custkey, orderstatus), (custkey), ());
-- cube
SELECT custkey, orderstatus, count(*) FROM tpch.tiny.orders GROUP BY CUBE (custkey, orderstatus);
-- rollup
SELECT custkey, orderstatus, count(*) FROM tpch.tiny.orders GROUP BY ROLLUP (custkey, orderstatus);
-- group_by_distinct
SELECT custkey, orderstatus FROM tpch.tiny.orders GROUP BY DISTINCT ROLLUP (custkey, orderstatus);
-- group_by_mixed
SELECT custkey, orderstatus, count(*) FROM tpch.tiny.orders GROUP BY custkey, CUBE (orderstatus);
-- fetch_with_ties
SELECT orderkey FROM tpch.tiny.orders ORDER BY totalprice FETCH FIRST 5 ROWS WITH TIES;
-- offset_fetch
SELECT orderkey FROM tpch.tiny.orders ORDER BY 1 OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY;
-- limit_all
SELECT orderkey FROM tpch.tiny.orders ORDER BY totalprice DESC NULLS LAST LIMIT ALL;
-- table_function_sequence
SELECT * FROM TABLE(sequence(start => 1, stop => 10));
-- table_function_descriptor
SELECT * FROM TABLE(exclude_columns(input => TABLE(tpch.tiny.orders), columns => DESCRIPTOR(clerk, comment)));
-- table_function_join
SELECT o.orderkey FROM tpch.tiny.orders o JOIN TABLE(sequence(1, 5)) AS s (n) ON s.n = o.orderkey;
-- with_session
WITH SESSION query_max_run_time = '1h' SELECT count(*) FROM tpch.tiny.orders;
-- with_function
WITH FUNCTION twice(x bigint) RETURNS bigint RETURN x * 2 SELECT twice(orderkey) FROM tpch.tiny.orders;
-- with_function_block
WITH FUNCTION sign_of(x bigint) RETURNS varchar BEGIN IF x > 0 THEN RETURN 'plus'; END IF; RETURN 'none'; END SELECT sign_of(orderkey) FROM tpch.tiny.orders;
-- with_recursive
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n FROM r JOIN tpch.tiny.nation ON nationkey = n;
-- with_columns
WITH w (a, b) AS (SELECT custkey, name FROM tpch.tiny.customer), v AS (TABLE w) SELECT a FROM v;
-- listagg
SELECT listagg(name, ', ') WITHIN GROUP (ORDER BY name) FROM tpch.tiny.nation;
-- listagg_overflow
SELECT listagg(name, ', ' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY name) FROM tpch.tiny.nation;
-- array_agg_order_filter
SELECT array_agg(name ORDER BY nationkey DESC) FILTER (WHERE regionkey IS NOT NULL) FROM tpch.tiny.nation;
-- ignore_nulls
SELECT first_value(name) IGNORE NULLS OVER (PARTITION BY regionkey ORDER BY nationkey) FROM tpch.tiny.nation;
-- named_window
SELECT lag(name, 1, 'none') OVER w, rank() OVER (w) FROM tpch.tiny.nation WINDOW w AS (PARTITION BY regionkey ORDER BY nationkey);
-- frame_groups
SELECT sum(totalprice) OVER (ORDER BY orderdate GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM tpch.tiny.orders;
-- frame_range_interval
SELECT sum(totalprice) OVER (ORDER BY orderdate RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW) FROM tpch.tiny.orders;
-- match_recognize
SELECT m.custkey, m.low FROM tpch.tiny.orders MATCH_RECOGNIZE (PARTITION BY custkey ORDER BY orderdate MEASURES A.totalprice AS start_price, LAST(B.totalprice) AS low ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+ C*) DEFINE B AS B.totalprice < PREV(B.totalprice), C AS C.totalprice > PREV(C.totalprice)) AS m;
-- match_recognize_subset
SELECT m.custkey FROM tpch.tiny.orders MATCH_RECOGNIZE (PARTITION BY custkey ORDER BY orderdate MEASURES LAST(U.totalprice) AS last_price ALL ROWS PER MATCH PATTERN (A B+) SUBSET U = (A, B) DEFINE B AS B.totalprice < A.totalprice) AS m;
-- window_pattern
SELECT custkey, last_price OVER w FROM tpch.tiny.orders WINDOW w AS (PARTITION BY custkey ORDER BY orderdate MEASURES LAST(B.totalprice) AS last_price ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN (A B+) DEFINE B AS B.totalprice < A.totalprice);
-- window_pattern_inline
SELECT o.custkey, low OVER (PARTITION BY o.custkey ORDER BY o.orderdate MEASURES LAST(A.totalprice) AS low ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING AFTER MATCH SKIP TO NEXT ROW SEEK PATTERN (A B+) SUBSET U = (A, B) DEFINE B AS B.totalprice < PREV(B.totalprice)) AS lowest, sum(o.totalprice) OVER (PARTITION BY o.custkey) FROM tpch.tiny.orders o JOIN tpch.tiny.customer c ON c.custkey = o.custkey;
-- json_value
SELECT json_value(comment, 'lax $.x' RETURNING bigint DEFAULT 0 ON EMPTY) FROM tpch.tiny.orders;
-- json_exists
SELECT json_exists(comment, 'lax $.x') FROM tpch.tiny.orders;
-- json_query_wrapper
SELECT json_query(comment, 'lax $.x' WITH ARRAY WRAPPER) FROM tpch.tiny.orders;
-- json_object
SELECT json_object('a' : custkey, KEY 'b' VALUE name), json_array(custkey, name) FROM tpch.tiny.customer;
-- json_table
SELECT j.a FROM tpch.tiny.customer, JSON_TABLE(comment, 'lax $' COLUMNS (a bigint PATH 'lax $.a')) AS j;
-- subscripts
SELECT ARRAY[custkey][1], MAP(ARRAY['x'], ARRAY[custkey])['x'], CAST(ROW(custkey) AS ROW(f bigint)).f FROM tpch.tiny.customer;
-- row_star
SELECT CAST(ROW(custkey, name) AS ROW(a bigint, b varchar)).* FROM tpch.tiny.customer;
-- distinct_from
SELECT name IS DISTINCT FROM phone, name IS NOT DISTINCT FROM phone FROM tpch.tiny.customer;
-- extract_and_intervals
SELECT EXTRACT(DOW FROM orderdate), date_trunc('week', orderdate), INTERVAL '2-3' YEAR TO MONTH, orderdate + INTERVAL '1' MONTH FROM tpch.tiny.orders;
-- special_functions
SELECT current_date, current_timestamp(3), localtime, current_user, current_catalog, current_schema FROM tpch.tiny.nation;
-- in_row_subquery
SELECT orderkey FROM tpch.tiny.orders WHERE (custkey, orderstatus) IN (SELECT custkey, 'O' FROM tpch.tiny.customer);
-- all_subquery
SELECT orderkey FROM tpch.tiny.orders WHERE totalprice > ALL (SELECT acctbal FROM tpch.tiny.customer);
-- any_subquery
SELECT orderkey FROM tpch.tiny.orders WHERE custkey = ANY (SELECT custkey FROM tpch.tiny.customer);
-- any_values
SELECT orderkey FROM tpch.tiny.orders WHERE custkey = ANY (VALUES 1, 2);
-- like_escape
SELECT name FROM tpch.tiny.customer WHERE name LIKE 'x!_%' ESCAPE '!';
-- set_operations
SELECT custkey FROM tpch.tiny.orders INTERSECT SELECT custkey FROM tpch.tiny.customer EXCEPT ALL SELECT nationkey FROM tpch.tiny.nation;
-- corresponding
SELECT custkey, orderkey FROM tpch.tiny.orders UNION ALL CORRESPONDING SELECT name, custkey FROM tpch.tiny.customer;
-- values_table
SELECT v.a FROM (VALUES (1, 'a'), (2, 'b')) AS v (a, b) JOIN tpch.tiny.nation n ON n.nationkey = v.a;
-- values_bare
SELECT a FROM (VALUES 1, 2, 3) AS v (a);
-- table_statement
TABLE tpch.tiny.nation;
-- parenthesised_union
(SELECT custkey FROM tpch.tiny.orders) UNION (SELECT custkey FROM tpch.tiny.customer ORDER BY 1 LIMIT 1);
-- lateral
SELECT c.name, x.total FROM tpch.tiny.customer c CROSS JOIN LATERAL (SELECT sum(o.totalprice) AS total FROM tpch.tiny.orders o WHERE o.custkey = c.custkey) x;
-- string_functions
SELECT normalize(name, NFC), position('x' IN name), substring(name FROM 2 FOR 3), trim(BOTH 'x' FROM name) FROM tpch.tiny.customer;
-- aggregate_filters
SELECT count(*) FILTER (WHERE custkey > 1), count(DISTINCT orderstatus), approx_percentile(totalprice, ARRAY[0.5, 0.9]) FROM tpch.tiny.orders;
-- conditionals
SELECT if(custkey > 1, 'x', 'y'), CASE orderstatus WHEN 'O' THEN 'x' END, nullif(custkey, 1), coalesce(clerk, 'none') FROM tpch.tiny.orders;
-- using_join
SELECT custkey, c.name FROM tpch.tiny.orders o FULL OUTER JOIN tpch.tiny.customer c USING (custkey);
-- nested_join
SELECT count(*) FROM tpch.tiny.region r LEFT JOIN (tpch.tiny.nation n JOIN tpch.tiny.customer c ON c.nationkey = n.nationkey) ON n.regionkey = r.regionkey;
-- quoted_names
SELECT "o"."orderkey" AS "Order Key" FROM "tpch"."tiny"."orders" AS "o" ORDER BY "Order Key";
-- exists_not
SELECT c.name FROM tpch.tiny.customer c WHERE NOT EXISTS (SELECT 1 FROM tpch.tiny.orders o WHERE o.custkey = c.custkey);
-- scalar_subquery
SELECT c.name, (SELECT max(o.totalprice) FROM tpch.tiny.orders o WHERE o.custkey = c.custkey) FROM tpch.tiny.customer c;
-- number_forms
SELECT orderkey FROM tpch.tiny.orders WHERE totalprice > 1_000_000 AND custkey <> 0x1F AND totalprice < 1.5E9;
-- comments
SELECT /* all /* of them */ orderkey -- here
FROM tpch.tiny.orders;
-- window_in_order
SELECT name FROM tpch.tiny.nation ORDER BY row_number() OVER (PARTITION BY regionkey ORDER BY name) DESC;
-- table_function_cross
SELECT * FROM TABLE(sequence(start => 0, stop => 4, step => 2)) AS s (n) CROSS JOIN tpch.tiny.region;
-- at_zone_interval
SELECT with_timezone(TIMESTAMP '2026-01-01 00:00:00', 'Europe/Paris') AT TIME ZONE INTERVAL '2' HOUR FROM tpch.tiny.region;
-- concat_chain
SELECT name || ' ' || cast(custkey AS varchar) || '''' FROM tpch.tiny.customer WHERE name = 'O''Neil';
-- explain_analyze
EXPLAIN SELECT count(*) FROM tpch.tiny.orders;
-- prepare
PREPARE q FROM SELECT name FROM tpch.tiny.nation WHERE nationkey = ?;
-- insert_select
INSERT INTO memory.default.torture SELECT nationkey, name FROM tpch.tiny.nation;
-- create_table_as
CREATE TABLE memory.default.torture_copy COMMENT 'a copy' AS SELECT nationkey FROM tpch.tiny.nation WITH NO DATA;
