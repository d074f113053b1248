//! The engine's figures laid over what the sample says.

use catalog_core::model::{DistinctEstimate, DistinctMethod, Fingerprint, LengthStats, RoundedRange, ValueFamily};

use super::aggregate::{COUNTED_MAX, DIGEST_MAX, Figures, ValueFigures};
use super::table_stats::ColumnStats;
use crate::column::{FinishedColumn, NUMBERS_MIN, YEARS_MIN, one_digit};
use crate::trino::types::TrinoType;

/// Three standard errors of a distinct count from the 8,192nd smallest hash (Bar-Yossef et al., RANDOM 2002): 3.3 %.
fn digest_error() -> f64 {
    3.0 / ((DIGEST_MAX - 2) as f64).sqrt()
}

/// The figures of a scan over every row replace those of the sample; what no scan gave (shapes, words, the share of
/// numbers in text) stays the sample's. A scan that was not `whole` saw some partitions alone: it counts no distinct
/// values of the table and lists none completely.
pub(super) fn lay_over(column: &mut FinishedColumn, kind: &TrinoType, rows: u64, figures: Figures, whole: bool) {
    let FinishedColumn { profile, values, fingerprint } = column;
    let filled = figures.filled.min(rows);
    profile.null_ratio = (rows > 0).then(|| (rows - filled) as f64 / rows as f64);
    (fingerprint.rows, fingerprint.nulls) = (rows, rows - filled);
    let Some(found) = figures.values else {
        if rows == 0 {
            profile.distinct = None;
        }
        return;
    };
    let counted = found.kept < DIGEST_MAX;
    let distinct = if counted { found.kept } else { estimate(found.largest).min(filled) };
    let (error_bound, method) = match (whole, counted) {
        (false, _) => (1.0, DistinctMethod::Sample),
        (true, true) => (0.0, DistinctMethod::Exact),
        (true, false) => (digest_error(), DistinctMethod::Engine),
    };
    profile.distinct = (rows > 0).then_some(DistinctEstimate { value: distinct, error_bound, method });
    let exact = whole && counted;
    lay_over_fingerprint(fingerprint, kind, filled, distinct, exact, &found);
    fingerprint.complete &= whole;
    profile.unique = fingerprint.looks_unique();
    if let Some((empty, min, max, mean)) = found.text {
        profile.empty_ratio = empty as f64 / filled.max(1) as f64;
        profile.lengths = (filled > 0).then_some(LengthStats { min, max, mean });
    }
    if let Some(ends) = found.percentiles {
        profile.range = range(kind, ends, filled);
    }
    (values.min, values.max) = (found.min, found.max);
    match found.top {
        Some(top) if exact && found.kept <= COUNTED_MAX => {
            values.top_complete = top.len() as u64 == found.kept;
            values.top = top;
        }
        _ => values.top_complete = false,
    }
}

fn lay_over_fingerprint(
    fingerprint: &mut Fingerprint,
    kind: &TrinoType,
    filled: u64,
    distinct: u64,
    exact: bool,
    found: &ValueFigures,
) {
    fingerprint.distinct = distinct;
    fingerprint.distinct_exact = exact;
    fingerprint.complete = found.kept == found.hashes.len() as u64;
    fingerprint.hashes.clone_from(&found.hashes);
    match family_of(kind) {
        _ if filled == 0 => (fingerprint.family, fingerprint.family_share) = (ValueFamily::Empty, 0.0),
        Some(family) => (fingerprint.family, fingerprint.family_share) = (family, 1.0),
        // Numbers with a fraction and texts are what the sample says; without one, what the type suggests.
        None if fingerprint.family == ValueFamily::Empty => {
            let numeric = matches!(kind, TrinoType::Decimal(_) | TrinoType::Float);
            fingerprint.family = if numeric { ValueFamily::Decimal } else { ValueFamily::Text };
            fingerprint.family_share = 1.0;
        }
        None => {}
    }
    fingerprint.integer_range = found.integers.filter(|_| fingerprint.family == ValueFamily::Integer);
    fingerprint.length_range = match (found.text, fingerprint.integer_range) {
        _ if filled == 0 => None,
        (Some((_, min, max, _)), _) => Some((min, max)),
        (None, Some((low, high))) => Some(integer_lengths(low, high)),
        (None, None) => fingerprint.length_range,
    };
}

