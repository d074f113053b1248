//! What a language model is told and what is let through of its answer.
//!
//! - [`prompt`]: facts about a table, fenced as data, from the evidence that a describer may see;
//! - [`guard`]: whether a text may become a description, whoever wrote it.
//!
//! Both are pure. Nothing here knows raw rows, SQL or a catalog.

pub mod guard;
pub mod prompt;
