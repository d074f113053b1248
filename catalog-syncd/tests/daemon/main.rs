//! The daemon in one process, over parts in memory: its engine, its API, its door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod doors;
mod engine;
mod fixture;
mod leases;
mod page;
mod steward;
mod webhooks;
