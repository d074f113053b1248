//! Table vectors in Milvus, over gRPC: one client for Milvus 2.4 and later and for Milvus Lite.
//!
//! - [`MilvusSettings`]: the server, the collection and the names of its fields;
//! - [`MilvusIndex`]: the collection as a [`VectorIndex`](catalog_core::ports::VectorIndex).
//!
//! Three kinds of collection. One that is not there is made. One that somebody else made, or writes too, is used as it
//! is: rows are upserted, only those that say we wrote them are deleted, and other vectors than its own are refused.
//! One that is ours alone is an alias in front of generations, one an embedding model: a new model fills a new
//! generation while readers stay on the old one, until [`MilvusIndex::activate`] moves the alias.

mod collection;
mod expression;
mod index;
mod layout;
mod proto;
mod rows;
mod rpc;
mod settings;

#[cfg(test)]
mod tests;

pub use index::MilvusIndex;
pub use settings::{FieldNames, Metric, MilvusSettings};
