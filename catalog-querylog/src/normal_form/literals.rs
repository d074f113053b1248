//! Which tokens are literals, of which type, and which of them shape the query and stay.

use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::constants::{is_date_format, is_json_path, is_separator, is_time_zone};

/// Units of time that functions take as text.
const UNITS: [&str; 24] = [
    "microsecond",
    "microseconds",
    "millisecond",
    "milliseconds",
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "quarter",
    "quarters",
    "year",
    "years",
    "dow",
    "doy",
    "epoch",
    "decade",
];

/// Functions whose first argument is a unit.
const UNIT_FUNCTIONS: [&str; 5] = ["date_trunc", "date_add", "date_diff", "date_part", "datediff"];

/// Functions that take a format of dates.
const FORMAT_FUNCTIONS: [&str; 8] = [
    "date_format",
    "date_parse",
    "format_datetime",
    "parse_datetime",
    "to_char",
    "to_date",
    "to_timestamp",
    "strftime",
];

/// Functions that take a path into a JSON document.
const PATH_FUNCTIONS: [&str; 6] =
    ["json_value", "json_query", "json_exists", "json_table", "json_extract", "json_extract_scalar"];

/// Functions that take a separator.
const SEPARATOR_FUNCTIONS: [&str; 5] = ["listagg", "array_join", "concat_ws", "split", "split_part"];

/// Functions whose small numbers are values and no settings.
const VALUE_FUNCTIONS: [&str; 8] =
    ["coalesce", "nullif", "contains", "if", "greatest", "least", "array_position", "element_at"];

/// Longest number that may stay as a constant of arithmetic or of a function call.
const CONSTANT_CHARS_MAX: usize = 4;

/// Where a token stands: what opened the parentheses around it, and which argument it is in.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The lower-case word before the opening parenthesis; empty for a plain pair.
    pub(super) opener: String,
    /// Commas since the opening.
    pub(super) argument: usize,
    /// Behind GROUP BY, ORDER BY or PARTITION BY of this level?
    pub(super) in_by: bool,
    /// A row of VALUES?
    pub(super) row: bool,
}

/// The type of a literal, or `None` for any other token.
pub(super) fn literal_type(token: &Token) -> Option<&'static str> {
    match token {
        Token::Number(..) => Some("number"),
        Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_) => Some("text"),
        Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::HexStringLiteral(_) => Some("binary"),
        Token::Placeholder(_) | Token::Question | Token::Char(_) => Some("any"),
        _ => None,
    }
}

/// The type that a word gives to the string behind it: `DATE '…'`.
pub(super) fn typed_prefix(token: &Token) -> Option<&'static str> {
    let word = plain_word(token)?;
    Some(match word.as_str() {
        "date" => "date",
        "time" => "time",
        "timestamp" => "timestamp",
        "decimal" | "real" | "double" | "bigint" | "integer" | "smallint" | "tinyint" => "number",
        "char" | "varchar" => "text",
        "json" => "json",
        "uuid" => "uuid",
        "ipaddress" => "ipaddress",
        "boolean" => "boolean",
        _ => return None,
    })
}

/// The lower-case text of an unquoted word.
pub(super) fn plain_word(token: &Token) -> Option<String> {
    match token {
        Token::Word(Word { value, quote_style: None, .. }) => Some(value.to_lowercase()),
        _ => None,
    }
}

fn is_word(token: Option<&TokenWithSpan>, words: &[&str]) -> bool {
    token.and_then(|t| plain_word(&t.token)).is_some_and(|word| words.contains(&word.as_str()))
}

fn is(token: Option<&TokenWithSpan>, kinds: &[Token]) -> bool {
    token.is_some_and(|t| kinds.contains(&t.token))
}

/// Does the literal at `i` shape the query, so that it stays?
pub(super) fn stays(tokens: &[TokenWithSpan], i: usize, place: &Place) -> bool {
    match &tokens[i].token {
        Token::SingleQuotedString(text) => string_stays(tokens, i, text, place),
        Token::Number(text, _) => number_stays(tokens, i, text, place),
        _ => false,
    }
}

fn string_stays(tokens: &[TokenWithSpan], i: usize, text: &str, place: &Place) -> bool {
    let before = i.checked_sub(1).and_then(|b| tokens.get(b));
    if is_word(before, &["interval"]) {
        let short = text.len() <= 12 && text.chars().all(|c| c.is_ascii_digit() || "-: ".contains(c));
        // A longer run of digits could be somebody's number.
        return short && text.split(['-', ':', ' ']).all(|run| run.len() <= 4);
    }
    let is_unit = UNITS.iter().any(|unit| text.eq_ignore_ascii_case(unit));
    let unit_place =
        place.argument == 0 && UNIT_FUNCTIONS.contains(&place.opener.as_str()) && is(before, &[Token::LParen]);
    let opener = place.opener.as_str();
    (unit_place && is_unit)
        || (FORMAT_FUNCTIONS.contains(&opener) && is_date_format(text))
        || (is_word(before, &["zone"]) && is_time_zone(text))
        || ((PATH_FUNCTIONS.contains(&opener) || is_word(before, &["path"])) && is_json_path(text))
        || (SEPARATOR_FUNCTIONS.contains(&opener) && is_separator(text))
}

fn number_stays(tokens: &[TokenWithSpan], i: usize, text: &str, place: &Place) -> bool {
    let before = i.checked_sub(1).and_then(|b| tokens.get(b));
    let after = tokens.get(i + 1);
    if is_word(before, &["limit", "offset", "first", "next"]) || is_word(after, &["preceding", "following"]) {
        return true;
    }
    if text.len() > CONSTANT_CHARS_MAX {
        return false;
    }
    let ends = after.is_none() || is(after, &[Token::Comma, Token::RParen]);
    let starts = is(before, &[Token::Comma, Token::LParen, Token::RArrow]);
    let clause_follows = is_word(
        after,
        &[
            "asc",
            "desc",
            "nulls",
            "limit",
            "offset",
            "fetch",
            "having",
            "order",
            "union",
            "except",
            "intersect",
            "from",
        ],
    );
    if place.in_by && (is_word(before, &["by"]) || is(before, &[Token::Comma])) && (ends || clause_follows) {
        return true;
    }
    let scales = [Token::Mul, Token::Div, Token::Mod];
    if is(before, &scales) || (is(after, &scales) && !is_compared(before)) {
        return true;
    }
    let zero_or_one = text == "0" || text == "1";
    if is_word(before, &["select", "then", "else"]) {
        return zero_or_one;
    }
    let calls_function =
        !place.opener.is_empty() && !["in", "values", "row", "any", "all", "some"].contains(&place.opener.as_str());
    let setting = !VALUE_FUNCTIONS.contains(&place.opener.as_str());
    calls_function && starts && ends && (setting || zero_or_one)
}

fn is_compared(before: Option<&TokenWithSpan>) -> bool {
    is(before, &[Token::Eq, Token::Neq, Token::Lt, Token::Gt, Token::LtEq, Token::GtEq])
        || is_word(before, &["between", "and", "in", "like"])
}
