//! What the compiler cannot check: dependency directions, sizes, forbidden words and calls.
//!
//! Each rule is one file and gives [`Finding`]s; [`check`] runs them all.

mod boundaries;
mod code;
mod edges;
mod files;
mod lints;
mod sizes;
mod twins;
mod words;

use std::fmt;
use std::path::Path;

use crate::Result;
use files::SourceFile;

/// A place that breaks a rule. Prints as `file:line: [rule] what to do`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the workspace.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.file, self.line, self.rule, self.advice)
    }
}

/// Runs every rule over the workspace at `root`, and gives the findings by file and line.
///
/// # Errors
/// When the sources or cargo's metadata cannot be read.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let files = files::read_all(root)?;
    let mut findings = edges::check(root)?;
    for file in &files {
        findings.extend(words::check(file));
        findings.extend(lints::check(file));
        findings.extend(sizes::check(file));
        findings.extend(boundaries::check(file));
    }
    findings.extend(twins::check(&files));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn finding(file: &SourceFile, line: usize, rule: &'static str, advice: impl Into<String>) -> Finding {
    Finding { file: file.path.clone(), line, rule, advice: advice.into() }
}
