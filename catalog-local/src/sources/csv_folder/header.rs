//! Is a CSV file's first row its header? Names leave the process and cells must not, so a doubt makes it data.
//!
//! The first row is data when one of its fields
//! - has 64 bytes or more, nine digits or more (a card, an account, a phone), or a character on both sides of an `@`;
//! - is a number, a date, a truth value or a UUID. Only years (1900 to 2100) that rise or fall along the row, two at
//!   least, and what has digits but no letter without being a number (`18-24`, `2024-01`), are names next to words,
//!   unless half of the cells below look the same;
//! - has two digits or more and the same outline as half of the cells below it (`C0012` above `C0013`);
//! - comes twice again below, in its own column.
//!
//! So `country,2023,2024` above amounts is a header, and `Anne,1984` is not. What cannot be told
//! apart is a file of words alone that never come again: its first row gives the names.

use catalog_core::model::DataType;
use csv::{ByteRecord, ReaderBuilder};

use super::inference::TypeGuess;

/// A field of so many bytes is a sentence.
const NAME_BYTES_MAX: usize = 64;
/// A field with so many digits is a code of a person or thing.
const CODE_DIGITS_MIN: usize = 9;
/// An outline without so many digits says nothing: `col1`.
const OUTLINE_DIGITS_MIN: usize = 2;
/// So many repetitions of a first field make it a value.
const REPETITIONS_MIN: usize = 2;

/// Judges the first row in `head`, the file's first bytes; `whole` says that they are all there are.
pub(super) fn is_header(head: &[u8], whole: bool, delimiter: u8) -> bool {
    let mut rows = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
    let mut rows: Vec<ByteRecord> = rows.byte_records().map_while(Result::ok).collect();
    if !whole && rows.len() > 1 {
        // It may be cut.
        rows.pop();
    }
    let Some((first, below)) = rows.split_first() else { return true };
    // Files that were joined repeat their header.
    let below: Vec<&ByteRecord> = below.iter().filter(|row| *row != first).collect();
    let names: Vec<String> = first.iter().map(trimmed).collect();
    let among_words = names.iter().any(|name| name.chars().any(char::is_alphabetic));
    are_headings(names.iter().filter_map(|name| year(name)))
        && names.iter().enumerate().all(|(column, name)| {
            let cells = below.iter().filter_map(|row| row.get(column)).map(trimmed);
            may_be_name(name, cells, among_words)
        })
}

/// Years of a heading come in order; one alone may as well be a number.
fn are_headings(years: impl Iterator<Item = u16>) -> bool {
    let years: Vec<u16> = years.collect();
    years.len() != 1 && (years.is_sorted_by(|a, b| a < b) || years.is_sorted_by(|a, b| a > b))
}

fn trimmed(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_owned()
}

fn may_be_name(name: &str, cells: impl Iterator<Item = String>, among_words: bool) -> bool {
    if is_surely_data(name) {
        return false;
    }
    let digits = digits(name);
    let wordless = digits > 0 && !name.chars().any(char::is_alphabetic);
    if wordless && !among_words {
        return false;
    }
    let (mut seen, mut alike, mut repeated) = (0, 0, 0);
    for cell in cells.filter(|cell| !cell.is_empty()) {
        seen += 1;
        alike += usize::from(look_alike(name, &cell));
        repeated += usize::from(name == cell);
    }
    let like_its_cells = alike * 2 >= seen && (digits >= OUTLINE_DIGITS_MIN || wordless);
    match seen {
        0 => !wordless,
        _ => !like_its_cells && (repeated < REPETITIONS_MIN || name.is_empty()),
    }
}

fn is_surely_data(name: &str) -> bool {
    let spaced = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let addressed =
        name.split_once('@').is_some_and(|(user, host)| !spaced(user.chars().last()) && !spaced(host.chars().next()));
    addressed
        || name.len() >= NAME_BYTES_MAX
        || digits(name) >= CODE_DIGITS_MIN
        || (is_typed(name) && year(name).is_none())
}

/// Is it a number, a date, a truth value or a UUID?
fn is_typed(name: &str) -> bool {
    let mut guess = TypeGuess::new();
    guess.see(name);
    !matches!(guess.data_type(), DataType::Text | DataType::Unknown)
}

