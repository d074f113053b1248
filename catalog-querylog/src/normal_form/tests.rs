//! What stays in a normal form and what does not.

use proptest::prelude::*;

use super::normal_form;

fn sql(text: &str) -> String {
    normal_form(text).ok().unwrap().sql
}

fn types(text: &str) -> Vec<String> {
    normal_form(text).ok().unwrap().parameters.into_iter().map(|(_, kind)| kind).collect()
}

#[test]
fn spelling_spaces_comments_and_aliases_do_not_matter() {
    let one =
        sql("select c.Name from Customer c, account AS a where c.id=a.cid -- ask ana@example.com\n and a.iban = 'X1';");
    let two = sql("SELECT  k.NAME /* 'secret' */\nFROM customer k , account z WHERE k.ID = z.CID AND z.IBAN='Y2'");
    assert_eq!(one, "SELECT t1.name FROM customer t1, account t2 WHERE t1.id = t2.cid AND t2.iban = :p1");
    assert_eq!(one, two);
}

#[test]
fn literals_become_typed_parameters() {
    let text = "SELECT 1 FROM t WHERE a = 'x' AND b > 12.5 AND c >= DATE '2026-01-01' AND d < TIMESTAMP '2026-01-01 00:00:00' \
                AND e = X'CAFE' AND f BETWEEN -5 AND 70000 AND g IN ('a', 'b') AND h = ?";
    assert_eq!(types(text), ["text", "number", "date", "timestamp", "binary", "number", "number", "text list", "any"]);
    assert_eq!(
        sql(text),
        "SELECT 1 FROM t WHERE a = :p1 AND b > :p2 AND c >= :p3 AND d < :p4 AND e = :p5 AND f BETWEEN :p6 AND :p7 AND g IN (:p8) AND h = :p9"
    );
}

#[test]
fn lists_of_any_length_have_one_form() {
    assert_eq!(sql("SELECT * FROM t WHERE a IN (1)"), sql("SELECT * FROM t WHERE a IN (1, -2, NULL, 3)"));
    assert_eq!(sql("SELECT ARRAY[1]"), sql("SELECT ARRAY[1, 2, 3]"));
    assert_eq!(sql("SELECT * FROM (VALUES (1, 'a')) v"), sql("SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, NULL)) v"));
    assert_eq!(sql("SELECT * FROM t WHERE a IN (b, 'x')"), "SELECT * FROM t WHERE a IN (b, :p1)");
}

#[test]
fn what_shapes_the_query_stays() {
    for text in [
        "SELECT date_trunc('month', d), round(x, 2), CAST(y AS decimal(12, 2)), sum(z) / 1000 FROM t GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50",
        "SELECT * FROM t WHERE d > current_date - INTERVAL '6' month",
        "SELECT date_format(d, '%Y-%m-%d'), format_datetime(d, 'yyyy-MM-dd HH:mm') FROM t",
        "SELECT sum(x) OVER (ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM t FETCH FIRST 10 ROWS ONLY",
        "SELECT d AT time zone 'Europe/Paris', json_value(a, 'lax $.x'), listagg(a, ', ') WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT * FROM TABLE (sequence(start => 1, stop => 10))",
        "SELECT * FROM t TABLESAMPLE BERNOULLI (10) WHERE EXISTS (SELECT 1 FROM u)",
    ] {
        assert_eq!(sql(text), text);
    }
}

#[test]
fn a_value_in_the_place_of_a_unit_or_a_format_does_not_stay() {
    assert_eq!(sql("SELECT date_trunc('Dupont', d) FROM t"), "SELECT date_trunc(:p1, d) FROM t");
    assert_eq!(sql("SELECT date_format(d, 'Dupont') FROM t"), "SELECT date_format(d, :p1) FROM t");
    assert_eq!(sql("SELECT f('month') FROM t"), "SELECT f(:p1) FROM t");
    assert_eq!(sql("SELECT INTERVAL '0612345678' second"), "SELECT INTERVAL :p1 second");
    assert_eq!(sql("SELECT coalesce(age, 42) FROM t"), "SELECT coalesce(age, :p1) FROM t");
}

#[test]
fn what_prepares_a_query_is_none_of_it() {
    for text in
        ["PREPARE q FROM SELECT a FROM t WHERE b = ?", "WITH SESSION x = 'Dupont' SELECT a FROM t WHERE b = 'y'"]
    {
        assert_eq!(sql(text), "SELECT a FROM t WHERE b = :p1");
    }
}

#[test]
fn an_alias_that_is_also_another_name_is_left_alone() {
    assert_eq!(sql("SELECT x.a FROM main.t x"), "SELECT t1.a FROM main.t t1");
    assert_eq!(sql("SELECT main.a FROM main.t main"), "SELECT main.a FROM main.t main");
    assert_eq!(sql("SELECT count(x), x.a FROM t x"), "SELECT count(x), x.a FROM t x");
    assert_eq!(sql("SELECT t2.a, x.b FROM t t2, u x"), "SELECT t1.a, t2.b FROM t t1, u t2");
    assert_eq!(sql("SELECT x.a, t1.b FROM u x, t1"), "SELECT t2.a, t1.b FROM u t2, t1");
    assert_eq!(sql("SELECT \"X\".a FROM t \"X\""), "SELECT \"X\".a FROM t \"X\"");
}

#[test]
fn quoted_names_and_names_that_are_keywords_stay() {
    assert_eq!(
        sql("SELECT \"Odd \"\"Name\", t.order FROM \"A b\".t"),
        "SELECT \"Odd \"\"Name\", t.order FROM \"A b\".t"
    );
}

