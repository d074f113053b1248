//! What stands before a query and is none of it.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{is_any_word, is_open, is_word};

/// Drops `PREPARE name FROM`, and `WITH SESSION …` or `WITH FUNCTION …` up to the query. A function's body holds no query,
/// so the first word of one outside of parentheses begins it.
pub(super) fn drop_prefix(tokens: &mut Vec<TokenWithSpan>) {
    if is_word(tokens.first(), "prepare") && is_word(tokens.get(2), "from") {
        tokens.drain(..3);
    }
    if !(is_word(tokens.first(), "with") && is_any_word(tokens.get(1), &["session", "function"])) {
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
