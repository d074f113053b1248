//! No value with a valid checksum, and no e-mail address, survives masking, however it is written and wherever in a
//! cell it stands.

use catalog_core::model::{RawCell, RawSample, SampleMethod};
use catalog_pii::Masker;
use proptest::prelude::*;

fn mask_one(column: &str, text: &str) -> String {
    let mut sample = RawSample::new([column], SampleMethod::Limit);
    sample.push_row([RawCell::Text(text.into())]);
    Masker::default().mask(&sample).rows()[0][0].clone()
}

fn luhn_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    (10 - sum % 10) % 10
}

fn card() -> impl Strategy<Value = String> {
    ("4[0-9]{14}|5[1-5][0-9]{13}|3[47][0-9]{12}|6011[0-9]{11}|35[3-8][0-9]{12}").prop_map(|body: String| {
        let digit = luhn_digit(&body);
        format!("{body}{digit}")
    })
}

fn nir() -> impl Strategy<Value = String> {
    ("[12][0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[1-8][0-9])[0-9]{3}[0-9]{2}[1-9]").prop_map(|body: String| {
        let key = 97 - body.parse::<u64>().expect("thirteen digits") % 97;
        format!("{body}{key:02}")
    })
}

fn iban() -> impl Strategy<Value = String> {
    let bban = prop_oneof![
        "[0-9]{18}".prop_map(|b: String| ("DE", b)),
        "[0-9]{10}[0-9A-Z]{11}[0-9]{2}".prop_map(|b: String| ("FR", b)),
        "[A-Z]{4}[0-9]{14}".prop_map(|b: String| ("GB", b)),
        "[0-9]{20}".prop_map(|b: String| ("ES", b)),
        "[A-Z]{4}[0-9]{10}".prop_map(|b: String| ("NL", b)),
    ];
    bban.prop_map(|(country, bban)| {
        let rest = format!("{bban}{country}00").bytes().fold(0_u32, |rest, byte| match byte {
            b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
            letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
        });
        format!("{country}{:02}{bban}", 98 - rest)
    })
}

fn email() -> impl Strategy<Value = String> {
    "[a-z]{2,8}[._+]?[a-z0-9]{2,8}@[a-z]{3,10}\\.(com|fr|example|co\\.uk)"
}

/// A value in pieces of four with one kind of separator, or in one piece, in upper or lower case.
fn written(value: &str, separator: &str, lower: bool) -> String {
    let pieces: Vec<String> = value.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    let text = pieces.join(separator);
    if lower { text.to_lowercase() } else { text }
}

const SEPARATORS: &[&str] = &["", " ", "-", ".", "/", "_", "%20", "\u{a0}"];
const FRAMES: &[(&str, &str)] = &[
    ("", ""),
    ("  ", " "),
    ("{\"a\":\"", "\",\"b\":1}"),
    ("https://x.example/pay?v=", "&y=1"),
    ("Please pay to ", " before Friday, thanks."),
    ("(", ")"),
    ("a;b;", ";c"),
    ("<td>", "</td>"),
    ("line one\n", "\nline three"),
    ("ref:", "."),
];

/// What must not be seen: the value's own letters and digits in a row, any punctuation and case ignored.
fn compact(text: &str) -> String {
    text.replace("%20", "").chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn assert_masked(value: &str, cell: &str) {
    let masked = mask_one("c1", cell);
    assert!(!compact(&masked).contains(&compact(value)), "a value survived as {masked:?}");
}

/// How many random cells to try; `PROPTEST_CASES=10000` is the long run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(96)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn no_canary_survives_masking(
        card in card(), nir in nir(), iban in iban(), email in email(),
        separator in 0..SEPARATORS.len(), frame in 0..FRAMES.len(), lower in any::<bool>(),
    ) {
        let (before, after) = FRAMES[frame];
        for value in [&card, &nir, &iban] {
            assert_masked(value, &format!("{before}{}{after}", written(value, SEPARATORS[separator], lower)));
        }
        let email = if lower { email } else { email.to_uppercase() };
        assert_masked(&email, &format!("{before}{email}{after}"));
        assert_masked(&email, &format!("{before}{}{after}", email.replace('@', "%40")));
    }

    #[test]
    fn masking_never_panics_and_stays_short(text in "\\PC{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(mask_one("c1", &text).chars().count() <= 257);
        prop_assert!(mask_one("email", &String::from_utf8_lossy(&bytes)).chars().count() <= 257);
    }
}

#[test]
fn full_width_digits_invisible_characters_and_look_alikes_do_not_hide_a_value() {
    for cell in
        ["４１１１１１１１１１１１１１１１", "4111\u{200b}1111\u{200b}1111\u{200b}1111", "jean.dupont＠example.fr"]
    {
        assert!(mask_one("c1", cell).starts_with('<'), "{cell}");
    }
    assert_eq!(mask_one("c1", "D\u{0415}89370400440532013000"), "<IBAN>");
}

#[test]
fn a_value_at_the_cut_of_a_long_cell_does_not_survive_in_part() {
    for pad in (3900..4100).step_by(9) {
        let masked = mask_one("c1", &format!("{}4111111111111111", " ".repeat(pad)));
        assert!(!masked.contains("4111"), "{pad}");
    }
}

#[test]
fn column_names_lose_their_values_too() {
    let sample =
        RawSample::new(["jean.dupont@example.fr", "amount", "FR1420041010050500013M02606"], SampleMethod::Limit);
    assert_eq!(Masker::default().mask(&sample).columns(), ["<EMAIL>", "amount", "<IBAN>"]);
}

#[test]
fn null_binary_booleans_and_long_cells_have_their_forms() {
    let mut sample = RawSample::new(["a", "b", "c", "d"], SampleMethod::Limit);
    let long = "word ".repeat(200_000);
    sample.push_row([
        RawCell::Null,
        RawCell::Bytes(vec![0xff; 9].into()),
        RawCell::Bool(true),
        RawCell::Text(long.into()),
    ]);
    let masked = Masker::default().mask(&sample);
    let row = &masked.rows()[0];
    assert_eq!(row[..3], ["NULL", "<BINARY>", "true"]);
    assert!(row[3].chars().count() == 257 && row[3].ends_with('…'));
}

#[test]
fn a_text_is_masked_without_a_column() {
    let text = "Owner: Jean Dupont, jean.dupont@example.fr, 06 12 34 56 78";
    assert_eq!(Masker::default().mask_text(text), "Owner: <PERSON_NAME>, <EMAIL>, <PHONE>");
}

#[test]
fn the_check_sees_a_value_that_is_not_masked() {
    let wrong_check_digit = "4111 1111 1111 1112";
    assert!(compact(&mask_one("c1", wrong_check_digit)).contains(&compact(wrong_check_digit)));
}
