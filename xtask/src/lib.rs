//! The project's chores, as a library so that tests run them too.
//!
//! - [`tidy`]: checks what the compiler cannot.
//! - [`bench`]: figures measured on the running stack.
//! - [`chart`]: the Helm chart, held to what it promises.
//! - [`dist`], [`docs`], [`image`]: what a release hands out, the site, the container's files.
//! - [`faults`]: which fault is survived, by which test.
//! - [`golden`]: the set that says whether descriptions help.
//! - [`stack`]: the real services, and the tests that drive them.

pub mod bench;
pub mod chart;
pub mod dist;
pub mod docs;
pub mod faults;
pub mod golden;
pub mod image;
pub mod stack;
pub mod tidy;

/// The workspace's root folder, as it was when this crate was built.
pub const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What a chore returns; the error is a sentence for whoever ran it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
