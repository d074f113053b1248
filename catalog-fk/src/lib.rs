//! Foreign keys that nobody declared, and the joins they allow. Pure: no IO, no async.
//!
//! - [`fingerprint`]: a column in a few hundred bytes, comparable across tables and engines;
//! - [`KeyMatcher`]: fingerprints, names and logged joins to candidates, a plan of checks, and keys with their evidence;
//! - [`JoinGraph`]: keys to join hints with ready SQL, also from the JSON that the daemon serves;
//! - [`find_inclusions`], [`containment`]: the search below, for callers with other needs.

pub mod fingerprint;
mod infer;
mod join_graph;
mod names;
mod schema;
mod score;
mod search;

pub use infer::{CrossCatalog, KeyMatcher, KeyOptions};
pub use join_graph::{JoinEdge, JoinGraph, JoinHint, JoinStep};
pub use schema::can_be_in_a_key;
pub use score::Calibration;
pub use search::{
    Containment, HashColumn, HashColumns, Inclusion, InclusionLimits, Sketch, containment, find_inclusions,
};
