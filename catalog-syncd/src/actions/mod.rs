//! What people and programs ask of the daemon, once for all ways in: the command line, the HTTP API and the page call
//! these and only present what they give.

mod desk;
mod explain;
mod fragment;
mod glossary;
mod join_graph;
mod last_decision;
mod proposals;
mod recall;
mod search;
mod tables;
mod undo;

pub use desk::Desk;
pub use explain::Explanation;
pub use glossary::UnreadWord;
pub use last_decision::LastDecision;
pub use proposals::{Decided, Redraft};
pub use search::Finder;
pub use tables::{Retried, Wanted};
pub use undo::Undone;
