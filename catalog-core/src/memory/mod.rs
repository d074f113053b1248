//! In-memory twins of the ports: for tests and for whoever links a crate without a daemon.

mod clock;
mod cut;
mod embedder;
mod fk_matcher;
mod ids;
mod index;
mod ledger;
mod proposed_query;
mod publisher;
mod query_log;
mod scanner;
mod scripted;
mod source;
mod tables;

pub use clock::ManualClock;
pub use embedder::WordEmbedder;
pub use fk_matcher::DeclaredKeysOnly;
pub use ids::CountingIds;
pub use index::MemoryIndex;
pub use ledger::MemoryLedger;
pub use proposed_query::{ScriptedQueryCheck, ScriptedQuestions};
pub use publisher::MemoryPublisher;
pub use query_log::MemoryQueryLog;
pub use scanner::MemoryScanner;
pub use scripted::{ScriptedEnricher, ScriptedKeyCounter, ScriptedProfiler, ScriptedRawScanner, ScriptedVoter};
pub use source::MemorySource;
pub use tables::MemoryTables;
