//! The search for columns whose values are in another column.

mod containment;
mod inclusion;

pub use containment::{Containment, containment};
pub use inclusion::{InclusionIndex, InclusionLimits, InclusionScratch};
