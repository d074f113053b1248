//! The walk: discover → sample → profile → mask → vote → describe → relate → plan → decide → publish → index → audit.
//!
//! It runs over ports alone, so the embedded default and the real services walk the same way. Between the stages
//! stands the ledger: a crash resumes at the stage that was reached (see `ARCHITECTURE.md`).

mod counting;
mod describe;
mod desired;
mod discover;
mod fail_points;
mod gate;
mod index;
mod inspect;
mod neighbourhood;
mod options;
mod parts;
mod preview;
mod progress;
mod query_log;
mod relate;
mod run;
mod stage_clock;
mod states;
mod workers;

pub(crate) use describe::{KEYS_VERSION, steward_note};
pub use fail_points::WALK_FAIL_POINTS;
pub use index::{IndexGeneration, LexicalIndex, OpenIndex, Searcher, TableIndex, VectorStore, index_is_stale};
pub use options::WalkOptions;
pub use parts::{Connection, HouseWords, Parts, RunListener, Scratch};
pub use preview::Preview;
pub use progress::{Progress, Quiet};
pub use query_log::QueryLogInput;
pub use run::{Selection, SourceFailure, Walk, WalkOutcome};
