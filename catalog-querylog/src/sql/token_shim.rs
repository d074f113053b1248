//! Small rewrites of the token stream where Trino's grammar leaves what sqlparser knows.

use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// Deepest nesting of types that is rewritten.
const TYPE_DEPTH_MAX: usize = 16;

/// Most tokens of one type.
const TYPE_TOKENS_MAX: usize = 512;

/// Rewrites in place. Spans stay with their tokens.
///
/// - `ARRAY(bigint)` and `MAP(varchar, bigint)` as types become `ARRAY<bigint>` and `MAP<varchar, bigint>`;
/// - `FOR VERSION AS OF` and `FOR TIMESTAMP AS OF` lose their `FOR`;
/// - `WITH SESSION a = b, …` before a query is dropped.
pub(super) fn adapt(tokens: &mut Vec<TokenWithSpan>) {
    drop_session_prefix(tokens);
    drop_for_before_as_of(tokens);
    angle_type_arguments(tokens);
}

fn is_word(token: Option<&TokenWithSpan>, text: &str) -> bool {
    matches!(token.map(|t| &t.token), Some(Token::Word(Word { value, quote_style: None, .. })) if value.eq_ignore_ascii_case(text))
}

fn drop_session_prefix(tokens: &mut Vec<TokenWithSpan>) {
    if !(is_word(tokens.first(), "with") && is_word(tokens.get(1), "session")) {
        return;
    }
    let mut depth = 0_usize;
    let end = tokens.iter().position(|t| {
        match t.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_word(Some(t), "select")
    });
    // A second WITH between the two opens the query's own common table expressions.
    let second = tokens.iter().skip(2).position(|t| is_word(Some(t), "with")).map(|i| i + 2);
    if let Some(end) = [end, second].into_iter().flatten().min() {
        tokens.drain(..end);
    }
}

fn drop_for_before_as_of(tokens: &mut Vec<TokenWithSpan>) {
    let drop: Vec<bool> = (0..tokens.len())
        .map(|i| {
            is_word(tokens.get(i), "for")
                && (is_word(tokens.get(i + 1), "version") || is_word(tokens.get(i + 1), "timestamp"))
                && is_word(tokens.get(i + 2), "as")
                && is_word(tokens.get(i + 3), "of")
        })
        .collect();
    let mut i = 0;
    tokens.retain(|_| {
        i += 1;
        !drop[i - 1]
    });
}

/// A type stands after `AS` in a cast, inside another type's arguments, and after a lambda's or a row's field name.
/// Only `ARRAY(` and `MAP(` whose contents look like types are rewritten: `map(keys, values)` is a function as well.
fn angle_type_arguments(tokens: &mut [TokenWithSpan]) {
    let mut i = 0;
    while i + 1 < tokens.len() {
        let in_type_position = i > 0 && is_word(tokens.get(i - 1), "as");
        if in_type_position {
            rewrite_type(tokens, i, TYPE_DEPTH_MAX);
        }
        i += 1;
    }
}

/// Rewrites the type that starts at `at`; gives the index behind it.
fn rewrite_type(tokens: &mut [TokenWithSpan], at: usize, depth_left: usize) -> usize {
    let generic = is_word(tokens.get(at), "array") || is_word(tokens.get(at), "map");
    let is_called = matches!(tokens.get(at + 1).map(|t| &t.token), Some(Token::LParen));
    if depth_left == 0 || !is_called || !matches!(tokens[at].token, Token::Word(_)) {
        return at + 1;
    }
    let Some(close) = closing(tokens, at + 1) else { return at + 1 };
    let mut i = at + 2;
    while i < close {
        i = rewrite_type(tokens, i, depth_left - 1);
    }
    if generic {
        tokens[at + 1].token = Token::Lt;
        tokens[close].token = Token::Gt;
    }
    close + 1
}

/// The index of the parenthesis that closes the one at `open`.
fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open).take(TYPE_TOKENS_MAX) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}
