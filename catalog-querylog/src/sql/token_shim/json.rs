//! Clauses of the JSON functions.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{closing, drop_marked, is_any_word, is_open, is_word};

/// Functions of a value and a path, with clauses behind the path.
const OF_A_PATH: [&str; 3] = ["json_value", "json_query", "json_exists"];

/// Drops what stands behind the path (`RETURNING`, `PASSING`, `DEFAULT … ON EMPTY`, wrappers), and writes the members
/// `KEY k VALUE v` of `json_object` as `k : v`.
pub(super) fn simplify(tokens: &mut Vec<TokenWithSpan>) {
    let mut dropped = vec![false; tokens.len()];
    for i in 0..tokens.len() {
        if !is_open(tokens.get(i + 1)) {
            continue;
        }
        let Some(close) = Some(i).filter(|i| is_json(tokens, *i)).and_then(|i| closing(tokens, i + 1)) else {
            continue;
        };
        if is_word(tokens.get(i), "json_object") {
            members(&mut tokens[i + 2..close], &mut dropped[i + 2..close]);
        } else if let Some(path) = path_of(tokens, i + 1, close) {
            dropped[path + 1..close].fill(true);
        }
    }
    drop_marked(tokens, dropped);
}

fn is_json(tokens: &[TokenWithSpan], i: usize) -> bool {
    is_any_word(tokens.get(i), &OF_A_PATH) || is_word(tokens.get(i), "json_object")
}

/// The index of the path: the text behind the first comma between the parentheses.
fn path_of(tokens: &[TokenWithSpan], open: usize, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let comma = (open + 1..close).find(|i| {
        match tokens[*i].token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && tokens[*i].token == Token::Comma
    })?;
    matches!(tokens[comma + 1].token, Token::SingleQuotedString(_)).then_some(comma + 1)
}

fn members(tokens: &mut [TokenWithSpan], dropped: &mut [bool]) {
    let mut depth = 0_usize;
    let mut in_member = false;
    for i in 0..tokens.len() {
        match tokens[i].token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        let starts = i == 0 || tokens[i - 1].token == Token::Comma;
        if depth > 0 {
            continue;
        }
        if starts {
            in_member = is_word(tokens.get(i), "key");
            dropped[i] |= in_member;
        } else if in_member && is_word(tokens.get(i), "value") {
            tokens[i].token = Token::Colon;
            in_member = false;
        }
    }
}
