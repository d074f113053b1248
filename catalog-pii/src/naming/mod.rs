//! What the names of tables and columns say: words of an identifier, and the vocabulary of personal data.

mod column_words;
mod identifier;
mod rules;
mod table_words;
mod vocabulary;

pub(crate) use column_words::{ColumnWords, column_words};
pub(crate) use identifier::words;
pub(crate) use rules::suggest;
pub(crate) use table_words::{TableSense, table_sense};
