//! Everything that is learned of a column in one pass.

use catalog_core::model::{
    CellRef, ColumnProfile, DataType, DistinctEstimate, DistinctMethod, Fingerprint, LengthStats, RawColumnValues,
    RoundedRange,
};
use catalog_fk::fingerprint::FingerprintBuilder;

use super::held::Extremes;
use super::quantiles::Reservoir;
use super::reading::Reading;
use super::shape::{NO_SHAPE, ShapeCounter, ShapeId, write_shape};
use super::top_values::TopValues;
use crate::distinct::{DistinctSketch, HllSketch};

/// A column whose values are mostly (this share) numbers or dates has a range.
const RANGE_SHARE_MIN: f64 = 0.95;

/// Which part of the table a column's cells were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Every row.
    Everything,
    /// Some rows: distinct counts are lower bounds and no list of values is complete.
    Part,
}

/// What a column came to.
pub struct FinishedColumn {
    /// Figures without a cell value.
    pub profile: ColumnProfile,
    /// Values for this process only.
    pub values: RawColumnValues,
    /// The fingerprint for key inference.
    pub fingerprint: Fingerprint,
}

/// Takes a column cell by cell. What it holds is bounded whatever the column's length: 512 values of at most 128
/// bytes, 1,024 numbers, 64 shapes, a HyperLogLog of 13 KiB and a fingerprint of at most 64 KiB.
pub struct ColumnAccumulator {
    declared: DataType,
    fingerprint: FingerprintBuilder,
    sketch: Option<HllSketch>,
    top: TopValues<CellFacts>,
    extremes: Extremes,
    shapes: ShapeCounter,
    shape: Vec<u8>,
    numbers: Reservoir,
    years: Reservoir,
    sums: Sums,
}

/// What a value adds each time it is seen. Spellings of one canonical form (`42`, `42.0`) share the facts of the one
/// that came first.
#[derive(Clone, Copy)]
struct CellFacts {
    reading: Reading,
    chars: u32,
    words: u32,
    shape: ShapeId,
    is_text: bool,
    is_empty: bool,
}

#[derive(Default)]
struct Sums {
    filled: u64,
    empties: u64,
    texts: u64,
    numbers: u64,
    years: u64,
    chars: u64,
    words: u64,
    chars_range: Option<(u32, u32)>,
    repeated: bool,
}

impl ColumnAccumulator {
    /// An empty column of that type.
    pub fn new(declared: DataType) -> Self {
        Self {
            declared,
            fingerprint: FingerprintBuilder::new(declared),
            sketch: HllSketch::new(),
            top: TopValues::new(),
            extremes: Extremes::default(),
            shapes: ShapeCounter::default(),
            shape: Vec::new(),
            numbers: Reservoir::default(),
            years: Reservoir::default(),
            sums: Sums::default(),
        }
    }

    /// Takes one cell.
    pub fn push(&mut self, cell: CellRef<'_>) {
        let Some(hash) = self.fingerprint.push(cell) else { return };
        let facts = match self.top.recount(hash, cell) {
            Some(facts) => {
                self.sums.repeated = true;
                facts
            }
            None => {
                let facts = self.look_at(cell);
                if let Some(sketch) = &mut self.sketch {
                    sketch.insert(hash as u64);
                }
                self.top.insert(hash, cell, facts);
                facts
            }
        };
        self.add(facts);
    }

    /// Reads a value that is not among those being counted: new, or forgotten.
    fn look_at(&mut self, cell: CellRef<'_>) -> CellFacts {
        let canonical = self.fingerprint.last_canonical();
        let reading = Reading::of(cell, canonical);
        let mut facts =
            CellFacts { reading, chars: 0, words: 0, shape: NO_SHAPE, is_text: false, is_empty: canonical.is_empty() };
        match cell {
            CellRef::Int(value) => {
                facts.chars = canonical.len() as u32;
                let digits = canonical.len() - usize::from(value < 0);
                facts.shape = self.shapes.id_of_integer(value < 0, digits);
            }
            CellRef::Bytes(bytes) => facts.chars = u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            _ => {
                // Without trailing spaces, as in the canonical form: the padding of a CHAR says nothing of its value.
                let text = if let CellRef::Text(text) = cell { text.trim_end_matches(' ') } else { canonical };
                facts.is_text = matches!(cell, CellRef::Text(_));
                let outline = write_shape(text, &mut self.shape);
                (facts.chars, facts.words) = (outline.chars, outline.words);
                facts.shape = self.shapes.id_of(&self.shape);
            }
        }
        let orders_as_number = !facts.is_text || is_numeric(self.declared);
        let bit = if let CellRef::Bool(bit) = cell { Some(f64::from(u8::from(bit))) } else { None };
        self.extremes.push(cell, bit.or(reading.number().filter(|_| orders_as_number)));
        let (low, high) = self.sums.chars_range.unwrap_or((facts.chars, facts.chars));
        self.sums.chars_range = Some((low.min(facts.chars), high.max(facts.chars)));
        facts
    }

