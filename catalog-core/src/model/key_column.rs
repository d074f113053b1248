//! A column as the search for keys sees it.

use std::sync::Arc;

use super::fingerprint::all_differ;
use super::{DataType, Fingerprint, ValueFamily};

/// A column's name, type and fingerprint, in about a hundred bytes beside its hashes: those of all tables are in memory
/// at once.
#[derive(Clone)]
pub struct KeyColumn {
    /// Its name; equal names may share their text.
    pub name: Arc<str>,
    /// Its type.
    pub data_type: DataType,
    /// See [`Fingerprint::version`].
    pub version: u8,
    /// See [`Fingerprint::family`].
    pub family: ValueFamily,
    /// See [`Fingerprint::family_share`].
    pub family_share: f32,
    /// Rows read.
    pub rows: u64,
    /// NULLs among them.
    pub nulls: u64,
    /// See [`Fingerprint::distinct`].
    pub distinct: u64,
    /// Is `distinct` exact?
    pub distinct_exact: bool,
    /// See [`Fingerprint::complete`].
    pub complete: bool,
    /// See [`Fingerprint::integer_range`].
    pub integer_range: Option<(i64, i64)>,
    /// See [`Fingerprint::length_range`].
    pub length_range: Option<(u32, u32)>,
    /// See [`Fingerprint::hashes`]. Empty when they are kept elsewhere.
    pub hashes: Box<[i64]>,
}

impl KeyColumn {
    /// The column of this fingerprint.
    pub fn new(name: impl Into<Arc<str>>, data_type: DataType, print: Fingerprint) -> Self {
        Self {
            name: name.into(),
            data_type,
            version: print.version,
            family: print.family,
            family_share: print.family_share,
            rows: print.rows,
            nulls: print.nulls,
            distinct: print.distinct,
            distinct_exact: print.distinct_exact,
            complete: print.complete,
            integer_range: print.integer_range,
            length_range: print.length_range,
            hashes: print.hashes.into_boxed_slice(),
        }
    }

    /// See [`Fingerprint::looks_unique`].
    pub fn looks_unique(&self) -> bool {
        all_differ(self.rows.saturating_sub(self.nulls), self.distinct, self.distinct_exact)
    }
}
