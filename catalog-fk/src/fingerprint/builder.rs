//! One pass over a column to its fingerprint.

use catalog_core::model::{CellRef, DataType, FINGERPRINT_K, Fingerprint, ValueFamily};

use super::canonical::canonical_text;
use super::hash::hash_canonical;
use super::shape::ShapeCounter;

/// Version of the canonical form and the hash; raised when either changes.
pub const FINGERPRINT_VERSION: u8 = 1;

/// Up to this many distinct values are counted exactly.
pub const EXACT_DISTINCT_MAX: usize = 4_096;

const FAMILIES: [ValueFamily; 7] = [
    ValueFamily::Integer,
    ValueFamily::Decimal,
    ValueFamily::Temporal,
    ValueFamily::Uuid,
    ValueFamily::Text,
    ValueFamily::Boolean,
    ValueFamily::Binary,
];

/// Takes a column cell by cell and keeps at most 64 KiB, however long the column is.
///
/// ```
/// use catalog_core::model::{CellRef, DataType};
/// use catalog_fk::fingerprint::FingerprintBuilder;
///
/// let mut builder = FingerprintBuilder::new(DataType::Integer);
/// for cell in [CellRef::Int(1), CellRef::Text("1  "), CellRef::Null, CellRef::Real(2.0)] {
///     builder.push(cell);
/// }
/// let fingerprint = builder.finish();
/// assert_eq!((fingerprint.rows, fingerprint.nulls, fingerprint.distinct), (4, 1, 2));
/// ```
pub struct FingerprintBuilder {
    declared: DataType,
    rows: u64,
    nulls: u64,
    families: [u64; FAMILIES.len()],
    smallest: SmallestHashes,
    integers: Option<(i64, i64)>,
    integers_overflow: bool,
    lengths: Option<(u32, u32)>,
    shapes: ShapeCounter,
    text: String,
}

impl FingerprintBuilder {
    /// An empty column of the declared type.
    pub fn new(declared: DataType) -> Self {
        Self {
            declared,
            rows: 0,
            nulls: 0,
            families: [0; FAMILIES.len()],
            smallest: SmallestHashes::default(),
            integers: None,
            integers_overflow: false,
            lengths: None,
            shapes: ShapeCounter::default(),
            text: String::new(),
        }
    }

    /// Takes one cell and gives the hash of its canonical text; `None` for NULL.
    pub fn push(&mut self, cell: CellRef<'_>) -> Option<i64> {
        self.rows += 1;
        let Some(family) = canonical_text(cell, &mut self.text) else {
            self.nulls += 1;
            return None;
        };
        if let Some(slot) = FAMILIES.iter().position(|f| *f == family) {
            self.families[slot] += 1;
        }
        if family == ValueFamily::Integer {
            let value = if let CellRef::Int(v) = cell { Some(v) } else { self.text.parse().ok() };
            match value {
                Some(v) => widen(&mut self.integers, v),
                None => self.integers_overflow = true,
            }
        }
        let chars = if self.text.is_ascii() { self.text.len() } else { self.text.chars().count() };
        widen(&mut self.lengths, u32::try_from(chars).unwrap_or(u32::MAX));
        self.shapes.push(&self.text);
        let hash = hash_canonical(&self.text);
        self.smallest.push(hash);
        Some(hash)
    }

    /// The canonical text of the last cell pushed; empty after a NULL.
    pub fn last_canonical(&self) -> &str {
        &self.text
    }

    /// The fingerprint with its own distinct count: exact up to [`EXACT_DISTINCT_MAX`], beyond that estimated from
    /// the k-th smallest hash (Bar-Yossef et al., RANDOM 2002; standard error about 1.6 %).
    pub fn finish(mut self) -> Fingerprint {
        let (distinct, exact) = self.smallest.distinct();
        self.finish_with_distinct(distinct, exact)
    }

    /// The fingerprint with a distinct count from a better sketch or from the engine. Where this builder counted
    /// exactly, its own count stands.
    pub fn finish_with_distinct(mut self, distinct: u64, exact: bool) -> Fingerprint {
        let (own, own_exact) = self.smallest.distinct();
        let (distinct, exact) = if own_exact { (own, true) } else { (distinct, exact) };
        let filled = self.rows - self.nulls;
        let (family, members) = self.family();
        let mut hashes = self.smallest.kept;
        hashes.truncate(FINGERPRINT_K);
        hashes.shrink_to_fit();
        Fingerprint {
            version: FINGERPRINT_VERSION,
            rows: self.rows,
            nulls: self.nulls,
            distinct: distinct.min(filled),
            distinct_exact: exact,
            complete: own_exact && own as usize <= FINGERPRINT_K,
            hashes,
            family,
            family_share: if filled == 0 { 0.0 } else { (members as f64 / filled as f64) as f32 },
            integer_range: self.integers.filter(|_| family == ValueFamily::Integer && !self.integers_overflow),
            length_range: self.lengths,
            shape: self.shapes.commonest(),
        }
    }

    /// The commonest family and its number of values. A declared boolean stays one, also where the engine stores
    /// 0 and 1.
    fn family(&self) -> (ValueFamily, u64) {
        let filled = self.rows - self.nulls;
        if filled == 0 {
            return (ValueFamily::Empty, 0);
        }
        if self.declared == DataType::Boolean {
            return (ValueFamily::Boolean, filled);
        }
        let mut best = (ValueFamily::Text, 0);
        for (family, count) in FAMILIES.into_iter().zip(self.families) {
            if count > best.1 {
                best = (family, count);
            }
        }
        best
    }
}

