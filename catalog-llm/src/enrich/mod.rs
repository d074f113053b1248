//! The describer that asks models, and knows what to do when they fail.
//!
//! - `attempt`: one model asked, once more when the guard refuses, and what came of it;
//! - `columns`: the descriptions of columns; `domain`: the placement in a domain;
//! - `question`: what a steward is asked when nobody can tell;
//! - `cache`: same evidence, same prompt, same model: no call; `statistics`: what happened, for metrics.

mod attempt;
mod cache;
mod columns;
mod domain;
mod model_enricher;
mod question;
mod statistics;

pub use cache::{AnswerCache, NoteCache};
pub use domain::place_by_words;
pub use model_enricher::ModelEnricher;
pub use statistics::EnrichStatistics;
