//! Verified-query proposals: the question that a query answers, and whether it still runs.

use serde::{Deserialize, Serialize};

use super::{Confidence, DraftSource, Language, MinedQuery, Table};

/// What a writer of questions may know: the query in normal form and the catalog's words for its tables.
pub struct QuestionRequest<'a> {
    /// The query; it holds no cell value beyond public codes.
    pub query: &'a MinedQuery,
    /// The tables that it reads, as far as the catalog has them.
    pub tables: &'a [&'a Table],
    /// The language of the domain.
    pub language: Language,
}

/// A question in natural language that a query answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenQuestion {
    /// One sentence that ends in a question mark.
    pub text: String,
    /// How sure its author is.
    pub confidence: Confidence,
    /// Who wrote it.
    pub source: DraftSource,
}

/// Whether a query in normal form still runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryVerdict {
    /// The engine accepts it.
    Runs,
    /// The engine refuses it.
    Refused {
        /// The engine's name of the error, such as `COLUMN_NOT_FOUND`; never its message, which may quote the text.
        error: String,
    },
}
