//! A model's answer read as data: whatever it is, reading it never fails worse than with a [`Refusal`].

mod json;
mod tidy;

pub(crate) use json::object_of;
pub(crate) use tidy::{shortened, spoken, tidy};

use std::fmt;

use crate::guard::Rejection;

/// Why an answer was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not the JSON that was asked for.
    Unreadable,
    /// It ended at the limit of tokens.
    Truncated,
    /// The guard refused the text.
    Guard(Rejection),
}

impl Refusal {
    /// The reason as one lowercase word, for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Guard(rejection) => rejection.as_str(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("it is not the JSON that was asked for"),
            Self::Truncated => f.write_str("it is far too long"),
            Self::Guard(rejection) => rejection.fmt(f),
        }
    }
}
