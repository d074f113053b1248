//! `cargo xtask faults`: which fault is survived, by which test.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;

const TABLE: &str = include_str!("table.txt");

/// A fault and what shows that it is survived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number.
    pub number: u32,
    /// What happens, with the promises that it tries.
    pub what: String,
    /// The tests, as file and function.
    pub tests: Vec<(String, String)>,
    /// What no test shows yet.
    pub gaps: Vec<String>,
}

/// The faults of the table, in its order.
///
/// # Errors
/// When a line of the table cannot be read.
pub fn faults() -> Result<Vec<Fault>> {
    let mut all: Vec<Fault> = Vec::new();
    for line in TABLE.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let wrong = || format!("xtask/src/faults/table.txt: cannot read `{line}`");
        if let Some(rest) = line.strip_prefix("  ") {
            let fault = all.last_mut().ok_or_else(wrong)?;
            match rest.strip_prefix("! ") {
                Some(gap) => fault.gaps.push(gap.to_owned()),
                None => {
                    let (file, function) = rest.split_once("::").ok_or_else(wrong)?;
                    fault.tests.push((file.to_owned(), function.to_owned()));
                }
            }
        } else {
            let (number, what) = line.split_once(' ').ok_or_else(wrong)?;
            let number = number.parse().map_err(|_| wrong())?;
            all.push(Fault { number, what: what.to_owned(), tests: Vec::new(), gaps: Vec::new() });
        }
    }
    Ok(all)
}

/// The tests of the table that are not in the workspace at `root`.
///
/// # Errors
/// As [`faults`].
pub fn missing(root: &Path) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for fault in faults()? {
        for (file, function) in fault.tests {
            let text = std::fs::read_to_string(root.join(&file)).unwrap_or_default();
            if !text.contains(&format!("fn {function}(")) {
                missing.push(format!("fault {}: {file}::{function}", fault.number));
            }
        }
    }
    Ok(missing)
}

/// The table for people.
///
/// # Errors
/// As [`faults`].
pub fn print() -> Result<String> {
    let mut out = String::new();
    for fault in faults()? {
        writeln!(out, "{:>2} {}", fault.number, fault.what)?;
        for (file, function) in &fault.tests {
            writeln!(out, "     {file}::{function}")?;
        }
        for gap in &fault.gaps {
            writeln!(out, "     not shown: {gap}")?;
        }
        if fault.tests.is_empty() {
            writeln!(out, "     NO TEST")?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_test_and_every_test_exists() {
        let all = faults().unwrap();
        assert_eq!(all.iter().map(|f| f.number).collect::<Vec<_>>(), (1..=34).collect::<Vec<_>>());
        assert!(all.iter().all(|f| !f.tests.is_empty()));
        let missing = missing(Path::new(crate::WORKSPACE)).unwrap();
        assert!(missing.is_empty(), "these tests are not there any more: {missing:#?}");
    }
}
