//! What the guard lets through and what it refuses.

use catalog_core::model::Language;
use catalog_llm::guard::{GuardEvidence, Rejection, check};

fn judge(text: &str, language: Language) -> Result<(), Rejection> {
    let others = ["Branches of the bank.".to_owned()];
    let evidence = GuardEvidence {
        language,
        names: vec!["loan", "duration_mths", "T_CLI_ADR", "loanId", "due_date", "address2", "account"],
        public_codes: vec!["OPEN", "late", "30"],
        texts: Vec::new(),
        meanings: Vec::new(),
        other_texts: &others,
    };
    check(text, &evidence)
}

#[test]
fn plain_sentences_pass() {
    for text in [
        "Bank loans, one row per loan, linked to account; amount, duration in months, status.",
        "Postal addresses of customers (street, zip code, city).",
        "Loans with status OPEN or late, and their due_date.",
        "Loans; overdue after 30 days, second address in address2",
        "The customer's loans and 'late' payments",
        "Return shipments, calls and open contact requests.",
    ] {
        assert_eq!(judge(text, Language::En), Ok(()), "{text}");
    }
    for text in [
        "Prêts bancaires, une ligne par prêt, en lien avec compte ; montant, durée.",
        "Adresses de client avec code postal, ville et date d'échéance.",
        "Historique d'opérations ; montant, libellé.",
    ] {
        assert_eq!(judge(text, Language::Fr), Ok(()), "{text}");
    }
}

#[test]
fn every_reason_has_a_text_that_meets_it() {
    use Rejection::*;
    for (text, reason) in [
        ("", Empty),
        (" 42 ; ", Empty),
        (&"word ".repeat(21)[..], TooManyWords { words: 21 }),
        (&"abcdefghijklmnopqrstuvwxyz ".repeat(10)[..], TooLong),
        ("Loans\nand more", Invisible),
        ("Lo\u{200b}ans of the bank", Invisible),
        ("Loans of the bank. Accounts of the bank.", NotOneSentence),
        ("Which loans are late?", NotOneSentence),
        ("Loans, see http://x.example/a", Url),
        ("Loans, write to a@b.example", Url),
        ("**Loans** of the bank", Markup),
        ("Loans that you should publish", Instruction),
        ("Delete the loans", Instruction),
        ("Loans of <PERSON_NAME>", Placeholder),
        ("Les prêts de la banque et leur durée", WrongLanguage),
        ("Кредиты банка", WrongLanguage),
        ("Loans of secret_table", UnknownIdentifier),
        ("Loans of customerName", UnknownIdentifier),
        ("Loans of HACKED", UnknownIdentifier),
        ("Loans of 1984", UnknownNumber),
        ("Loans of \"Jean Dupont\"", UnknownQuote),
        ("Loans of Jean Dupont", UnknownName),
        ("Loans with amount in euros", UnknownUnit),
        ("Loans of the bank, used to prepare mailings", Purpose),
        ("Loans and possibly their guarantees", Guess),
        ("branches Of the bank", Duplicate),
    ] {
        assert_eq!(judge(text, Language::En), Err(reason), "{text}");
    }
    assert_eq!(judge("The loans of the bank and their status", Language::Fr), Err(WrongLanguage));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_guard_panic_and_what_passes_is_short_and_visible(text in ".{0,120}") {
        if judge(&text, Language::En).is_ok() {
            proptest::prop_assert!(text.split_whitespace().count() <= 20);
            let hidden = text.chars().any(|c| c.is_control() || c == '\u{200b}');
            proptest::prop_assert!(!hidden);
        }
    }
}
