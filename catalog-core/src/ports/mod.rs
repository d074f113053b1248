//! What the system needs from the outside, one trait a file.
//!
//! Ports are object-safe and used as `Arc<dyn _>`. Dropping a returned future cancels the call; what a half-finished
//! call leaves behind is said at the method.

mod clock;
mod embedder;
mod enricher;
mod fk_matcher;
mod ids;
mod key_counter;
pub mod ledger;
mod metadata_source;
mod pii_voter;
mod profiler;
mod publisher;
mod query_check;
mod query_log_source;
mod question_writer;
mod raw_scanner;
mod sampler;
mod table_scanner;
mod vector_index;

pub use clock::Clock;
pub use embedder::Embedder;
pub use enricher::Enricher;
pub use fk_matcher::{ConfirmBudget, ConfirmPlan, FkMatcher};
pub use ids::Ids;
pub use key_counter::KeyCounter;
pub use ledger::Ledger;
pub use metadata_source::{Discovered, MetadataSource, SourceChanges, TablePage, Upstream};
pub use pii_voter::PiiVoter;
pub use profiler::{ProfilePrice, Profiler};
pub use publisher::{Publisher, PublisherCapabilities};
pub use query_check::QueryCheck;
pub use query_log_source::{QueryLogPage, QueryLogSource};
pub use question_writer::QuestionWriter;
pub use raw_scanner::{RawScanner, ScanHits};
pub use sampler::Sampler;
pub use table_scanner::{RowSink, ScanRequest, ScanSummary, SharedSink, TableScanner};
pub use vector_index::VectorIndex;
