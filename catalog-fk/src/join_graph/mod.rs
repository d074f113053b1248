//! The join graph: which tables join by which keys, and the best way to join a set of them.

mod graph;
mod path;
mod sql;

pub use graph::{JoinEdge, JoinGraph, JoinHint, JoinStep};
