//! Which columns a sentence is shown to rest on.

mod support;

use catalog_core::model::Language;
use catalog_llm::guard::columns_behind;
use catalog_llm::prompt::{PromptOptions, chosen_columns};
use support::loans;

fn behind(text: &str) -> Vec<&'static str> {
    let (case, names) = (loans(), ["loan_id", "account_id", "amount", "status", "email"]);
    columns_behind(text, &case.request(Language::En)).into_iter().map(|at| names[at]).collect()
}

#[test]
fn a_column_is_behind_a_text_by_its_name_its_comment_or_a_public_code() {
    assert_eq!(behind("Loans of accounts with the amount, one row per loan."), ["account_id", "amount"]);
    assert_eq!(behind("Loans with the granted sum."), ["amount"]);
    assert_eq!(behind("Loans that are late or paid."), ["status"]);
    assert!(behind("Loans.").is_empty() && behind("").is_empty());
}

#[test]
fn an_abbreviated_column_is_behind_the_word_that_it_abbreviates() {
    let mut case = loans();
    case.table.columns[3].name = "CSTMR_ADR".to_owned();
    case.public_codes[3].clear();
    assert_eq!(columns_behind("Loans of customers.", &case.request(Language::En)), [3]);
}

#[test]
fn the_columns_that_a_prompt_tells_of_are_the_telling_ones() {
    let case = loans();
    let options = PromptOptions { columns_max: 2, ..PromptOptions::default() };
    // A key and one with a comment: more than an e-mail address that nobody may see.
    assert_eq!(chosen_columns(&case.request(Language::En), options.columns_max), [1, 2]);
}
