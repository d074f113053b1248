//! Names that say nothing, leftovers, and paths of somebody's machine.

use super::files::SourceFile;
use super::{Finding, finding};

/// File and folder names that would collect anything.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "manager", "misc", "shared"];
/// Written in two parts, so that this file does not break its own rule.
const MACHINE_FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/t", "mp/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
const LEFTOVERS: [(&str, &str); 3] = [
    ("todo!(", "write the code, or leave the feature out"),
    ("unimplemented!(", "write the code, or leave the feature out"),
    ("#[ignore", "make the test run everywhere, or put it behind the `live` feature"),
];

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut found = Vec::new();
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_owned();
    if let Some(name) = file.path.split('/').map(stem).find(|s| file.is_rust() && EMPTY_NAMES.contains(&s.as_str())) {
        found.push(finding(file, 1, "file-name", format!("`{name}` says nothing: name the file after what is in it")));
    }
    for (i, line) in file.text.lines().enumerate() {
        if let Some(folder) = MACHINE_FOLDERS.into_iter().find(|folder| names_folder(line, folder)) {
            let advice = format!("`{folder}` is a path of one machine: use a relative path or a temporary folder");
            found.push(finding(file, i + 1, "machine-path", advice));
        }
    }
    for (i, line) in file.code.lines().enumerate() {
        for (word, advice) in LEFTOVERS.into_iter().filter(|(word, _)| line.contains(word)) {
            found.push(finding(file, i + 1, "leftover", format!("`{word}`: {advice}")));
        }
    }
    found
}

/// Does an absolute path start with the folder? A longer path that merely holds it does not.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder)
        .any(|(at, _)| !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "._-*~}".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        check(&SourceFile::new(path, text)).iter().map(|f| (f.rule, f.line)).collect()
    }

    #[test]
    fn an_empty_name_is_found() {
        assert_eq!(rules("a/src/utils.rs", ""), [("file-name", 1)]);
        assert_eq!(rules("a/src/common/b.rs", ""), [("file-name", 1)]);
        assert!(rules("a/src/commonplace.rs", "").is_empty());
    }

    #[test]
    fn a_machines_path_is_found_in_any_file() {
        let path = format!("see {}x", MACHINE_FOLDERS[1]);
        assert_eq!(rules("docs/a.md", &format!("\n{path}")), [("machine-path", 2)]);
        assert!(rules("docs/a.md", &format!("target{}x", MACHINE_FOLDERS[1])).is_empty());
    }

    #[test]
    fn a_leftover_is_found_in_code_and_not_in_words() {
        assert_eq!(rules("a/src/b.rs", "fn a() {\n    todo!()\n}\n#[ignore]\n"), [("leftover", 2), ("leftover", 4)]);
        assert!(rules("a/src/b.rs", "// todo!() is forbidden\nlet a = \"#[ignore]\";").is_empty());
    }
}
