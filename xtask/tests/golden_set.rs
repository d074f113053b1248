//! The committed golden set keeps what golden/README.md promises.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use xtask::golden::generate::generate;

fn definitions() -> PathBuf {
    Path::new(xtask::WORKSPACE).join("golden")
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = generate(&definitions(), one.path(), Some(40)).unwrap();
    assert_eq!(first, generate(&definitions(), two.path(), Some(40)).unwrap());
}
