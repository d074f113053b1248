//! Our client, source and publisher against a stateful stand-in of the server, in both generations.
#![allow(clippy::unwrap_used, reason = "in a test a failed unwrap is the report")]

mod bad_answers;
mod contract;
mod discovery;
mod guards;
mod kinds;
mod queries;
mod suggestions;
mod world;
