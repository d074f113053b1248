//! Descriptions, votes and vectors from small local models, and what is let through of them.
//!
//! - [`ModelEnricher`] writes one sentence a table from a [`prompt`], within the [`guard`], with a [`confidence`];
//! - [`LlmVoter`] votes on personal columns from masked evidence;
//! - [`ModelQuestions`] writes the question that a mined query answers;
//! - [`ModelEmbedder`] makes vectors; [`embed`] holds the texts that are worth embedding;
//! - [`client`] talks to the endpoint: one origin, a few calls at a time, a budget.
//!
//! Nothing here knows raw rows, SQL or a catalog. A model's output is data until the guard has let it through.

mod answer;
pub mod client;
pub mod confidence;
pub mod embed;
pub mod enrich;
pub mod guard;
pub mod prompt;
mod questions;
mod settings;
mod voter;
mod words;

pub use answer::Refusal;
pub use client::{ConnectionSettings, ModelClient};
pub use embed::ModelEmbedder;
pub use enrich::ModelEnricher;
pub use questions::ModelQuestions;
pub use settings::{EmbedSettings, LlmSettings};
pub use voter::LlmVoter;
