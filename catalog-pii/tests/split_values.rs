//! Values that are split over columns, and the shapes of what is left.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use catalog_pii::Masker;
use rstest::rstest;
use support::{rows_of_text, text_sample};

fn mask(columns: &[&str], rows: &[Vec<&str>]) -> Vec<Vec<String>> {
    Masker::default().mask(&rows_of_text(columns, rows)).rows().to_vec()
}

#[rstest]
#[case("area_code exchange line", "415 555 2671, 212 736 5000, 650 253 0000", "<PHONE>")]
#[case("indicatif numero", "+33 612345678, +33 142685300, +44 2079460958", "<PHONE>")]
#[case("a b c d", "4111 1111 1111 1111, 5500 0000 0000 0004, 4012 8888 8888 1881", "<CARD>")]
#[case("c1 c2", "Jean Dupont, Marie Martin, Paul Lefevre", "<PERSON_NAME>")]
#[case("a b c", "536 90 4399, 123 45 6789, 219 09 1234", "<US_SSN>")]
fn a_value_in_pieces_is_masked_in_each(#[case] columns: &str, #[case] rows: &str, #[case] placeholder: &str) {
    let columns: Vec<&str> = columns.split(' ').collect();
    let rows: Vec<Vec<&str>> = rows.split(", ").map(|row| row.split(' ').collect()).collect();
    let masked = mask(&columns, &rows);
    assert!(masked.iter().flatten().all(|cell| cell == placeholder), "{masked:?}");
}

#[test]
fn numbers_and_words_that_make_up_nothing_stay() {
    let rows = [vec!["12", "415", "7"], vec!["13", "600", "9"], vec!["14", "212", "1"], vec!["15", "808", "3"]];
    assert_eq!(mask(&["order_id", "quantity", "price"], &rows), rows);
    let rows = [vec!["Oak", "table"], vec!["Blue", "chair"], vec!["Red", "lamp"], vec!["White", "shelf"]];
    assert_eq!(mask(&["colour", "thing"], &rows), rows);
}

#[test]
fn an_empty_part_breaks_no_row_and_null_stays_null() {
    let rows = [vec!["415", "555 2671"], vec!["", "736 5000"], vec!["212", "736 5001"], vec!["650", "253 0000"]];
    let masked = mask(&["area", "phone"], &rows);
    assert_eq!((masked[1][0].as_str(), masked[1][1].as_str(), masked[0][0].as_str()), ("", "<PHONE>", "<PHONE>"));
}

#[test]
fn shapes_keep_the_format_of_what_is_not_recognised_and_no_letter() {
    let masker = Masker::default().with_shapes();
    let masked = masker.mask(&text_sample("c", &["Zqx-1234 for a@b.org, thanks"]));
    assert_eq!(masked.rows()[0][0], "Aaa-9999 aaa <EMAIL>, aaaaaa");
}
