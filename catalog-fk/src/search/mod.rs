//! The search for columns whose values are in another column.

mod block;
mod containment;
mod inclusion;

pub use containment::{Containment, Sketch, containment};
pub use inclusion::{HashColumn, HashColumns, Inclusion, InclusionLimits, find_inclusions};