fn widen<T: Ord + Copy>(range: &mut Option<(T, T)>, value: T) {
    *range = Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
}

/// The smallest hashes of a stream, each once: appended to a buffer that is sorted, deduplicated and cut whenever it
/// is full, so that a push costs a few nanoseconds also when values repeat.
#[derive(Default)]
struct SmallestHashes {
    /// Sorted and distinct up to `clean`, then as they came.
    kept: Vec<i64>,
    clean: usize,
    /// Larger hashes are refused, once more than [`EXACT_DISTINCT_MAX`] were seen.
    bound: Option<i64>,
}

impl SmallestHashes {
    fn push(&mut self, hash: i64) {
        if self.bound.is_some_and(|bound| hash >= bound) || self.kept.last() == Some(&hash) {
            return;
        }
        // Room for as many new hashes as are kept: at least 256, at most twice the exact limit in all (64 KiB).
        let full = (self.clean * 2).clamp(256, EXACT_DISTINCT_MAX * 2);
        if self.kept.len() >= full {
            self.compact();
        }
        self.kept.push(hash);
    }

    fn compact(&mut self) {
        self.kept.sort_unstable();
        self.kept.dedup();
        if self.kept.len() > EXACT_DISTINCT_MAX {
            self.kept.truncate(EXACT_DISTINCT_MAX);
            self.bound = self.kept.last().copied();
        }
        self.clean = self.kept.len();
    }

    /// The distinct count and whether it is exact; leaves `kept` sorted and distinct.
    fn distinct(&mut self) -> (u64, bool) {
        self.compact();
        let Some(bound) = self.bound else {
            return (self.kept.len() as u64, true);
        };
        // The bound's place among all signed numbers, 0 to 1.
        let place = (bound as f64 - i64::MIN as f64) / 2_f64.powi(64);
        ((((EXACT_DISTINCT_MAX - 1) as f64) / place).round() as u64, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_integers(values: impl Iterator<Item = i64>) -> Fingerprint {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        for value in values {
            builder.push(CellRef::Int(value));
        }
        builder.finish()
    }

    #[test]
    fn a_column_of_nulls_is_empty_and_complete() {
        let mut builder = FingerprintBuilder::new(DataType::Text);
        for _ in 0..3 {
            assert_eq!(builder.push(CellRef::Null), None);
        }
        let f = builder.finish();
        assert!(f.family == ValueFamily::Empty && f.hashes.is_empty() && f.complete && f.distinct_exact);
        assert_eq!((f.rows, f.nulls, f.distinct, f.integer_range), (3, 3, 0, None));
        assert!(!f.looks_unique());
    }

    #[test]
    fn distinct_values_are_exact_up_to_the_limit_and_close_beyond() {
        let exact = of_integers((0..12_288).map(|i| i % 4_096));
        assert!(exact.distinct_exact && !exact.complete);
        assert_eq!(exact.distinct, 4_096);
        let estimated = of_integers(0..100_000);
        assert!(!estimated.distinct_exact);
        let error = (estimated.distinct as f64 / 100_000.0 - 1.0).abs();
        assert!(error < 0.048, "three standard errors: {error}");
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let (up, down) = (of_integers(0..50_000), of_integers((0..50_000).rev()));
        assert!(up.hashes == down.hashes && up.distinct == down.distinct && up.integer_range == down.integer_range);
    }

    #[test]
    fn a_part_of_a_column_keeps_the_same_hashes_below_its_bound() {
        let whole = of_integers(0..20_000);
        let part = of_integers((0..20_000).step_by(2));
        let bound = *part.hashes.last().unwrap();
        let shared = part.hashes.iter().filter(|h| whole.hashes.contains(h)).count();
        let below = part.hashes.iter().filter(|h| **h <= *whole.hashes.last().unwrap()).count();
        assert_eq!(shared, below);
        assert!(bound >= *whole.hashes.last().unwrap());
        assert!(shared > 40 && shared < 90, "about half of 128: {shared}");
    }

    #[test]
    fn the_buffer_stays_within_its_limit() {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        for value in 0..200_000 {
            builder.push(CellRef::Int(value % 90_000));
            assert!(builder.smallest.kept.capacity() <= 2 * EXACT_DISTINCT_MAX);
        }
    }

    #[test]
    fn a_better_distinct_count_replaces_an_estimate_only() {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        (0..10).for_each(|i| {
            builder.push(CellRef::Int(i));
        });
        assert_eq!(builder.finish_with_distinct(99, false).distinct, 10);
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        (0..9_000).for_each(|i| {
            builder.push(CellRef::Int(i));
        });
        assert_eq!(builder.finish_with_distinct(8_999, false).distinct, 8_999);
    }

    #[test]
    fn a_declared_boolean_of_zeros_and_ones_is_no_number() {
        let mut builder = FingerprintBuilder::new(DataType::Boolean);
        builder.push(CellRef::Int(1));
        let f = builder.finish();
        assert!(f.family == ValueFamily::Boolean && f.integer_range.is_none());
    }

    #[test]
    fn mixed_columns_say_how_mixed_they_are() {
        let mut builder = FingerprintBuilder::new(DataType::Text);
        for text in ["1", "2", "3", "A7"] {
            builder.push(CellRef::Text(text));
        }
        let f = builder.finish();
        assert!(f.family == ValueFamily::Integer && f.integer_range == Some((1, 3)));
        assert!((f.family_share - 0.75).abs() < 1e-6);
    }
}
