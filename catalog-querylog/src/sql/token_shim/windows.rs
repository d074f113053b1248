//! Row patterns in windows: `WINDOW w AS (… MEASURES … ROWS BETWEEN … PATTERN (…) DEFINE …)` and `measure OVER w`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, drop_marked, is_any_word, is_open, is_word};

/// Drops the pattern's clauses from each window, and writes a measure `m OVER w` as the call `m() OVER w`: what a
/// pattern looks for names no table and joins none.
pub(super) fn simplify(tokens: &mut Vec<TokenWithSpan>) {
    if !(1..tokens.len()).any(|i| is_word(tokens.get(i - 1), "pattern") && is_open(tokens.get(i))) {
        return;
    }
    let mut dropped = vec![false; tokens.len()];
    let mut found = false;
    for open in 1..tokens.len() {
        let begins_window = is_open(tokens.get(open)) && is_any_word(tokens.get(open - 1), &["as", "over"]);
        let Some(close) = Some(open).filter(|_| begins_window).and_then(|open| closing(tokens, open)) else {
            continue;
        };
        if let Some((measures, pattern)) = clauses(tokens, open, close) {
            dropped[measures].fill(true);
            dropped[pattern..close].fill(true);
            found = true;
        }
    }
    drop_marked(tokens, dropped);
    if found {
        call_measures(tokens);
    }
}

/// Where the measures stand, up to the frame, and where the pattern's clauses begin behind it. `None` for a window
/// without a pattern.
fn clauses(tokens: &[TokenWithSpan], open: usize, close: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let (mut depth, mut measures, mut frame, mut pattern) = (0_usize, None, None, None);
    let mut has_pattern = false;
    for i in open + 1..close {
        match tokens[i].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if is_word(tokens.get(i), "measures") && frame.is_none() => measures = measures.or(Some(i)),
            _ if is_word(tokens.get(i), "rows") => frame = frame.or(Some(i)),
            _ if frame.is_some() && is_any_word(tokens.get(i), &["after", "initial", "seek", "pattern"]) => {
                pattern = pattern.or(Some(i));
                has_pattern |= is_word(tokens.get(i), "pattern") && is_open(tokens.get(i + 1));
            }
            _ => {}
        }
    }
    let (frame, pattern) = (frame?, pattern?);
    has_pattern.then(|| (measures.unwrap_or(frame)..frame, pattern))
}

/// Writes `name() OVER` where a name stands right before OVER and a window behind it.
fn call_measures(tokens: &mut Vec<TokenWithSpan>) {
    let is_name = |i: usize| matches!(&tokens[i].token, Token::Word(_));
    let is_measure = |i: usize| {
        let window = matches!(tokens.get(i + 2).map(|t| &t.token), Some(Token::Word(_) | Token::LParen));
        is_word(tokens.get(i + 1), "over") && is_name(i) && window
    };
    let places: Vec<usize> = (0..tokens.len()).filter(|i| is_measure(*i)).collect();
    for i in places.into_iter().rev() {
        let paren = |paren: Token| TokenWithSpan::new(paren, tokens[i].span);
        let call = [paren(Token::LParen), paren(Token::RParen)];
        tokens.splice(i + 1..i + 1, call);
    }
}
