//! The files that the rules look at.

use std::path::Path;
use std::process::Command;

use super::code::{self, Span};
use crate::Result;

/// A text file of the workspace.
pub(super) struct SourceFile {
    /// Relative to the workspace, with `/`.
    pub(super) path: String,
    /// As it stands in the file.
    pub(super) text: String,
    /// For Rust: the text with comments and literals blanked, so that what is left is code; empty for others.
    pub(super) code: String,
    test_lines: Vec<Span>,
    test_file: bool,
}

impl SourceFile {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let code = if path.ends_with(".rs") { code::blank(&text) } else { String::new() };
        let test_file = path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("catalog-testkit/");
        Self { test_lines: code::test_modules(&code), path, text, code, test_file }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The top folder: the crate, for everything that lies in one.
    pub(super) fn krate(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Is this line (from 1) part of a test?
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.test_file || self.test_lines.iter().any(|span| span.contains(line))
    }

    /// Lines of code outside tests that hold the text, from 1.
    pub(super) fn code_lines_with<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let lines = self.code.lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.filter(move |(n, line)| line.contains(text) && !self.is_test(*n)).map(|(n, _)| n)
    }
}

/// Every text file that git tracks or would track; without git, all but hidden folders and `target`.
pub(super) fn read_all(root: &Path) -> Result<Vec<SourceFile>> {
    let paths = match git_files(root) {
        Some(paths) => paths,
        None => {
            let mut paths = Vec::new();
            walk(root, "", &mut paths)?;
            paths
        }
    };
    let mut files = Vec::new();
    for path in paths {
        // A file that git still lists may be gone, and one that is no text has nothing to tidy.
        if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
            files.push(SourceFile::new(path, text));
        }
    }
    if files.is_empty() {
        return Err(format!("no source file under {}", root.display()).into());
    }
    Ok(files)
}

fn git_files(root: &Path) -> Option<Vec<String>> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let listed = String::from_utf8(git.stdout).ok()?;
    let mut paths: Vec<String> = listed.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    (git.status.success() && !paths.is_empty()).then_some(paths)
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if !entry.file_type()?.is_dir() {
            paths.push(path);
        } else if name != "target" && (!name.starts_with('.') || name == ".ci") {
            walk(root, &path, paths)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_git_the_folders_are_walked() {
        let mut paths = Vec::new();
        walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut paths).unwrap();
        assert!(paths.contains(&"src/tidy/files.rs".to_owned()));
    }

    #[test]
    fn a_test_module_and_a_tests_folder_are_tests() {
        let file = SourceFile::new("a/src/b.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
        assert_eq!((1..=6).map(|n| file.is_test(n)).collect::<Vec<_>>(), [false, true, true, true, true, false]);
        assert!(SourceFile::new("a/tests/b.rs", "fn a() {}").is_test(1));
    }
}
