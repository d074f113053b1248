//! Candidates, the choice between them over the whole schema, the plan of checks, and the conclusions.

mod composite;
mod conclusion;
mod confirmation;
mod generation;
mod matcher;
mod options;
mod selection;

pub use matcher::KeyMatcher;
pub use options::{CrossCatalog, KeyOptions};
