//! Texts in the wrong quotes: `email = "ana@example.com"` names a column, and there is no such column.

use std::collections::HashSet;

use super::mask::{Masked, Piece};

/// Longest quoted alias that is taken for a name.
const ALIAS_CHARS_MAX: usize = 64;

/// Most digits in a row that a quoted alias may have.
const ALIAS_DIGITS_MAX: usize = 4;

/// Is there a quoted word that may be a text and no name? A name is one that the catalog knows (`known`, asked in
/// lower case), one behind or before a dot, one that FROM or JOIN introduces, or an alias, wherever that is used again.
/// An alias that looks like a value (an address, a long number) is doubtful itself.
pub(crate) fn doubtful_quotes(masked: &Masked, known: impl Fn(&str) -> bool) -> bool {
    let pieces = &masked.pieces;
    let mut aliases = HashSet::new();
    let mut uses = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Name { text, quoted: true, .. } = piece else { continue };
        let name = text.trim_matches('"').replace("\"\"", "\"").to_lowercase();
        let before = i.checked_sub(1).map(|b| &pieces[b]);
        let after = pieces.get(i + 1);
        let introduced = is_keyword(before, &["FROM", "JOIN", "INTO", "TABLE"]);
        if is_mark(before, ".") || is_mark(after, ".") || introduced {
            continue;
        }
        if defines_alias(before, after) {
            if looks_like_a_value(&name) {
                return true;
            }
            aliases.insert(name);
        } else {
            uses.push(name);
        }
    }
    uses.iter().any(|name| !aliases.contains(name) && !known(name))
}

/// `… AS "x"`, `… "x"` behind an operand, and `"x" AS (…)` of a common table expression.
fn defines_alias(before: Option<&Piece>, after: Option<&Piece>) -> bool {
    let behind_operand = match before {
        Some(Piece::Name { .. } | Piece::Parameter(_)) => true,
        Some(Piece::Other(mark)) => {
            matches!(mark.as_str(), ")" | "]") || mark.starts_with(|c: char| c.is_ascii_digit())
        }
        Some(Piece::Keyword(word)) => word == "AS" || word == "END",
        None => false,
    };
    behind_operand || (is_keyword(after, &["AS"]) && is_keyword(before, &["WITH", "RECURSIVE", "WINDOW"]))
}

fn looks_like_a_value(name: &str) -> bool {
    let longest_run = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    name.contains('@') || longest_run > ALIAS_DIGITS_MAX || name.chars().count() > ALIAS_CHARS_MAX
}

fn is_mark(piece: Option<&Piece>, mark: &str) -> bool {
    matches!(piece, Some(Piece::Other(other)) if other == mark)
}

fn is_keyword(piece: Option<&Piece>, words: &[&str]) -> bool {
    matches!(piece, Some(Piece::Keyword(word)) if words.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal_form::mask;

    fn doubtful(sql: &str) -> bool {
        let masked = mask(&crate::sql::tokenize(sql).ok().unwrap());
        doubtful_quotes(&masked, |name| ["email", "name", "order"].contains(&name))
    }

    #[test]
    fn a_text_in_double_quotes_is_doubtful_wherever_it_stands() {
        for place in [
            "SELECT name FROM t WHERE email = {}",
            "SELECT name FROM t WHERE {} = email",
            "SELECT name FROM t WHERE email IN ({}, 'x')",
            "SELECT name FROM t WHERE email LIKE {}",
            "SELECT name FROM t WHERE email BETWEEN {} AND {}",
            "SELECT CASE email WHEN {} THEN 1 ELSE 0 END FROM t",
            "SELECT lower({}), concat(name, {}) FROM t",
            "SELECT {}, name FROM t",
            "SELECT name || {} FROM t",
            "SELECT name FROM t GROUP BY name HAVING max(email) = {}",
            "SELECT name FROM t ORDER BY email = {}",
            "SELECT name FROM (VALUES ({}, 1)) v (a, b)",
            "SELECT ARRAY[{}] FROM t",
        ] {
            assert!(doubtful(&place.replace("{}", "\"Jean Dupont\"")), "{place}");
        }
    }

    #[test]
    fn an_alias_that_looks_like_a_value_is_doubtful() {
        for alias in ["jean@example.com", "0612345678", "FR7612345"] {
            assert!(doubtful(&format!("SELECT name AS \"{alias}\" FROM t")), "{alias}");
        }
    }

    #[test]
    fn names_and_aliases_are_not_doubtful() {
        for sql in [
            "SELECT \"name\" AS \"Nom du client\" FROM \"My Schema\".\"t\" WHERE \"EMAIL\" = 'x' ORDER BY \"Nom du client\"",
            "SELECT \"x\".\"odd\" FROM t \"x\" JOIN \"u\" ON \"x\".name = \"u\".\"key\"",
            "WITH \"w 1\" AS (SELECT name AS \"Total 2024\" FROM t) SELECT \"Total 2024\" FROM \"w 1\"",
            "SELECT count(*) \"n\", max(name) \"m\", 1 \"one\", CASE WHEN name = 'x' THEN 1 END \"c\" FROM t",
        ] {
            assert!(!doubtful(sql), "{sql}");
        }
    }
}
