//! What stands before a query and is none of it.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, is_any_word, is_open, is_word};

/// Drops `PREPARE name FROM` and `WITH SESSION …`: the query is the same without them.
pub(in crate::sql) fn drop_preparation(tokens: &mut Vec<TokenWithSpan>) {
    if is_word(tokens.first(), "prepare") && is_word(tokens.get(2), "from") {
        tokens.drain(..3);
    }
    drop_with(tokens, "session");
}

/// Drops the options of `EXPLAIN (TYPE …, FORMAT …)`.
pub(super) fn drop_explain_options(tokens: &mut Vec<TokenWithSpan>) {
    if is_word(tokens.first(), "explain")
        && is_open(tokens.get(1))
        && is_any_word(tokens.get(2), &["type", "format"])
        && let Some(close) = closing(tokens, 1)
    {
        tokens.drain(1..=close);
    }
}

/// Drops `WITH FUNCTION …` up to the query, for the parser alone: the query calls the function.
pub(super) fn drop_functions(tokens: &mut Vec<TokenWithSpan>) {
    drop_with(tokens, "function");
}

/// Drops `WITH word …` up to the query. Neither sessions nor bodies of functions hold a query, so the first word of one
/// outside of parentheses begins it.
fn drop_with(tokens: &mut Vec<TokenWithSpan>, word: &str) {
    if !(is_word(tokens.first(), "with") && is_word(tokens.get(1), word)) {
        return;
    }
    let mut depth = 0_usize;
    let start = (2..tokens.len()).find(|i| {
        match tokens[*i].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        let (token, next) = (tokens.get(*i), tokens.get(i + 1));
        // `WITH (…)` gives a function's properties; a second `WITH FUNCTION` cannot be.
        let with = is_word(token, "with") && !is_open(next);
        depth == 0 && (with || is_any_word(token, &["select", "table", "values"]))
    });
    if let Some(start) = start {
        tokens.drain(..start);
    }
}
