//! From mined queries to what a steward decides on.
//!
//! - [`worth_proposing`]: which queries;
//! - [`RuleQuestions`]: the question that a query answers, by rule;
//! - [`propose`]: both, and whether the query still runs, as a [`VerifiedQuery`];
//! - [`SemanticModels`]: the YAML fragment for the domain's semantic model, and the diff; it never writes a file;
//! - [`tiers`]: how important a table is, by its use;
//! - [`daily_usage`]: what a catalog takes as usage.

mod daily_usage;
mod layout;
mod question;
mod select;
mod semantic_models;
mod shape;
mod tier;
mod verified_query;

pub use daily_usage::{TableDay, daily_usage};
pub use question::RuleQuestions;
pub use select::{ProposalRule, propose, worth_proposing};
pub use semantic_models::{SemanticModels, YamlProposal};
pub use tier::{TierProposal, TierRule, tiers};
pub use verified_query::VerifiedQuery;
