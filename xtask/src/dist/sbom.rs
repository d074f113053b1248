//! The list of parts in the CycloneDX form (1.5): every crate that is linked into the program.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};
use serde_json::{Value, json};

use crate::Result;

const PROGRAM: &str = "catalog-syncd";

/// The list.
///
/// # Errors
/// When cargo did not resolve the workspace.
pub(super) fn list(metadata: &Metadata) -> Result<Value> {
    let resolve = metadata.resolve.as_ref().ok_or("cargo resolved nothing")?;
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let program = metadata.packages.iter().find(|p| p.name.as_str() == PROGRAM).ok_or("the program is missing")?;
    let mut linked = BTreeSet::from([&program.id]);
    let mut next = vec![&program.id];
    while let Some(id) = next.pop() {
        for dependency in nodes.get(id).map_or(&[][..], |node| &node.deps) {
            let needed = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if needed && linked.insert(&dependency.pkg) {
                next.push(&dependency.pkg);
            }
        }
    }
    let parts: Vec<Value> = metadata
        .packages
        .iter()
        .filter(|package| linked.contains(&package.id) && package.id != program.id)
        .map(|package| {
            json!({
                "type": "library",
                "name": package.name.as_str(),
                "version": package.version.to_string(),
                "purl": format!("pkg:cargo/{}@{}", package.name, package.version),
                "licenses": package.license.iter().map(|l| json!({ "expression": l })).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": { "component": { "type": "application", "name": PROGRAM, "version": program.version.to_string() } },
        "components": parts,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_what_is_linked_and_not_what_only_tests_use() {
        let manifest = format!("{}/Cargo.toml", crate::WORKSPACE);
        // What only other platforms need has never been fetched here.
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let metadata = cargo_metadata::MetadataCommand::new()
            .manifest_path(manifest)
            .other_options(["--offline".to_owned(), "--filter-platform".to_owned(), platform])
            .exec();
        let list = list(&metadata.unwrap()).unwrap();
        let names: BTreeSet<&str> =
            list["components"].as_array().unwrap().iter().filter_map(|c| c["name"].as_str()).collect();
        assert!(names.contains("tokio") && names.contains("catalog-core"), "{names:?}");
        assert!(!names.contains("proptest") && !names.contains("xtask"));
    }
}
