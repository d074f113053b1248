//! Columns with few values: the engine counts each value, and every figure is computed of the counts here.
//!
//! Writing a date or a float as text costs the engine more than all else that a scan does with it, and a profile wants
//! the text of each distinct value once, not of each row.

use std::collections::HashMap;

use catalog_core::model::RawCell;
use catalog_fk::fingerprint::{canonical_text, hash_canonical};
use serde_json::{Map, Value};

use super::aggregate::{DIGEST_MAX, TOP_MAX, ValueFigures};
use crate::trino::types::TrinoType;

/// Statistics that promise no more distinct values than this are believed; the column may have grown since.
const PROMISED_MAX: f64 = (DIGEST_MAX / 2) as f64;

/// Is a column of this type, with so many distinct values by statistics, worth counting value by value? A date column
/// is whatever statistics say: there are no more days than dates.
pub(super) fn has_few_values(kind: &TrinoType, distinct: Option<f64>) -> bool {
    match kind {
        TrinoType::Boolean | TrinoType::Date => true,
        TrinoType::Integer | TrinoType::Float => distinct.is_some_and(|distinct| distinct <= PROMISED_MAX),
        _ => false,
    }
}

/// The counts of a column's values, by the value as the protocol writes a map's key.
pub(super) fn figures(kind: &TrinoType, counts: &Map<String, Value>) -> ValueFigures {
    // Values of one canonical form (0.0 and -0.0) are one.
    let mut values: HashMap<i64, (RawCell, u64)> = HashMap::with_capacity(counts.len());
    let mut numbers: Vec<(f64, u64)> = Vec::with_capacity(counts.len());
    let mut text = String::new();
    for (key, count) in counts {
        let (cell, count) = (cell(kind, key), count.as_u64().unwrap_or(0));
        numbers.extend(number(kind, &cell).map(|number| (number, count)));
        if canonical_text(cell.as_ref(), &mut text).is_some() {
            values.entry(hash_canonical(&text)).or_insert((cell, 0)).1 += count;
        }
    }
    let mut hashes: Vec<i64> = values.keys().copied().collect();
    hashes.sort_unstable();
    let kept = hashes.len() as u64;
    hashes.truncate(catalog_core::model::FINGERPRINT_K);
    let mut top: Vec<(i64, (RawCell, u64))> = values.into_iter().collect();
    top.sort_by(|(a, (_, m)), (b, (_, n))| n.cmp(m).then(a.cmp(b)));
    top.truncate(TOP_MAX);
    ValueFigures {
        hashes,
        kept,
        percentiles: percentiles(numbers),
        top: Some(top.into_iter().map(|(_, pair)| pair).collect()),
        ..ValueFigures::default()
    }
}

/// The value behind a key, as a result's own cell of the type would be read.
fn cell(kind: &TrinoType, key: &str) -> RawCell {
    let read = match kind {
        TrinoType::Integer => key.parse().ok().map(RawCell::Int),
        TrinoType::Float => key.parse().ok().map(RawCell::Real),
        TrinoType::Boolean => key.parse().ok().map(RawCell::Bool),
        _ => None,
    };
    read.unwrap_or_else(|| RawCell::Text(key.into()))
}

/// What percentiles are taken of: numbers, and the years of dates.
fn number(kind: &TrinoType, cell: &RawCell) -> Option<f64> {
    match cell {
        RawCell::Int(value) => Some(*value as f64),
        RawCell::Real(value) => value.is_finite().then_some(*value),
        // Years before year 1 begin with a sign.
        RawCell::Text(date) if *kind == TrinoType::Date => {
            let end = date.char_indices().skip(1).find(|(_, c)| *c == '-').map_or(date.len(), |(at, _)| at);
            date[..end].parse().ok()
        }
        _ => None,
    }
}

/// The 5th and 95th percentile: the first values that at least that share of all values do not exceed.
fn percentiles(mut numbers: Vec<(f64, u64)>) -> Option<(f64, f64)> {
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: u64 = numbers.iter().map(|(_, count)| count).sum();
    let at = |share: f64| {
        let (mut seen, rank) = (0, (share * all as f64).ceil().max(1.0) as u64);
        numbers.iter().find(|(_, count)| {
            seen += count;
            seen >= rank
        })
    };
    Some((at(0.05)?.0, at(0.95)?.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, counts: &Value) -> ValueFigures {
        figures(&TrinoType::parse(kind), counts.as_object().unwrap())
    }

    fn hash(text: &str) -> i64 {
        hash_canonical(text)
    }

    #[test]
    fn counted_values_give_the_hashes_of_their_canonical_texts() {
        for (kind, counts, texts) in [
            (
                "double",
                json!({"0.5": 1, "2.0": 3, "-0.0": 1, "0.0": 1, "1.0E10": 1}),
                &["0.5", "2", "0", "10000000000"][..],
            ),
            ("bigint", json!({"-7": 1, "9223372036854775807": 2}), &["-7", "9223372036854775807"]),
            ("boolean", json!({"true": 5, "false": 1}), &["true", "false"]),
            ("date", json!({"2024-02-29": 5, "0001-01-01": 1}), &["2024-02-29", "0001-01-01"]),
        ] {
            let found = of(kind, &counts);
            let mut expected: Vec<i64> = texts.iter().map(|text| hash(text)).collect();
            expected.sort_unstable();
            assert_eq!((found.kept, found.hashes), (texts.len() as u64, expected), "{kind}");
        }
    }

    #[test]
    fn the_commonest_come_first_and_spellings_of_one_value_are_added() {
        let found = of("double", &json!({"1.0": 3, "0.0": 2, "-0.0": 2}));
        let top = found.top.unwrap();
        assert!(matches!(top[0], (RawCell::Real(zero), 4) if zero == 0.0) && top.len() == 2);
    }

    #[test]
    fn percentiles_count_every_row_and_years_of_dates() {
        assert_eq!(of("bigint", &json!({"1": 5, "2": 90, "3": 4, "900": 1})).percentiles, Some((1.0, 2.0)));
        assert_eq!(of("bigint", &json!({"1": 4, "2": 91, "3": 5})).percentiles, Some((2.0, 2.0)));
        assert_eq!(of("date", &json!({"1999-12-31": 50, "-0004-01-01": 50})).percentiles, Some((-4.0, 1999.0)));
        assert_eq!(of("double", &json!({"NaN": 9, "Infinity": 1})).percentiles, None);
        assert_eq!(of("boolean", &json!({"true": 9})).percentiles, None);
    }

    #[test]
    fn statistics_are_believed_for_numbers_and_a_day_is_always_one_of_few() {
        for (kind, distinct, few) in [
            ("date", None, true),
            ("boolean", None, true),
            ("bigint", Some(50.0), true),
            ("bigint", Some(5000.0), false),
            ("double", None, false),
            ("varchar", Some(3.0), false),
        ] {
            assert_eq!(has_few_values(&TrinoType::parse(kind), distinct), few, "{kind}");
        }
    }
}
