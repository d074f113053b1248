//! How much of one column's values is in another, from their fingerprints.

use catalog_core::model::Fingerprint;

/// An estimate of the share of the child's distinct values that the parent holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Containment {
    /// The share, 0 to 1; 0 when nothing could be compared.
    pub share: f64,
    /// One standard error of the share; 0 when exact, 1 when nothing could be compared.
    pub error: f64,
    /// How many of the child's hashes were compared.
    pub compared: usize,
    /// How many of them the parent lacks.
    pub missing: usize,
    /// Were all of the child's values compared with all of the parent's?
    pub exact: bool,
}

/// The part of a fingerprint that is compared.
#[derive(Clone, Copy)]
pub struct Sketch<'a> {
    /// See [`Fingerprint::version`].
    pub version: u8,
    /// Do the hashes stand for every distinct value?
    pub complete: bool,
    /// See [`Fingerprint::hashes`].
    pub hashes: &'a [i64],
}

impl Sketch<'_> {
    /// Up to this hash the values are known completely.
    pub(crate) fn known_up_to(&self) -> i64 {
        if self.complete { i64::MAX } else { self.hashes.last().copied().unwrap_or(i64::MIN) }
    }
}

impl<'a> From<&'a Fingerprint> for Sketch<'a> {
    fn from(print: &'a Fingerprint) -> Self {
        Self { version: print.version, complete: print.complete, hashes: &print.hashes }
    }
}

/// Compares two fingerprints. Each knows its column's values completely up to its largest hash; the comparison uses
/// the hashes below both bounds (Beyer et al., SIGMOD 2007: coordinated bottom-k samples), of which the share is an
/// unbiased estimate. The error is that of a proportion, by Agresti and Coull's rule so that it is not 0 for a share
/// of 0 or 1.
pub fn containment<'a, 'b>(child: impl Into<Sketch<'a>>, parent: impl Into<Sketch<'b>>) -> Containment {
    let (child, parent) = (child.into(), parent.into());
    let none = Containment { share: 0.0, error: 1.0, compared: 0, missing: 0, exact: false };
    if child.version != parent.version {
        return none;
    }
    let bound = child.known_up_to().min(parent.known_up_to());
    let mut rest = parent.hashes;
    let (mut compared, mut shared) = (0_usize, 0_usize);
    for &hash in child.hashes.iter().take_while(|h| **h <= bound) {
        compared += 1;
        let at = rest.partition_point(|h| *h < hash);
        rest = &rest[at..];
        if rest.first() == Some(&hash) {
            shared += 1;
        }
    }
    let exact = child.complete && parent.complete;
    if compared == 0 {
        return Containment { exact, error: if exact { 0.0 } else { 1.0 }, ..none };
    }
    let n = compared as f64;
    let adjusted = (shared as f64 + 2.0) / (n + 4.0);
    Containment {
        share: shared as f64 / n,
        error: if exact { 0.0 } else { (adjusted * (1.0 - adjusted) / (n + 4.0)).sqrt() },
        compared,
        missing: compared - shared,
        exact,
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{CellRef, DataType};

    use super::*;
    use crate::fingerprint::FingerprintBuilder;

    fn column(values: impl Iterator<Item = i64>) -> Fingerprint {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        values.for_each(|v| {
            builder.push(CellRef::Int(v));
        });
        builder.finish()
    }

    #[test]
    fn small_columns_are_compared_exactly() {
        let found = containment(&column(1..=4), &column(2..=100));
        assert!(found.exact && found.error == 0.0);
        assert_eq!((found.compared, found.missing, found.share), (4, 1, 0.75));
    }

    #[test]
    fn large_columns_are_estimated_within_their_error() {
        let found =
            containment(&column((0..20_000).filter(|v| v % 4 != 0)), &column((0..20_000).filter(|v| v % 4 != 1)));
        assert!(!found.exact && found.compared > 60);
        assert!((found.share - 2.0 / 3.0).abs() < 3.0 * found.error, "{found:?}");
        let within = containment(&column(500..3_000), &column(0..20_000));
        assert_eq!((within.share, within.missing), (1.0, 0));
    }

    #[test]
    fn a_few_values_against_many_compare_nothing_and_say_so() {
        let found = containment(&column(10..12), &column(0..100_000));
        assert!(found.compared <= 1 && !found.exact && found.error > 0.3);
    }

    #[test]
    fn empty_sides_prove_nothing() {
        assert_eq!(containment(&column(0..0), &column(0..5)).compared, 0);
        assert_eq!(containment(&column(0..5), &column(0..0)).share, 0.0);
    }
}
