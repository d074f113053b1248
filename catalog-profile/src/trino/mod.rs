//! Trino: samples, profiles, fingerprints and key counts, asked for politely.
//!
//! - [`TrinoClient`] speaks the statement protocol: one host, every limit, nothing left running behind it;
//! - [`Politeness`] bounds what all its users together ask of the cluster;
//! - [`TrinoSampler`], [`TrinoProfiler`] and [`TrinoKeyCounter`] are the ports over it;
//! - [`TrinoQueryCheck`] asks whether a query would still run;
//! - [`RunEstimate`] says what a run will ask before it starts.

mod canonical_sql;
mod client;
mod decode;
mod estimate;
mod key_counter;
mod politeness;
mod profiler;
mod query_check;
mod sampler;
mod sql_name;
mod table_rules;
mod types;

pub use client::{Answer, EngineColumn, QueryStats, Statement, TrinoClient, TrinoOptions};
pub use estimate::RunEstimate;
pub use key_counter::{CountBudget, TrinoKeyCounter};
pub use politeness::{Politeness, PolitenessOptions, QuietHours};
pub use profiler::{TrinoProfileOptions, TrinoProfiler};
pub use query_check::TrinoQueryCheck;
pub use sampler::{SamplerOptions, TrinoSampler};
pub use table_rules::{SampleWith, TableRule, TableRules};
pub use types::TrinoType;
