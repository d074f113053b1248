//! A query over several lines, for people.

/// Words that begin a line outside of parentheses.
const CLAUSES: [&str; 20] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "NATURAL",
    "INNER",
    "AND",
];

/// Words behind which JOIN stays on the line.
const BEFORE_JOIN: [&str; 6] = ["LEFT", "RIGHT", "FULL", "CROSS", "INNER", "OUTER"];

/// Breaks a query in normal form before its clauses, outside of parentheses and quotes. Nothing but spaces changes.
pub(super) fn laid_out(sql: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut depth, mut quote, mut last, mut between) = (0_usize, None, "", false);
    for word in sql.split(' ') {
        let outside = depth == 0 && quote.is_none();
        let joined = word == "JOIN" && (BEFORE_JOIN.contains(&last) || last == "NATURAL");
        let range = word == "AND" && between;
        let begun = lines.last().is_some_and(|line| !line.is_empty());
        if begun && outside && CLAUSES.contains(&word) && !joined && !range && !(word == "FROM" && last == "DISTINCT") {
            lines.push(word.to_owned());
        } else if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if outside {
            between = word == "BETWEEN" || (between && word != "AND");
        }
        for c in word.chars() {
            match (c, quote) {
                (c, Some(open)) if c == open => quote = None,
                (_, Some(_)) => {}
                ('\'' | '"', None) => quote = Some(c),
                ('(' | '[', None) => depth += 1,
                (')' | ']', None) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        last = word;
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clauses_begin_lines_outside_of_parentheses_and_quotes() {
        let sql = "SELECT a FROM t LEFT JOIN u ON t.a = u.a AND u.b BETWEEN :p1 AND :p2 WHERE c = ' FROM x' AND a IN (SELECT a FROM v) ORDER BY 1";
        assert_eq!(
            laid_out(sql),
            [
                "SELECT a",
                "FROM t",
                "LEFT JOIN u ON t.a = u.a",
                "AND u.b BETWEEN :p1 AND :p2",
                "WHERE c = ' FROM x'",
                "AND a IN (SELECT a FROM v)",
                "ORDER BY 1",
            ]
        );
    }

    proptest! {
        #[test]
        fn only_spaces_change(words in prop::collection::vec(prop::sample::select(vec![
            "SELECT", "FROM", "WHERE", "AND", "BETWEEN", "JOIN", "LEFT", "(", ")", "'x", "y'", "\"q\"", "a,", "GROUP", "BY",
        ]), 1..40)) {
            let sql = words.join(" ");
            prop_assert_eq!(laid_out(&sql).join(" "), sql);
        }
    }
}