fn year(text: &str) -> Option<u16> {
    text.parse().ok().filter(|year| text.len() == 4 && (1900..=2100).contains(year))
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// A year looks like other years, anything else like what has its outline.
fn look_alike(name: &str, cell: &str) -> bool {
    if year(name).is_some() { year(cell).is_some() } else { outline(name).eq(outline(cell)) }
}

/// The text with each run of letters and of digits as one character.
fn outline(text: &str) -> impl Iterator<Item = char> {
    let mut last = None;
    text.chars()
        .map(|c| match c {
            c if c.is_numeric() => '9',
            c if c.is_alphabetic() => 'a',
            c => c,
        })
        .filter(move |c| last.replace(*c) != Some(*c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(text: &str) -> bool {
        is_header(text.as_bytes(), true, b',')
    }

    #[test]
    fn one_field_that_looks_like_data_makes_the_row_data() {
        for field in [
            "anne@mail.example",
            "4111 1111 1111 1111",
            "FR76 3000 6000 0112 3456 7890 189",
            "GB82WEST12345698765432",
            "+33 6 12 34 56 78",
            "42",
            "-3.50",
            "1984-02-29",
            "2024-01-31 12:30",
            "true",
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            &"long ".repeat(13),
        ] {
            assert!(!header(&format!("name,{field}\nBob,x\nZoe,y\n")), "{field}");
            assert!(!header(&format!("name,\"{field}\"\n")), "{field}");
        }
    }

    #[test]
    fn usual_headers_are_headers() {
        for text in [
            "id,name,amount\n1,Anne,2.5\n",
            "a,b\n",
            ",a\n0,x\n",
            "@timestamp,price @ close,iso3166,address2,T_CLI_001,sales_202401\n2024-01-01 10:00,3,250,Bd 2,x,7\n",
            "name,born\nAnne,1984\n",
            "col1,col2\na1,b2\n",
            "country,0-17,18-24,65+\nFrance,10,20,30\nItaly,11,21,31\n",
            "a,b\na,b\na,b\n1,2\n",
            "status,n\nOPEN,1\nOPEN,2\nPAID,3\n",
            "",
        ] {
            assert!(header(text), "{text}");
        }
    }

    #[test]
    fn years_are_names_in_order_next_to_words_and_above_other_things_than_years() {
        assert!(header("country,2023,2024\nFrance,67.5,68\nItaly,1950,59\nSpain,47,48\n"));
        assert!(header("country,2020,2010\nFrance,67.5,68\n"));
        assert!(!header("Anne,2000\nBob,17\n"), "one alone");
        assert!(!header("Anne,2000,1950,2000\nBob,17,20,5\n"), "not in order");
        assert!(!header("Anne,1984,2001\nBob,1990,2011\n"), "years below them");
        assert!(!header("2023,2024\n67.5,68\n"), "no word beside them");
        assert!(!header("country,2023,2024\n"), "nothing below them");
        assert!(!header("country,1850,1851\nFrance,36,36\n"), "numbers like any other");
    }

    #[test]
    fn a_code_above_codes_is_data() {
        assert!(!header("C0012,Anne\nC0013,Bob\n"));
        assert!(!header("31-Jan-2024,Anne\n1-Feb-2024,Bob\n"));
        assert!(!header("Anne,007\nBob,008\n"));
        assert!(!header("Anne,\"12,5\"\nBob,14\nZoe,\"9,5\"\n"));
    }

    #[test]
    fn a_word_that_comes_again_is_a_value() {
        assert!(!header("Anne,ACTIVE\nBob,ACTIVE\nZoe,CLOSED\nJean,ACTIVE\n"));
    }

    #[test]
    fn a_row_that_the_head_cuts_is_not_looked_at() {
        assert!(is_header(b"ab,n\nx,1\nab,2\nab", false, b','));
        assert!(!is_header(b"key,4111111111111111", false, b','));
    }

    proptest! {
        #[test]
        fn rows_of_one_kind_have_no_header(rows in prop::collection::vec("[A-Z][a-z]{2,8},[0-9]{1,8}", 1..20)) {
            prop_assert!(!header(&rows.join("\n")));
        }

        #[test]
        fn no_bytes_break_the_judgement(head: Vec<u8>, whole: bool) {
            is_header(&head, whole, b';');
        }
    }
}
