//! Words of the language, printed in upper case; everything else is a name.

/// Sorted for binary search. Function names and type names count as names.
#[rustfmt::skip]
const KEYWORDS: [&str; 97] = [
    "all", "and", "any", "array", "as", "asc", "at", "bernoulli", "between", "by", "case", "cast", "create",
    "cross", "cube", "current", "desc", "describe", "distinct", "else", "end", "escape", "except", "exists",
    "explain", "fetch", "filter", "first", "following", "for", "from", "full", "group", "grouping", "having",
    "ignore", "in", "inner", "insert", "intersect", "interval", "into", "is", "join", "last", "lateral", "left",
    "like", "limit", "match_recognize", "matched", "materialized", "merge", "natural", "next", "not", "null",
    "nulls", "of", "offset", "on", "only", "or", "order", "ordinality", "outer", "over", "partition",
    "preceding", "range", "recursive", "respect", "right", "rollup", "row", "rows", "select", "set", "sets",
    "show", "system", "table", "tablesample", "then", "ties", "try_cast", "unbounded", "union", "unnest",
    "using", "values", "view", "when", "where", "window", "with", "within",
];

/// Keywords behind which an opening parenthesis stands close, as behind a function.
const CALLED: [&str; 4] = ["cast", "try_cast", "unnest", "row"];

/// Is the lower-case word a keyword?
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

/// Does an opening parenthesis behind the lower-case word follow without a space?
pub(super) fn is_called(word: &str) -> bool {
    !is_keyword(word) || CALLED.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
