//! From configuration to parts behind ports.
//!
//! What is opened once and kept is in [`Stores`]; what belongs to one run is made by [`parts_over`]. Which adapter
//! serves a port follows from the addresses that the configuration names: none, and the embedded one does.

mod allowed;
mod machine;
mod models;
mod options;
mod parts;
mod query_logs;
mod remote_catalog;
mod remote_index;
mod state_folder;
mod stores;

pub use allowed::egress;
pub use machine::{SystemClock, TimeOrderedIds};
pub(crate) use models::house_words;
pub use options::{backoff, options};
pub use parts::{parts, parts_over};
pub use query_logs::query_logs;
pub use remote_catalog::{RemoteCatalog, SOURCE as CATALOG_SOURCE, profile_options};
pub use state_folder::{StateLock, is_state_file};
pub use stores::{Catalog, LedgerHandle, Stores, existing_stores, migrate, postgres_settings, stores};