/// Statistics replace the sample's figures where no scan was made. How old they are nobody says, so a distinct count
/// from them may be off by as much as itself.
pub(super) fn lay_over_stats(column: &mut FinishedColumn, rows: Option<u64>, stats: ColumnStats) {
    if let Some(ratio) = stats.null_ratio {
        column.profile.null_ratio = Some(ratio.min(1.0));
    }
    if let Some(distinct) = stats.distinct {
        let value = (distinct.round() as u64).min(rows.unwrap_or(u64::MAX));
        let estimate = DistinctEstimate { value, error_bound: 1.0, method: DistinctMethod::Engine };
        // Fewer than the sample itself shows cannot be.
        if column.profile.distinct.is_none_or(|seen| seen.value <= value) {
            column.profile.distinct = Some(estimate);
        }
    }
}

/// The distinct count of which `largest` is the 8,192nd smallest hash.
fn estimate(largest: i64) -> u64 {
    let place = (largest as f64 - i64::MIN as f64) / 2_f64.powi(64);
    ((DIGEST_MAX - 1) as f64 / place).round() as u64
}

/// The family that a type decides by itself.
fn family_of(kind: &TrinoType) -> Option<ValueFamily> {
    match kind {
        TrinoType::Integer | TrinoType::Decimal(0) => Some(ValueFamily::Integer),
        TrinoType::Boolean => Some(ValueFamily::Boolean),
        TrinoType::Date | TrinoType::Timestamp(_) | TrinoType::TimestampTz(_) => Some(ValueFamily::Temporal),
        TrinoType::Uuid => Some(ValueFamily::Uuid),
        TrinoType::Varbinary => Some(ValueFamily::Binary),
        _ => None,
    }
}

fn range(kind: &TrinoType, (p5, p95): (f64, f64), filled: u64) -> Option<RoundedRange> {
    let years = matches!(kind, TrinoType::Date | TrinoType::Timestamp(_) | TrinoType::TimestampTz(_));
    let shown = |end: f64| if years { format!("{end:.0}") } else { one_digit(end) };
    let least = if years { YEARS_MIN } else { NUMBERS_MIN };
    (filled >= least as u64).then(|| RoundedRange { p5: shown(p5), p95: shown(p95) })
}

/// Shortest and longest text of the whole numbers from `low` to `high`.
fn integer_lengths(low: i64, high: i64) -> (u32, u32) {
    let length = |n: i64| n.to_string().len() as u32;
    let min = if low >= 0 {
        length(low)
    } else if high < 0 {
        length(high)
    } else {
        1
    };
    (min, length(low).max(length(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distinct_count_from_the_digest_keeps_its_error() {
        use catalog_fk::fingerprint::hash_canonical;
        for distinct in [20_000_u64, 150_000] {
            let mut hashes: Vec<i64> = (0..distinct).map(|i| hash_canonical(&i.to_string())).collect();
            hashes.sort_unstable();
            let found = estimate(hashes[DIGEST_MAX as usize - 1]);
            assert!((found as f64 / distinct as f64 - 1.0).abs() < digest_error(), "{found} for {distinct}");
        }
    }

    #[test]
    fn lengths_of_integers_count_the_sign() {
        assert_eq!(integer_lengths(1, 1500), (1, 4));
        assert_eq!(integer_lengths(-10, 7), (1, 3));
        assert_eq!(integer_lengths(-1234, -5), (2, 5));
    }
}
