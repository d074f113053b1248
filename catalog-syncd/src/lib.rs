//! The daemon and its command line: configuration, wiring and the walk.
//!
//! - [`config`]: one commented default file is the map of every setting;
//! - [`wiring`]: from configuration to parts behind ports;
//! - [`walk`]: the stages, over ports alone;
//! - [`report`]: what a run found, as JSON, table or page;
//! - [`cli`]: the verbs.

pub mod cli;
pub mod config;
pub mod report;
pub mod walk;
pub mod wiring;
