//! Presidio's verdicts over HTTP.

#![allow(clippy::unwrap_used)]

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
