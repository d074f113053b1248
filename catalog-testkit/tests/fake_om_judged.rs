//! OpenMetadata's own client and models judge the stand-in of the older generation; the newer one is the stack's.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

use std::process::Command;

use catalog_testkit::fake_om::{FakeOm, Generation, Options};
use serde_json::{Value, json};

const CLIENT: &str = include_str!("../../e2e/python/openmetadata_client.py");

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_older_generations_answers_are_valid_and_conditions_hold_nothing_back() {
    let python = std::env::var("CATALOG_TEST_OPENMETADATA_PYTHON").expect("run `cargo xtask stack test`");
    let server = FakeOm::start(Options::of(Generation::V1_6), 0).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "ingestion-bot-token").unwrap();
    let mut client = Command::new(python);
    client.args(["-W", "ignore", "-c", CLIENT, &server.url()]).arg(token).arg("judged");
    let output = tokio::task::spawn_blocking(move || client.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all_but_tests = json!({"stale_version": 200, "strong_tag": 200, "failing_test": 500, "fresh_version": 200});
    assert_eq!(seen["conditions"], all_but_tests);
    assert_eq!(seen["columns"][2]["tags"].as_array().unwrap().len(), 2);
    assert!(seen["change_summary"].is_null());
    for model in ["Table", "EntityLineage", "ChangeEvent", "EventSubscription", "Suggestion", "EntityVersionHistory"] {
        assert!(seen["validated"][model].as_u64() > Some(0), "{model} was not judged");
    }
}