#[test]
fn an_open_string_has_no_normal_form() {
    assert!(normal_form("SELECT * FROM t WHERE a = 'x").is_err());
}

#[test]
fn a_hint_is_a_comment() {
    assert_eq!(sql("SELECT /*! Jean Dupont */ a /*+ FR76 */ FROM t"), "SELECT a FROM t");
    assert_eq!(sql("SELECT a /* x /* y */ FROM t"), "SELECT a FROM t");
}

/// Every place of a query that can hold a value.
const PLACES: [&str; 30] = [
    "SELECT * FROM t WHERE a = {}",
    "SELECT * FROM t WHERE {} = a OR b <> {}",
    "SELECT * FROM t WHERE a IN ({}, {})",
    "SELECT * FROM t WHERE a IN (b, {})",
    "SELECT * FROM t WHERE a LIKE {} ESCAPE {}",
    "SELECT * FROM t WHERE a BETWEEN {} AND {}",
    "SELECT CASE a WHEN {} THEN {} ELSE {} END FROM t",
    "SELECT {} AS x, {}, a FROM t",
    "SELECT * FROM t JOIN u ON t.a = u.a AND u.b = {}",
    "SELECT * FROM (VALUES ({}, 1), ({}, 2)) AS v (a, b)",
    "VALUES {}, {}",
    "SELECT lower({}), concat({}, a, {}), coalesce(a, {}) FROM t",
    "SELECT date_trunc({}, d), date_format(d, {}), date_add({}, 1, d) FROM t",
    "SELECT /* {} */ a -- {}\nFROM t",
    "SELECT a FROM t ORDER BY a = {}, {} LIMIT 10",
    "SELECT a, count(*) FROM t GROUP BY a, {} HAVING max(b) > {}",
    "SELECT filter(a, x -> x = {}) FROM t",
    "SELECT * FROM TABLE(f(query => {}))",
    "SELECT json_value(a, {}), json_query(a, {}) FROM t",
    "SELECT a AT TIME ZONE {} FROM t",
    "SELECT ARRAY[{}, {}], ROW({}, 1), MAP(ARRAY[{}], ARRAY[{}]) FROM t",
    "SELECT CAST({} AS varchar), try_cast({} AS date), DATE {}, JSON {} FROM t",
    "WITH w AS (SELECT * FROM t WHERE a = {}) SELECT * FROM w WHERE b = {}",
    "SELECT a || {} || b FROM t WHERE NOT (a = {})",
    "INSERT INTO t SELECT {}, a FROM u WHERE b = {}",
    "SELECT listagg(a, {}) WITHIN GROUP (ORDER BY a) FROM t",
    "SELECT sum(a) OVER (PARTITION BY b = {} ORDER BY c) FROM t",
    "SELECT * FROM t WHERE a = ANY (SELECT b FROM u WHERE c = {})",
    "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP {} WHERE a IS DISTINCT FROM {}",
    "SELECT EXTRACT(year FROM d), INTERVAL {} day, position({} IN a) FROM t",
];

fn literal() -> impl Strategy<Value = (String, &'static str)> {
    let text = "[a-z]{3,8}(@[a-z]{3,8}\\.fr)?";
    prop_oneof![
        text.prop_map(|v| (v, "'{}'")),
        text.prop_map(|v| (v, "U&'{}'")),
        text.prop_map(|v| (v, "N'{}'")),
        "[0-9A-F]{12}".prop_map(|v| (v, "X'{}'")),
        "[1-9][0-9]{5,15}".prop_map(|v| (v, "{}")),
        "[1-9][0-9]{5,15}".prop_map(|v| (v, "-{}")),
        "[1-9][0-9]{5,9}\\.[0-9]{2}".prop_map(|v| (v, "{}")),
        "FR76[0-9]{23}".prop_map(|v| (v, "'{}'")),
        "O''[a-z]{6}".prop_map(|v| (v, "'{}'")),
    ]
}

proptest! {
    #[test]
    fn no_value_survives_in_any_place((value, quotes) in literal(), place in 0..PLACES.len()) {
        let canary = format!("zq{value}qz");
        // A number stays a number; any other value is made unmistakable.
        let value = if quotes.contains('\'') && !quotes.starts_with('X') { canary } else { value };
        let text = PLACES[place].replace("{}", &quotes.replace("{}", &value));
        if let Ok(form) = normal_form(&text) {
            let bare = value.replace("''", "'").to_lowercase();
            prop_assert!(!form.sql.to_lowercase().contains(&bare), "{}", form.sql);
        }
    }

    #[test]
    fn what_parses_parses_in_normal_form_too((value, quotes) in literal(), place in 0..PLACES.len()) {
        let text = PLACES[place].replace("{}", &quotes.replace("{}", &value));
        let parses = |text: &str| crate::sql::tokenize(text).and_then(crate::sql::parse).is_ok();
        if parses(&text) {
            let form = sql(&text);
            prop_assert!(parses(&form), "{}", form);
        }
    }

    #[test]
    fn any_text_has_a_normal_form_or_none_and_never_panics(text in "\\PC{0,200}") {
        let _ = normal_form(&text);
    }

    #[test]
    fn any_mix_of_sql_words_never_panics(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "VALUES", "(", ")", "[", "]", ",", "IN", "ARRAY", "'x'", "1", "-", ".", "a", "FROM", "BY", "DATE", "INTERVAL", "AS", "MAP", "\"q\"", "::", "->",
    ]), 0..60)) {
        let _ = normal_form(&words.join(" "));
    }
}
