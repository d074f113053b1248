//! An OpenMetadata server, real or stood in for, under OpenMetadata's own client.

#![allow(clippy::unwrap_used, reason = "in a test a failed unwrap is the report")]

mod adapter;
mod server;

use std::process::Command;

use e2e::variable;
use serde_json::{Value, json};

/// OpenMetadata's client and models, so that nothing of ours is in the way.
const CLIENT: &str = include_str!("../../python/openmetadata_client.py");

#[test]
fn a_table_is_registered_patched_listed_and_judged_by_openmetadatas_own_client() {
    let url = variable("CATALOG_TEST_OPENMETADATA_URL").unwrap();
    let token_file = variable("CATALOG_TEST_OPENMETADATA_TOKEN_FILE").unwrap();
    let python = variable("CATALOG_TEST_OPENMETADATA_PYTHON").unwrap();
    let name = format!("catalog_e2e_{}", std::process::id());
    let output = Command::new(python).args(["-W", "ignore", "-c", CLIENT, &url, &token_file, &name]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    println!("server {}, valid answers: {}", seen["server_version"], seen["validated"]);

    assert_eq!(seen["table"]["description"], "Orders of customers");
    let email = &seen["columns"][2];
    assert_eq!((&email["name"], &email["description"]), (&json!("email"), &json!("Address of the buyer")));
    let labels: Vec<&Value> = email["tags"].as_array().unwrap().iter().map(|label| &label["tagFQN"]).collect();
    assert_eq!(labels, [&json!("PII.Sensitive"), &json!(format!("{name}.Email"))]);
    assert!(email["tags"].as_array().unwrap().iter().all(|label| label["state"] == "Suggested"));
    assert_eq!(seen["columns"][3]["children"][0]["description"], "A nested one");
    assert_eq!(seen["odd_column"], format!("{name}.lake.sales.\"odd.name v2\".\"c.1\""));
    assert_eq!(seen["listed"], json!(["customers", "odd.name v2", "orders"]));

    let constraint = &seen["table"]["tableConstraints"][0];
    assert_eq!(constraint["referredColumns"][0], format!("{name}.lake.sales.customers.id"));
    assert_eq!(seen["upstream"][0]["lineageDetails"]["columnsLineage"].as_array().unwrap().len(), 1);

    let conditions = &seen["conditions"];
    assert_eq!((&conditions["failing_test"], &conditions["fresh_version"]), (&json!(500), &json!(200)));
    if seen["server_version"].as_str().unwrap().starts_with("1.") {
        // Some honour conditions, some ignore them; none half.
        assert_eq!(conditions["stale_version"], conditions["strong_tag"]);
    } else {
        assert_eq!((&conditions["stale_version"], &conditions["strong_tag"]), (&json!(412), &json!(412)));
        assert!(seen["change_summary"]["description"]["changedBy"].is_string());
    }
    assert_eq!(seen["left"], json!([]), "what was made is deleted again");
}
