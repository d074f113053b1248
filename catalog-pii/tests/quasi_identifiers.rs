//! Columns that single a person out together.

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use catalog_pii::QuasiIdentifier::{Birth, Gender, Place};
use catalog_pii::{Masker, QuasiIdentifier, evidence, quasi_identifiers, quasi_identifiers_of};
use support::{rows_of_text, text_table};

fn listed(table: &str, columns: &[&str]) -> Vec<(String, QuasiIdentifier)> {
    let masked = Masker::default().mask(&rows_of_text(columns, &[]));
    quasi_identifiers(&evidence(&text_table(table, columns), None, &[], masked))
}

#[test]
fn birth_place_and_gender_of_persons_are_listed_in_both_languages() {
    let found = listed("patients", &["id", "dob", "zip", "gender"]);
    assert_eq!(found, [("dob".to_owned(), Birth), ("zip".to_owned(), Place), ("gender".to_owned(), Gender)]);
    let found = listed("assures", &["date_naissance", "code_postal", "ville", "sexe"]);
    assert_eq!(found.iter().map(|(_, k)| *k).collect::<Vec<_>>(), [Birth, Place, Place, Gender]);
}

#[test]
fn two_of_the_three_or_a_table_about_things_list_nothing() {
    assert!(listed("patients", &["dob", "gender"]).is_empty());
    assert!(listed("stores", &["birth_date", "zip", "gender"]).is_empty());
}

#[test]
fn a_table_known_by_its_schema_alone_lists_the_same() {
    let found = quasi_identifiers_of(&text_table("patients", &["id", "dob", "zip", "gender"]), None);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["dob", "gender", "zip"]);
}
