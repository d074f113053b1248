//! Query events parsed, resolved and mined for joins and verified-query proposals.
//!
//! - [`JsonLinesLog`]: a file of query events, one JSON document a line, as a `QueryLogSource`;
//! - [`VictoriaLogsSource`]: polled; [`intake`] and [`IntakeBuffer`]: what the engine posts to the daemon;
//! - [`event_from_json`]: one document to one event, for any other source of the same documents;
//! - [`proposals`]: verified queries, tiers and usage for the steward and the catalog;
//! - [`QueryMiner`]: events in, joins, column usage and queries in normal form out.
//!
//! Inside: [`sql`] splits a text into tokens and parses them as Trino does; [`normal_form`] replaces literals by typed
//! parameters; `resolve` traces columns through aliases, common table expressions and subqueries to the tables of
//! the catalog; `miner` counts. Masking happens before anything is kept: no literal outlives
//! [`QueryMiner::observe`].

mod miner;
pub mod normal_form;
pub mod proposals;
mod resolve;
mod source;
pub mod sql;

pub use miner::{MinerOptions, PublicCodes, QueryMiner};
pub use resolve::SchemaTable;
pub use source::{
    IntakeBuffer, IntakeLimits, JsonLinesLog, OWN_SOURCE, VictoriaLogsOptions, VictoriaLogsSource, event_from_json,
    intake, user_hash,
};
