//! Hostile and broken cells: no panic, bounded work, no flag.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use catalog_core::model::{PiiDecision, RawCell, RawSample, SampleMethod, Verdict};
use catalog_core::ports::PiiVoter;
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, TallyOptions, evidence, tally};
use proptest::prelude::*;
use support::{rows_of_text, text_table};

/// Pieces that recognisers look for, to be put together at random.
fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,20}",
        "[A-Za-z]{1,12}",
        "\\PC{0,6}",
        Just("@".to_owned()),
        Just("%40".to_owned()),
        Just("%".to_owned()),
        Just("FR76".to_owned()),
        Just("2A".to_owned()),
        Just("::".to_owned()),
        Just("é\u{301}\u{200b}Ａ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("eyJhbGciOi.eyJ".to_owned()),
        Just("\u{0}\n\t\u{2028}".to_owned()),
        Just("12 rue".to_owned()),
        Just("Mme Дupont".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_cell_breaks_scanner_masker_or_voters(
        cells in proptest::collection::vec((proptest::collection::vec(pieces(), 0..12), proptest::collection::vec(pieces(), 0..3)), 1..8),
        name in "\\PC{0,20}",
    ) {
        let rows: Vec<[String; 2]> = cells.iter().map(|(a, b)| [a.concat(), b.concat()]).collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        let sample = rows_of_text(&[&name, "email"], &rows);
        for hits in PatternScanner::default().scan_now(&sample) {
            for hit in hits.hits {
                for share in [hit.whole_cell_share, hit.inside_share, hit.hinted_share] {
                    prop_assert!((0.0..=1.0).contains(&share));
                }
                prop_assert!(hit.whole_cell_share <= hit.inside_share);
            }
        }
        let masked = Masker::default().with_shapes().mask(&sample);
        prop_assert_eq!(masked.rows().len(), rows.len());
    }

    #[test]
    fn masking_a_masked_cell_again_changes_nothing_that_was_masked(text in proptest::collection::vec(pieces(), 0..10)) {
        let masker = Masker::default();
        let once = masker.mask_text(&text.concat());
        let count = |text: &str| text.matches('<').count();
        prop_assert!(count(&masker.mask_text(&once)) >= count(&once));
    }
}

async fn decisions(columns: &[&str], rows: Vec<Vec<RawCell>>) -> Vec<(PiiDecision, Verdict)> {
    let mut sample = RawSample::new(columns.iter().copied(), SampleMethod::Limit);
    for row in rows {
        sample.push_row(row);
    }
    let hits = PatternScanner::default().scan_now(&sample);
    let evidence = evidence(&text_table("t", columns), None, &hits, Masker::default().mask(&sample));
    let (pattern, name) = (PatternVoter.vote(&evidence).await.unwrap(), NameVoter.vote(&evidence).await.unwrap());
    let names: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    let verdicts = tally(&names, Some(&pattern), Some(&name), TallyOptions::default());
    verdicts.iter().map(|v| (v.decision, v.votes[0].verdict)).collect()
}

#[tokio::test]
async fn look_alike_letters_do_not_hide_a_column() {
    let cells = ["аnn@example.org", "bоb@example.org", "cаrl＠example.org"];
    let rows = cells.iter().map(|c| vec![RawCell::Text((*c).into())]).collect();
    assert_eq!(decisions(&["email"], rows).await, [(PiiDecision::Flagged, Verdict::Yes)]);
}

#[tokio::test]
async fn bytes_of_another_encoding_read_as_text_are_no_value_and_no_panic() {
    let mangled = ["JosÃ©", "\u{fffd}\u{fffd}12\u{fffd}", "\u{80}\u{9f}", "ï»¿name"];
    let rows = mangled.iter().map(|c| vec![RawCell::Text((*c).into())]).collect();
    assert_eq!(decisions(&["c1"], rows).await[0].0, PiiDecision::Unknown);
}

#[tokio::test]
async fn counters_timestamps_and_measures_are_no_personal_data() {
    let columns = ["epoch", "millis", "ratio", "year", "count"];
    let rows = (0..60_i64)
        .map(|i| {
            vec![
                RawCell::Int(1_700_000_000 + i * 86_413),
                RawCell::Int(1_700_000_000_000 + i * 86_413_777),
                RawCell::Real(0.001 * i as f64),
                RawCell::Int(1960 + i),
                RawCell::Int(i * 1_000_003),
            ]
        })
        .collect();
    for (decision, pattern) in decisions(&columns, rows).await {
        assert!(decision != PiiDecision::Flagged && pattern != Verdict::Yes);
    }
}

#[tokio::test]
async fn a_wide_table_of_long_cells_is_read_in_bounded_time() {
    let names: Vec<String> = (0..20).map(|i| format!("c{i}")).collect();
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let long = "1 ".repeat(40_000);
    let rows = (0..3).map(|_| columns.iter().map(|_| RawCell::Text(long.as_str().into())).collect()).collect();
    assert!(decisions(&columns, rows).await.iter().all(|(d, _)| *d != PiiDecision::Flagged));
}
