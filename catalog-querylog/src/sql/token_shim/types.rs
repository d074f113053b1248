//! Types of casts that hold types.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, drop_marked, is_any_word, is_open, is_word, word};

/// Writes `varchar` for `ARRAY(…)`, `MAP(…)` and `ROW(…)` behind the AS of a cast: what a value is cast to teaches nothing
/// here.
pub(super) fn simplify_casts(tokens: &mut Vec<TokenWithSpan>) {
    let mut dropped = vec![false; tokens.len()];
    // For each open parenthesis: is it a cast's?
    let mut casts = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].token {
            Token::LParen => casts.push(i > 0 && is_any_word(tokens.get(i - 1), &["cast", "try_cast"])),
            Token::RParen => drop(casts.pop()),
            _ => {}
        }
        let holds_types = casts.last() == Some(&true)
            && is_open(tokens.get(i + 2))
            && is_word(tokens.get(i), "as")
            && is_any_word(tokens.get(i + 1), &["array", "map", "row"]);
        if holds_types && let Some(close) = closing(tokens, i + 2) {
            tokens[i + 1] = word("VARCHAR", &tokens[i + 1]);
            dropped[i + 2..=close].fill(true);
            i = close;
        }
        i += 1;
    }
    drop_marked(tokens, dropped);
}
