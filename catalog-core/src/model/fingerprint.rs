//! What is kept of a column to find the keys that nobody declared.

use serde::{Deserialize, Serialize};

/// How many hashes a fingerprint keeps: the k of its bottom-k sketch.
pub const FINGERPRINT_K: usize = 128;

/// What a column's values are once written in canonical form, whatever the declared type says. Only columns of one
/// family can hold the same values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueFamily {
    /// No non-NULL value was seen.
    Empty,
    /// Whole numbers, also when stored as text or as `42.0`.
    Integer,
    /// Numbers with a fraction.
    Decimal,
    /// Dates and timestamps.
    Temporal,
    /// UUIDs.
    Uuid,
    /// Text, including digits with leading zeros.
    Text,
    /// Truth values.
    Boolean,
    /// Binary.
    Binary,
}

/// A coordinated sketch of one column: the smallest hashes of its distinct values in canonical form, with the facts
/// that gate and score keys. Two columns keep the same hashes when they share the values, so containment can be
/// estimated from them (bottom-k / KMV).
///
/// The hash is Murmur3 x64 128, seed 0, over the canonical text in UTF-8; its first 64 bits, little-endian, signed.
/// Hashes are ordered as signed numbers. No `Debug`: 128 hashes of a small domain are a dictionary of it.
///
/// ```compile_fail
/// fn print(f: &catalog_core::model::Fingerprint) { println!("{f:?}"); }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Version of the canonical form and the hash; sketches of different versions are never compared.
    pub version: u8,
    /// Rows read.
    pub rows: u64,
    /// NULLs among them.
    pub nulls: u64,
    /// Distinct non-NULL values in canonical form.
    pub distinct: u64,
    /// Is `distinct` exact?
    pub distinct_exact: bool,
    /// The smallest [`FINGERPRINT_K`] hashes, ascending, without repetition.
    pub hashes: Vec<i64>,
    /// Do `hashes` stand for every distinct value? Then containment in another column can be decided for each.
    pub complete: bool,
    /// What the values are.
    pub family: ValueFamily,
    /// Share of the non-NULL values that belong to `family`, 0 to 1.
    pub family_share: f32,
    /// Smallest and largest value, when the family is `Integer`.
    pub integer_range: Option<(i64, i64)>,
    /// Shortest and longest canonical text, in characters.
    pub length_range: Option<(u32, u32)>,
    /// The commonest shape, see [`super::ShapeShare`].
    pub shape: String,
}

impl Fingerprint {
    /// Is every non-NULL value different? Exact counts decide exactly; estimates count as unique within their error
    /// (2.5 %) and have to be confirmed.
    pub fn looks_unique(&self) -> bool {
        all_differ(self.rows.saturating_sub(self.nulls), self.distinct, self.distinct_exact)
    }
}

/// See [`Fingerprint::looks_unique`].
pub(super) fn all_differ(filled: u64, distinct: u64, exact: bool) -> bool {
    filled > 0 && if exact { distinct == filled } else { distinct as f64 >= filled as f64 * 0.975 }
}
