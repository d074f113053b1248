//! Small rewrites of the token stream where Trino's grammar leaves what sqlparser knows.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// Deepest nesting of types that is rewritten.
const TYPE_DEPTH_MAX: usize = 16;

/// Most tokens of one type.
const TYPE_TOKENS_MAX: usize = 512;

/// Words that change no name, no join and no literal: what must stand before them, and the words.
const DROPPED: [(&[&str], &[&str]); 15] = [
    (&["between"], &["symmetric"]),
    (&["between"], &["asymmetric"]),
    (&["group", "by"], &["distinct"]),
    (&["union"], &["corresponding"]),
    (&["union", "all"], &["corresponding"]),
    (&["intersect"], &["corresponding"]),
    (&["except"], &["corresponding"]),
    (&[")"], &["from", "first"]),
    (&[")"], &["from", "last"]),
    (&[], &["with", "wrapper"]),
    (&[], &["with", "array", "wrapper"]),
    (&[], &["with", "conditional", "wrapper"]),
    (&[], &["with", "unconditional", "wrapper"]),
    (&[], &["without", "wrapper"]),
    (&[], &["without", "array", "wrapper"]),
];

/// Rewrites in place. Spans stay with their tokens.
///
/// - `ARRAY(bigint)` as a type becomes `ARRAY<bigint>`, also inside other types;
/// - `FOR VERSION AS OF` and `FOR TIMESTAMP AS OF` lose their `FOR`;
/// - `WITH SESSION a = b, …` before a query is dropped;
/// - `TABLE t` becomes `SELECT * FROM t`, and `VALUES 1, 2` becomes `VALUES (1), (2)`;
/// - words that matter to nobody here are dropped.
pub(super) fn adapt(tokens: &mut Vec<TokenWithSpan>) {
    drop_session_prefix(tokens);
    drop_words(tokens);
    expand_table_query(tokens);
    wrap_values(tokens);
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

/// Do the tokens at `at` read as these words? `)` stands for itself.
fn reads(tokens: &[TokenWithSpan], at: usize, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(i, word)| match tokens.get(at + i) {
        Some(token) if *word == ")" => token.token == Token::RParen,
        token => is_word(token, word),
    })
}

/// Is it the first word of something to drop?
fn may_be_dropped(token: &Token) -> bool {
    let Token::Word(word) = token else { return false };
    matches!(
        word.keyword,
        Keyword::FOR
            | Keyword::FROM
            | Keyword::WITH
            | Keyword::WITHOUT
            | Keyword::DISTINCT
            | Keyword::SYMMETRIC
            | Keyword::ASYMMETRIC
            | Keyword::CORRESPONDING
    )
}

fn drop_words(tokens: &mut Vec<TokenWithSpan>) {
    let mut dropped = vec![false; tokens.len()];
    for i in 0..tokens.len() {
        if !may_be_dropped(&tokens[i].token) {
            continue;
        }
        let as_of =
            reads(tokens, i, &["for", "version", "as", "of"]) || reads(tokens, i, &["for", "timestamp", "as", "of"]);
        dropped[i] |= as_of;
        for (before, words) in &DROPPED {
            if reads(tokens, i, words) && i >= before.len() && reads(tokens, i - before.len(), before) {
                dropped[i..i + words.len()].fill(true);
            }
        }
    }
    let mut dropped = dropped.into_iter();
    tokens.retain(|_| !dropped.next().unwrap_or(false));
}

fn word(text: &str, like: &TokenWithSpan) -> TokenWithSpan {
    TokenWithSpan::new(Token::make_keyword(text), like.span)
}

fn expand_table_query(tokens: &mut Vec<TokenWithSpan>) {
    if let (true, Some(Token::Word(_))) = (is_word(tokens.first(), "table"), tokens.get(1).map(|t| &t.token)) {
        let first = tokens[0].clone();
        let star = TokenWithSpan::new(Token::Mul, first.span);
        tokens.splice(..1, [word("SELECT", &first), star, word("FROM", &first)]);
    }
}

/// Puts each bare value behind VALUES into parentheses.
fn wrap_values(tokens: &mut Vec<TokenWithSpan>) {
    let is_bare = |i: usize| {
        let next = tokens.get(i + 1).map(|t| &t.token);
        is_word(tokens.get(i), "values")
            && matches!(
                next,
                Some(
                    Token::Number(..)
                        | Token::SingleQuotedString(_)
                        | Token::Minus
                        | Token::Placeholder(_)
                        | Token::Colon
                )
            )
    };
    if !(0..tokens.len()).any(is_bare) {
        return;
    }
    let mut out = Vec::with_capacity(tokens.len() + 16);
    // Inside a bare list: the depth of parentheses since its start.
    let mut depth: Option<usize> = None;
    for (i, token) in tokens.iter().enumerate() {
        let paren = |paren: Token| TokenWithSpan::new(paren, token.span);
        let ends_list = matches!(&token.token, Token::RParen if depth == Some(0))
            || ["order", "limit", "offset", "fetch", "union", "intersect", "except"]
                .iter()
                .any(|w| is_word(Some(token), w));
        if depth == Some(0) && ends_list {
            out.push(paren(Token::RParen));
            depth = None;
        }
        match (&token.token, depth) {
            (Token::Comma, Some(0)) => {
                out.extend([paren(Token::RParen), token.clone(), paren(Token::LParen)]);
                continue;
            }
            (Token::LParen, Some(d)) => depth = Some(d + 1),
            (Token::RParen, Some(d)) => depth = Some(d.saturating_sub(1)),
            _ => {}
        }
        out.push(token.clone());
        if depth.is_none() && is_bare(i) {
            out.push(paren(Token::LParen));
            depth = Some(0);
        }
    }
    if let (Some(_), Some(last)) = (depth, tokens.last()) {
        out.push(TokenWithSpan::new(Token::RParen, last.span));
    }
    *tokens = out;
}

/// Rewrites the types behind `AS`, where casts have them. `MAP(varchar, bigint)` is known to the parser as it is.
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
    let is_array = is_word(tokens.get(at), "array");
    let is_called = matches!(tokens.get(at + 1).map(|t| &t.token), Some(Token::LParen));
    if depth_left == 0 || !is_called || !matches!(tokens[at].token, Token::Word(_)) {
        return at + 1;
    }
    let Some(close) = closing(tokens, at + 1) else { return at + 1 };
    let mut i = at + 2;
    while i < close {
        i = rewrite_type(tokens, i, depth_left - 1);
    }
    if is_array {
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
