//! Presidio's verdicts over HTTP, and the scanner that asks for them.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use catalog_core::model::{PiiEntity, RawCell, RawSample, SampleMethod};
use catalog_core::ports::RawScanner;
use catalog_net::EgressPolicy;
use catalog_pii::{BesideScanner, PatternScanner, PresidioOptions, PresidioScanner};
use e2e::{http, variable};
use serde_json::{Value, json};

fn analyze(text: &str, language: &str) -> Vec<(String, String)> {
    let url = format!("{}/analyze", variable("CATALOG_TEST_PRESIDIO_URL").unwrap());
    let body = json!({"text": text, "language": language}).to_string();
    let answer: Value = serde_json::from_str(&http::post(&url, &[], &body).unwrap()).unwrap();
    let characters: Vec<char> = text.chars().collect();
    let part = |hit: &Value, end: &str| usize::try_from(hit[end].as_u64().unwrap()).unwrap();
    let found = answer.as_array().unwrap().iter().map(|hit| {
        let span = &characters[part(hit, "start")..part(hit, "end")];
        (hit["entity_type"].as_str().unwrap().to_owned(), span.iter().collect())
    });
    found.collect()
}

#[test]
fn it_says_that_it_is_up() {
    let url = variable("CATALOG_TEST_PRESIDIO_URL").unwrap();
    assert!(http::get(&format!("{url}/health")).unwrap().contains("up"));
}

#[test]
fn an_address_and_an_account_are_found_in_french_text() {
    let text = "Merci d’écrire à jean.dupont@example.fr, IBAN FR7630006000011234567890189, avant lundi.";
    let found = analyze(text, "fr");
    println!("{found:?}");
    let has = |entity: &str, span: &str| found.contains(&(entity.to_owned(), span.to_owned()));
    assert!(has("EMAIL_ADDRESS", "jean.dupont@example.fr"));
    assert!(has("IBAN_CODE", "FR7630006000011234567890189"));
}

#[test]
fn an_account_with_wrong_check_digits_is_none() {
    let found = analyze("IBAN FR7730006000011234567890189", "fr");
    assert!(found.iter().all(|(entity, _)| entity != "IBAN_CODE"), "{found:?}");
}

#[test]
fn a_language_that_is_not_there_is_refused() {
    let url = format!("{}/analyze", variable("CATALOG_TEST_PRESIDIO_URL").unwrap());
    let error = http::post(&url, &[], r#"{"text": "Guten Tag", "language": "de"}"#).unwrap_err();
    assert!(error.to_string().contains("500"), "{error}");
}

fn scanner() -> PresidioScanner {
    let url: url::Url = variable("CATALOG_TEST_PRESIDIO_URL").unwrap().parse().unwrap();
    let policy = EgressPolicy::allowing([(url.host_str().unwrap(), url.port().unwrap())]);
    PresidioScanner::new(url.as_str(), &policy, PresidioOptions::default()).unwrap()
}

fn sample(cells: &[&str]) -> RawSample {
    let mut sample = RawSample::new(["c"], SampleMethod::Limit);
    for cell in cells {
        sample.push_row([RawCell::Text((*cell).into())]);
    }
    sample
}

#[tokio::test]
async fn a_column_is_scanned_by_the_sidecar_in_both_languages() {
    let hits = scanner()
        .scan(&sample(&["a@example.org", "écrire à b@example.org avant lundi", "rouge", "rouge"]))
        .await
        .unwrap()
        .remove(0);
    let email = hits.hits.iter().find(|h| h.entity == PiiEntity::Email).unwrap();
    assert_eq!((hits.cells_seen, email.inside_share, email.whole_cell_share), (4, 0.5, 0.25));
}

#[tokio::test]
async fn an_account_passes_the_sidecars_checksum() {
    let cells = ["FR7630006000011234567890189", "FR1420041010050500013M02606"];
    let hits = scanner().scan(&sample(&cells)).await.unwrap().remove(0);
    let iban = hits.hits.iter().find(|h| h.entity == PiiEntity::Iban).unwrap();
    assert!(iban.checksum && iban.whole_cell_share == 1.0);
}

#[tokio::test]
async fn beside_ours_it_finds_the_name_that_no_dictionary_has() {
    let cells = sample(&["Barack Obama met Shinzo Abe in Tokyo.", "Angela Merkel resigned."]);
    let beside = BesideScanner::new(Arc::new(PatternScanner::default()), Arc::new(scanner()));
    let hits = beside.scan(&cells).await.unwrap().remove(0);
    let name = hits.hits.iter().find(|h| h.entity == PiiEntity::PersonName).unwrap();
    assert_eq!(name.inside_share, 1.0);
}
