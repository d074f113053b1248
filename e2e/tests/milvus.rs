//! The collection of table vectors in Milvus.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use e2e::variable;
use serde_json::Value;

/// Milvus's own client, so that nothing of ours is in the way.
const CLIENT: &str = include_str!("../python/milvus_collection.py");

#[test]
fn a_table_is_upserted_found_as_the_nearest_and_deleted() {
    let url = variable("CATALOG_TEST_MILVUS_URL").unwrap();
    let collection = format!("catalog_e2e_{}", std::process::id());
    let python = variable("CATALOG_TEST_MILVUS_PYTHON").unwrap();
    let output = Command::new(python).args(["-c", CLIENT, &url, &collection]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    println!("{seen}");
    assert_eq!(seen["count"], 3, "an upsert of the same ids replaces");
    assert_eq!(seen["nearest"][0]["fqn"], "bank.core.public.loans");
    assert_eq!(seen["nearest"][1]["fqn"], "bank.core.public.accounts");
    let cosine = seen["nearest"][0]["score"].as_f64().unwrap();
    assert!((cosine - 1.0 / 1.04_f64.sqrt()).abs() < 1e-4, "the score {cosine} is the cosine");
    assert_eq!(seen["filtered"].as_array().unwrap().len(), 1);
    assert_eq!(seen["filtered"][0]["meta"]["tier"], 2);
    let left = seen["after_delete"].as_array().unwrap();
    assert!(left.len() == 2 && left.iter().all(|hit| hit["fqn"] != "bank.core.public.loans"));
    assert!(seen["short_vector"].as_str().unwrap().starts_with("refused"));
    assert_eq!(seen["dropped"], true);
}
