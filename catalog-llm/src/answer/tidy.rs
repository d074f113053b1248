//! What is cut from a model's sentence before it is judged: words that carry nothing. Nothing is ever added but a
//! capital and a full stop.

use crate::guard::WORDS_MAX;

/// Openings that say nothing; the longest that fits is cut.
const OPENINGS: &[&str] = &[
    "this table contains ",
    "this table contains information about ",
    "this table contains information on ",
    "this table contains records of ",
    "this table stores ",
    "this table stores information about ",
    "this table stores information on ",
    "this table stores records of ",
    "this table holds ",
    "this table records ",
    "this table lists ",
    "this table describes ",
    "this table tracks ",
    "this table represents ",
    "this table provides ",
    "the table contains ",
    "the table stores ",
    "the table holds ",
    "each row represents ",
    "each record represents ",
    "chaque ligne représente ",
    "a table of ",
    "a list of ",
    "cette table contient ",
    "cette table contient des informations sur ",
    "cette table stocke ",
    "cette table enregistre ",
    "cette table décrit ",
    "cette table liste ",
    "cette table recense ",
    "la table contient ",
];
/// Words about the table itself that stand for nothing, and what is left of them.
const FILLERS: &[(&str, &str)] = &[
    (" table with columns for ", " with "),
    (" table with columns ", " with "),
    (" table with ", " with "),
    (" with columns for ", " with "),
    (" with columns ", " with "),
];
/// Where a clause that says what a thing is for begins.
const PURPOSES: &[&str] = &[
    ", used to ",
    ", used for ",
    " used to ",
    " used for ",
    " in order to ",
    " to facilitate ",
    ", allowing ",
    ", enabling ",
    " allowing ",
    " enabling ",
    ", utilisé",
    ", permettant ",
    " permettant ",
    " afin de ",
    " afin d",
    " for the purpose of ",
];
/// A sentence cut shorter than this says too little.
const WORDS_MIN: usize = 4;

/// The sentence on one line, without quotation marks around it, label, empty opening, and with one full stop.
pub(crate) fn tidy(text: &str) -> String {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        text = inner.trim();
    }
    for label in ["Description:", "description:", "Description :"] {
        text = text.strip_prefix(label).unwrap_or(text).trim_start();
    }
    let lower = text.to_lowercase();
    // Lowercase text of another length (İ) does not line up with the original.
    let opening = if lower.len() == text.len() {
        OPENINGS.iter().filter(|opening| lower.starts_with(**opening)).map(|opening| opening.len()).max()
    } else {
        None
    };
    let mut kept = opening.and_then(|at| text.get(at..)).unwrap_or(text).to_owned();
    for (filler, rest) in FILLERS {
        kept = kept.replacen(filler, rest, 1);
    }
    finished(&kept)
}

/// The sentence with identifiers as words: `booking_status_code` reads as `booking status code`.
pub(crate) fn spoken(text: &str) -> String {
    finished(&text.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A sentence that is too long or says what for, cut where a clause ends; `None` when too little would be left.
pub(crate) fn shortened(text: &str) -> Option<String> {
    let purpose = PURPOSES.iter().filter_map(|mark| text.find(mark)).min();
    let mut cut = purpose.and_then(|at| text.get(..at)).unwrap_or(text).trim_end();
    while cut.split_whitespace().count() > WORDS_MAX {
        let end = [",", ";", " and ", " et "].iter().filter_map(|mark| cut.rfind(mark)).max()?;
        cut = cut[..end].trim_end();
    }
    let last = cut.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let dangling = ["and", "et", "with", "avec", "of", "de", "including", "such", "the"].contains(&last.as_str());
    (cut != text.trim_end() && !dangling && cut.split_whitespace().count() >= WORDS_MIN).then(|| finished(cut))
}

fn finished(text: &str) -> String {
    let text = text.trim().trim_end_matches([',', ';', ' ']);
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut out: String = first.to_uppercase().chain(chars).collect();
    if out.ends_with(|c: char| c.is_alphanumeric() || c == ')') {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_openings_labels_and_quotation_marks_are_cut() {
        for (text, tidied) in [
            ("This table contains information about loans", "Loans."),
            ("\"Loans of a bank.\"", "Loans of a bank."),
            ("Description: loans", "Loans."),
            ("Cette table contient des informations sur les prêts", "Les prêts."),
            ("Bookings table with columns customer, date", "Bookings with customer, date."),
            ("", ""),
            ("İstanbul branches", "İstanbul branches."),
        ] {
            assert_eq!(tidy(text), tidied);
        }
    }

    #[test]
    fn identifiers_become_words() {
        assert_eq!(spoken("Bookings with customer_id, _status"), "Bookings with customer id, status.");
    }

    #[test]
    fn a_long_list_ends_at_a_comma_and_a_purpose_is_dropped() {
        let long = "Loans of the bank with amount, duration, status, branch, officer, date, currency, rate, \
                    guarantee, insurance, purpose, channel, product, campaign, segment, region, country";
        let short = shortened(long).unwrap();
        assert!(short.split_whitespace().count() <= 20 && long.starts_with(short.trim_end_matches('.')), "{short}");
        assert_eq!(
            shortened("Contacts with their channel, used to send news.").as_deref(),
            Some("Contacts with their channel.")
        );
        assert_eq!(shortened("Contacts with their channel."), None);
        assert_eq!(shortened(&"word ".repeat(30)), None);
    }

    proptest::proptest! {
        #[test]
        fn tidying_never_panics_and_adds_no_word(text in ".{0,80}") {
            let once = tidy(&text);
            let _ = shortened(&text);
            proptest::prop_assert!(once.chars().count() <= text.chars().count() + 3);
        }
    }
}
