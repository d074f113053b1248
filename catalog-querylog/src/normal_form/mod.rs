//! A query without its literals: the same question asked about another customer has the same normal form.
//!
//! It is made from tokens, not from a syntax tree, so that a literal is replaced wherever it stands, in constructs that the parser
//! does not know as well. What is left is names, keywords and the few constants that shape a query:
//!
//! - every string becomes a parameter, but for units (`date_trunc('month', …)`, `INTERVAL '6' MONTH`), formats of dates,
//!   time zones, JSON paths and separators, each only in its place and in its narrow form;
//! - every number becomes a parameter, but for limits, ordinals, type lengths, window frames and short constants of
//!   arithmetic and function calls;
//! - a list of literals behind `IN`, in `ARRAY[…]` and the rows of `VALUES` become one parameter or row;
//! - comments are dropped, unquoted names are lower case, keywords upper case, table aliases `t1`, `t2`, ….

mod aliases;
mod constants;
mod keywords;
mod literals;
mod mask;
mod qualify;
mod quotes;
mod render;
mod template;

pub(crate) use aliases::rename_aliases;
pub(crate) use mask::{Masked, mask};
pub(crate) use qualify::{FullName, qualify};
pub(crate) use quotes::doubtful_quotes;
pub(crate) use template::{Template, codes_of};

use catalog_core::model::SkipReason;

/// A query in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormalForm {
    /// The SQL with parameters `:p1`, `:p2`, ….
    pub sql: String,
    /// Names and types of the parameters, in order: `text`, `number`, `date`, `text list`, ….
    pub parameters: Vec<(String, String)>,
}

impl NormalForm {
    /// BLAKE3 of the SQL, in hex.
    pub fn fingerprint(&self) -> String {
        blake3::hash(self.sql.as_bytes()).to_hex().to_string()
    }
}

/// The normal form of a text, parsed or not; aliases are renamed where it parses. Names stay as they are: a text in
/// double quotes, which Trino takes for a name, is left to [`crate::QueryMiner`], which knows the tables.
///
/// # Errors
/// `Unparseable` or `TooLong` as [`crate::sql::tokenize`].
pub fn normal_form(sql: &str) -> Result<NormalForm, SkipReason> {
    let tokens = crate::sql::tokenize(sql)?;
    let mut masked = mask(&tokens);
    if let Ok(statements) = crate::sql::parse(tokens) {
        rename_aliases(&mut masked, &statements);
    }
    Ok(masked.template().plain())
}

#[cfg(test)]
mod tests;
