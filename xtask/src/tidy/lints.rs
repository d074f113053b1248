//! The lints that hold everywhere are not switched off in passing.

use super::files::SourceFile;
use super::{Finding, finding};

const CLIPPY: &str = "allow-unwrap-in-tests = true\nallow-expect-in-tests = true\nallow-print-in-tests = true\n";
/// Lints that guard a promise; only a test may ask for an exception.
const GUARDED: [&str; 5] =
    ["unsafe_code", "missing_docs", "clippy::unwrap_used", "clippy::todo", "clippy::unimplemented"];

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let advice = match name {
        "clippy.toml" if file.text.trim() != CLIPPY.trim() => "it holds more than the exceptions for tests: undo that",
        "rust-toolchain.toml" | "rust-toolchain" => "remove it: `rust-version` in Cargo.toml says which compiler",
        "Cargo.toml" if file.text.contains("[package]") && !file.text.contains("[lints]\nworkspace = true") => {
            "add `[lints]` with `workspace = true`"
        }
        _ => return exceptions(file),
    };
    vec![finding(file, 1, "lints", advice)]
}

fn exceptions(file: &SourceFile) -> Vec<Finding> {
    let mut found = Vec::new();
    for lint in GUARDED {
        for (i, line) in file.code.lines().enumerate() {
            // Docs may stand elsewhere, for a stated reason; the other lints have no such way out.
            let excused = lint == "missing_docs" && line.contains("reason =");
            let asked = (line.contains("allow(") || line.contains("expect(")) && line.contains(lint) && !excused;
            if asked && line.trim_start().starts_with("#") && !file.is_test(i + 1) {
                found.push(finding(
                    file,
                    i + 1,
                    "lints",
                    format!("`{lint}` holds outside tests: write it differently"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text)).len()
    }

    #[test]
    fn a_guarded_lint_switched_off_outside_tests_is_found() {
        assert_eq!(found("a/src/b.rs", "#![allow(missing_docs)]"), 1);
        assert_eq!(found("a/src/b.rs", "#[expect(clippy::unwrap_used, reason = \"x\")]\nfn a() {}"), 1);
        assert_eq!(found("a/src/b.rs", "#![allow(missing_docs, reason = \"x\")]"), 0);
        assert_eq!(found("a/tests/b.rs", "#![expect(clippy::unwrap_used, reason = \"x\")]"), 0);
        assert_eq!(found("a/src/b.rs", "#[allow(clippy::too_many_arguments)]"), 0);
    }

    #[test]
    fn a_crate_without_the_workspaces_lints_is_found() {
        assert_eq!(found("a/Cargo.toml", "[package]\nname = \"a\"\n"), 1);
        assert_eq!(found("a/Cargo.toml", "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"), 0);
        assert_eq!(found("clippy.toml", "too-many-lines-threshold = 900"), 1);
        assert_eq!(found("rust-toolchain.toml", ""), 1);
    }
}
