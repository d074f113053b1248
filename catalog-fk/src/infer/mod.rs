//! Candidates, the choice between them over the whole schema, the plan of checks, and the conclusions.

mod composite;
mod conclusion;
mod confirmation;
mod generation;
mod logged_joins;
mod matcher;
mod name_index;
mod options;
mod pairs;
mod selection;

pub use matcher::KeyMatcher;
pub use options::{CrossCatalog, KeyOptions};
