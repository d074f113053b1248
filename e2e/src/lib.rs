//! Small clients with which the live tests ask the real services, one test target a component.
//!
//! `cargo xtask stack up` starts the services, `cargo xtask stack test` names them in the environment and runs the
//! tests. A test whose service is not there fails; it never skips.

mod cut_proxy;
pub mod http;
pub mod trino;
pub mod trino_asked;
pub mod trino_tables;
pub mod webdriver;

use std::env;

pub use cut_proxy::CutProxy;

/// What a client returns; the error is a sentence.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A variable that `cargo xtask stack test` sets, such as the address of a service.
///
/// # Errors
/// When it is not set: the service is not up.
pub fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set: run `cargo xtask stack test`").into())
}
