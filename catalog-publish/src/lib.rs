//! From what the walk found to what the catalog shows, and the vector indexes.
//!
//! - [`plan`]: what was found and what the catalog holds → operations, none on a field that a person wrote;
//! - [`decide`]: the operator's [`Policy`] → publish now, or a proposal for the steward;
//! - [`Outbound`]: operations in the outbox → guarded write → read back → receipt with its audit row;
//! - [`undo`]: what was published goes back, unless somebody changed it since;
//! - [`IndexOutbound`]: texts in the queue of vectors → embedder → index;
//! - [`FlatIndex`]: table vectors in one file; `MilvusIndex` (feature `milvus`): the same in Milvus;
//! - [`recall_preview`]: what publishing texts would do to what people find.
//!
//! It knows no sample and not how a text was made.

mod decide;
pub mod fail_points;
mod flat_index;
#[cfg(feature = "milvus")]
mod milvus;
mod outbound;
mod plan;
mod policy;
mod recall;
pub mod undo;
mod unwanted;
mod vectors;

pub use decide::{Decided, decide, suggest};
pub use fail_points::FAIL_POINTS;
pub use flat_index::FlatIndex;
#[cfg(feature = "milvus")]
pub use milvus::{FieldNames, Metric, MilvusIndex, MilvusSettings};
pub use outbound::{DrainReport, Outbound};
pub use plan::{DesiredField, operation_id, plan};
pub use policy::{Mode, Policy};
pub use recall::{ProposedText, QuestionRecall, RECALL_AT, RecallChange, SavedQuestion, recall_preview};
pub use unwanted::withdraw_unwanted;
pub use vectors::{IndexOutbound, IndexReport, search_best_of_two};
