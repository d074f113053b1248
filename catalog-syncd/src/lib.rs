//! The daemon and its command line: configuration, wiring and the walk.
//!
//! - [`config`]: one commented default file is the map of every setting;
//! - [`wiring`]: from configuration to parts behind ports;
//! - [`walk`]: the stages, over ports alone;
//! - [`daemon`]: `run`, which walks when webhooks, the schedule or people ask for it;
//! - [`actions`]: what people and programs may ask, once for all ways in;
//! - [`api`]: those over HTTP;
//! - [`page`]: those for a steward with a browser;
//! - [`doctor`]: is everything there;
//! - [`observability`]: figures with their meanings;
//! - [`report`]: what a run found, as JSON, table or page;
//! - [`cli`]: the verbs.

pub mod actions;
pub mod api;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod doctor;
pub mod observability;
pub mod page;
pub mod report;
pub mod walk;
pub mod wiring;
