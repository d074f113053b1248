//! A text to tokens to syntax trees, within limits.

use catalog_core::model::SkipReason;
use sqlparser::ast::Statement;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::dialect::TrinoDialect;
use super::token_shim;

/// Most tokens of a text, comments and spaces not counted.
pub const TOKENS_MAX: usize = 40_000;

/// Deepest nesting of queries, expressions and parentheses.
pub const DEPTH_MAX: usize = 120;

/// The tokens of a text without comments, spaces, a closing semicolon, `PREPARE name FROM` and `WITH SESSION …`.
///
/// # Errors
/// `CutOff` when a string, a name or a comment is not closed, `Unparseable` when a character belongs to no token,
/// `TooLong` above [`TOKENS_MAX`].
pub fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>, SkipReason> {
    let mut tokens =
        Tokenizer::new(&TrinoDialect, sql).tokenize_with_location().map_err(|error| at_the_end(&error.message))?;
    tokens.retain(|t| !matches!(t.token, Token::Whitespace(_) | Token::EOF));
    while matches!(tokens.last().map(|t| &t.token), Some(Token::SemiColon)) {
        tokens.pop();
    }
    token_shim::drop_preparation(&mut tokens);
    if tokens.len() > TOKENS_MAX { Err(SkipReason::TooLong) } else { Ok(tokens) }
}

/// The statements in the tokens.
///
/// Long chains of operators make deep trees. Dropping one takes stack in proportion to its tokens, so callers give
/// texts of thousands of tokens a thread with a large stack.
///
/// # Errors
/// `TooDeep` beyond [`DEPTH_MAX`], `CutOff` when the text ends in the middle of a statement, `Unparseable` for syntax
/// that the parser does not know.
pub fn parse(mut tokens: Vec<TokenWithSpan>) -> Result<Vec<Statement>, SkipReason> {
    token_shim::adapt(&mut tokens);
    Parser::new(&TrinoDialect)
        .with_recursion_limit(DEPTH_MAX)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(|error| match error {
            ParserError::RecursionLimitExceeded => SkipReason::TooDeep,
            ParserError::ParserError(message) | ParserError::TokenizerError(message) => at_the_end(&message),
        })
}

/// The parser and the tokenizer say in words that they met the end; nothing else of their messages is used, since they
/// quote the text.
fn at_the_end(message: &str) -> SkipReason {
    let cut = message.ends_with("found: EOF")
        || message.starts_with("Unterminated")
        || message.starts_with("Expected close delimiter")
        || message.starts_with("Unexpected EOF");
    if cut { SkipReason::CutOff } else { SkipReason::Unparseable }
}