    fn add(&mut self, facts: CellFacts) {
        let sums = &mut self.sums;
        sums.filled += 1;
        sums.empties += u64::from(facts.is_empty);
        sums.texts += u64::from(facts.is_text);
        sums.chars += u64::from(facts.chars);
        sums.words += u64::from(facts.words) * u64::from(facts.is_text);
        self.shapes.count(facts.shape);
        match facts.reading {
            Reading::Number(number) => {
                sums.numbers += 1;
                self.numbers.push(number);
            }
            Reading::Year(year) => {
                sums.years += 1;
                self.years.push(year);
            }
            Reading::Neither => {}
        }
    }

    /// The column's figures. Exact counts stay exact only when everything was seen.
    pub fn finish(mut self, name: &str, seen: Seen) -> FinishedColumn {
        let sums = self.sums;
        let range = range(self.declared, &sums, self.numbers, self.years);
        let bound = self.sketch.as_ref().map_or(0.0, DistinctSketch::error_bound);
        let mut fingerprint = match self.sketch.as_mut().map(DistinctSketch::estimate) {
            Some(estimate) => self.fingerprint.finish_with_distinct(estimate, false),
            None => self.fingerprint.finish(),
        };
        let counted = fingerprint.distinct_exact;
        let unique = !sums.repeated && fingerprint.looks_unique();
        if seen == Seen::Part {
            fingerprint.distinct_exact = false;
            fingerprint.complete = false;
        }
        let method = match (seen, counted) {
            (Seen::Part, _) => DistinctMethod::Sample,
            (Seen::Everything, true) => DistinctMethod::Exact,
            (Seen::Everything, false) => DistinctMethod::HyperLogLog,
        };
        let distinct =
            DistinctEstimate { value: fingerprint.distinct, error_bound: if counted { 0.0 } else { bound }, method };
        let rows = fingerprint.rows;
        let of_filled = |count: u64| count as f64 / sums.filled.max(1) as f64;
        let profile = ColumnProfile {
            name: name.to_owned(),
            null_ratio: (rows > 0).then(|| fingerprint.nulls as f64 / rows as f64),
            empty_ratio: of_filled(sums.empties),
            distinct: (rows > 0).then_some(distinct),
            unique,
            lengths: sums.chars_range.map(|(min, max)| LengthStats { min, max, mean: of_filled(sums.chars) as f32 }),
            shapes: self.shapes.commonest(sums.filled),
            range,
            numeric_ratio: of_filled(sums.numbers),
            mean_words: (sums.words as f64 / sums.texts.max(1) as f64) as f32,
        };
        let (top, all) = self.top.finish();
        let (min, max) = self.extremes.finish();
        let values = RawColumnValues { min, max, top, top_complete: all && seen == Seen::Everything };
        FinishedColumn { profile, values, fingerprint }
    }
}

fn is_numeric(data_type: DataType) -> bool {
    matches!(data_type, DataType::Integer | DataType::Decimal | DataType::Float)
}

/// Digits in a text column are codes, card numbers or phones, not quantities: they get no range.
fn range(declared: DataType, sums: &Sums, numbers: Reservoir, years: Reservoir) -> Option<RoundedRange> {
    let mostly = |count: u64| sums.filled > 0 && count as f64 >= sums.filled as f64 * RANGE_SHARE_MIN;
    if mostly(sums.years) {
        years.years()
    } else if mostly(sums.numbers) && (is_numeric(declared) || declared == DataType::Unknown) {
        numbers.rounded()
    } else {
        None
    }
}
