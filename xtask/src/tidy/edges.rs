//! Which crate may use which, from cargo's own metadata.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Finding;
use crate::Result;

/// What a crate may use of ours. Adapters never use each other: they meet in catalog-syncd.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("catalog-core", &[]),
    ("catalog-net", &["catalog-core"]),
    ("catalog-fk", &["catalog-core"]),
    ("catalog-om", &["catalog-core", "catalog-net"]),
    ("catalog-profile", &["catalog-core", "catalog-fk", "catalog-net"]),
    ("catalog-llm", &["catalog-core", "catalog-net"]),
    ("catalog-pii", &["catalog-core", "catalog-net"]),
    ("catalog-querylog", &["catalog-core", "catalog-net"]),
    ("catalog-store", &["catalog-core", "catalog-net"]),
    ("catalog-publish", &["catalog-core", "catalog-net"]),
    ("catalog-local", &["catalog-core", "catalog-net"]),
    ("catalog-testkit", &["catalog-core"]),
    (
        "e2e",
        &[
            "catalog-core",
            "catalog-fk",
            "catalog-llm",
            "catalog-local",
            "catalog-net",
            "catalog-om",
            "catalog-pii",
            "catalog-profile",
            "catalog-publish",
            "catalog-querylog",
            "catalog-store",
        ],
    ),
    // The golden run measures the product's own embedders, templates and guard; the walk it drives as a binary.
    ("xtask", &["catalog-core", "catalog-llm", "catalog-local", "catalog-net"]),
    (
        "catalog-syncd",
        &[
            "catalog-core",
            "catalog-net",
            "catalog-fk",
            "catalog-om",
            "catalog-profile",
            "catalog-llm",
            "catalog-pii",
            "catalog-querylog",
            "catalog-store",
            "catalog-publish",
            "catalog-local",
        ],
    ),
];

/// For tests only, and there for every crate but the core, which it is made of.
const TESTKIT: &str = "catalog-testkit";

/// Edges for tests alone: rule-based drafts are held to the guard that the walk applies to them.
const TEST_EDGES: [(&str, &str); 1] = [("catalog-local", "catalog-llm")];

/// Libraries that one part of the system keeps to itself (tests may use them).
const CONFINED: [(&str, &[&str]); 6] = [
    ("sqlparser", &["catalog-querylog"]),
    ("reqwest", &["catalog-net"]),
    ("hyper", &["catalog-net"]),
    ("hyper-util", &["catalog-net"]),
    ("sqlx", &["catalog-local", "catalog-store"]),
    ("rusqlite", &["catalog-local", "catalog-store", "xtask"]),
];

/// ADEN links catalog-fk: its whole tree, itself included, stays this small.
const FK_TREE_MAX: usize = 25;

/// One dependency as a manifest declares it.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    in_tests: bool,
}

pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let mut found = Vec::new();
    for package in metadata.packages {
        for dependency in &package.dependencies {
            let in_tests = dependency.kind == DependencyKind::Development;
            let edge = Edge { from: &package.name, to: &dependency.name, in_tests };
            if let Some(advice) = judge(&edge) {
                let file = format!("{}/Cargo.toml", package.name);
                let line = std::fs::read_to_string(root.join(&file))
                    .ok()
                    .and_then(|text| text.lines().position(|l| l.starts_with(dependency.name.as_str())))
                    .map_or(1, |i| i + 1);
                found.push(Finding { file, line, rule: "dependencies", advice });
            }
        }
    }
    found.extend(fk_tree(root)?);
    Ok(found)
}

/// What is wrong with the edge, if anything.
fn judge(edge: &Edge<'_>) -> Option<String> {
    let Edge { from, to, in_tests } = *edge;
    if let Some((_, users)) = CONFINED.iter().find(|(library, _)| *library == to) {
        let fine = in_tests || users.contains(&from);
        return (!fine).then(|| format!("{to} belongs to {} alone: ask it through a port", users.join(" and ")));
    }
    if !ALLOWED.iter().any(|(name, _)| *name == to) {
        return None;
    }
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == from) else {
        return Some(format!("{from} is not in the list of crates: say in xtask/src/tidy/edges.rs what it may use"));
    };
    let in_tests_too = in_tests && (to == TESTKIT && from != "catalog-core" || TEST_EDGES.contains(&(from, to)));
    let fine = allowed.contains(&to) || in_tests_too;
    (!fine).then(|| format!("{from} may not use {to}: let them meet in catalog-syncd, through a port of catalog-core"))
}

fn fk_tree(root: &Path) -> Result<Option<Finding>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--package", "catalog-fk", "--edges", "normal", "--prefix", "none", "--locked"])
        .current_dir(root)
        .output()?;
    if !tree.status.success() {
        return Err(format!("cargo tree failed: {}", String::from_utf8_lossy(&tree.stderr).trim()).into());
    }
    let listed = String::from_utf8(tree.stdout)?;
    // A line is `name vN.N.N (path) (*)`: name and version tell a crate.
    let crates: BTreeSet<Vec<&str>> =
        listed.lines().filter(|l| !l.is_empty()).map(|l| l.split(' ').take(2).collect()).collect();
    let size = crates.len();
    Ok((size > FK_TREE_MAX).then(|| Finding {
        file: "catalog-fk/Cargo.toml".to_owned(),
        line: 1,
        rule: "dependencies",
        advice: format!("its tree has {size} crates, the limit is {FK_TREE_MAX}: ADEN links it, drop a dependency"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine(from: &str, to: &str, in_tests: bool) -> bool {
        judge(&Edge { from, to, in_tests }).is_none()
    }

    #[test]
    fn edges_point_to_the_core_and_never_between_adapters() {
        assert!(fine("catalog-om", "catalog-core", false));
        assert!(!fine("catalog-core", "catalog-fk", false));
        assert!(!fine("catalog-llm", "catalog-pii", false));
        assert!(!fine("catalog-llm", "catalog-pii", true));
        assert!(!fine("catalog-om", "catalog-syncd", false));
        assert!(!fine("catalog-new", "catalog-core", false));
    }

    #[test]
    fn the_testkit_is_for_tests_alone() {
        assert!(fine("catalog-om", "catalog-testkit", true));
        assert!(!fine("catalog-om", "catalog-testkit", false));
        assert!(!fine("catalog-syncd", "catalog-testkit", false));
        assert!(!fine("catalog-core", "catalog-testkit", true));
    }

    #[test]
    fn a_confined_library_stays_where_it_is() {
        assert!(fine("catalog-querylog", "sqlparser", false));
        assert!(!fine("catalog-syncd", "sqlparser", false));
        assert!(!fine("catalog-om", "reqwest", false));
        assert!(!fine("catalog-syncd", "rusqlite", false));
        assert!(fine("catalog-syncd", "rusqlite", true));
        assert!(fine("catalog-syncd", "serde", false));
    }
}
