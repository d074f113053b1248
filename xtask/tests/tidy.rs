//! The workspace is tidy.

use std::path::Path;

#[test]
fn the_workspace_is_tidy() {
    let findings = xtask::tidy::check(Path::new(xtask::WORKSPACE)).unwrap();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
