//! Every port has an in-memory twin.

use std::collections::BTreeMap;

use super::files::SourceFile;
use super::{Finding, finding};

const PORTS: &str = "catalog-core/src/ports/";
const MEMORY: &str = "catalog-core/src/memory/";
/// Traits beside the ports: a callback, and the sum of the ledger's five parts.
const NO_PORTS: [&str; 2] = ["RowSink", "Ledger"];

pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut ports = BTreeMap::new();
    for file in files.iter().filter(|f| f.path.starts_with(PORTS)) {
        for (i, line) in file.code.lines().enumerate() {
            if let Some(rest) = line.trim_start().strip_prefix("pub trait ") {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                ports.insert(name, (file, i + 1));
            }
        }
    }
    ports.retain(|name, _| !NO_PORTS.contains(&name.as_str()));
    for file in files.iter().filter(|f| f.path.starts_with(MEMORY)) {
        ports.retain(|name, _| !file.code.contains(&format!("impl {name} for ")));
    }
    ports
        .into_iter()
        .map(|(name, (file, line))| finding(file, line, "twins", format!("{name} has no twin in {MEMORY}: write one")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_without_a_twin_is_found() {
        let files = [
            SourceFile::new("catalog-core/src/ports/clock.rs", "pub trait Clock: Send {}"),
            SourceFile::new("catalog-core/src/ports/ids.rs", "\npub trait Ids: Send {}"),
            SourceFile::new("catalog-core/src/memory/clock.rs", "impl Clock for ManualClock {}"),
        ];
        let found = check(&files);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].file.as_str(), found[0].line), ("catalog-core/src/ports/ids.rs", 2));
    }
}
