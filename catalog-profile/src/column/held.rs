//! The few cell values that a profile keeps in this process, each of bounded size.

use std::cmp::Ordering;

use catalog_core::model::{CellRef, RawCell};

/// Longer texts and binaries are cut to this many bytes where a profile keeps a value.
pub const VALUE_BYTES_MAX: usize = 128;

/// The cell cut to [`VALUE_BYTES_MAX`] bytes, text at a character's edge.
pub(super) fn cut(cell: CellRef<'_>) -> CellRef<'_> {
    match cell {
        CellRef::Text(text) => CellRef::Text(&text[..text.floor_char_boundary(VALUE_BYTES_MAX)]),
        CellRef::Bytes(bytes) => CellRef::Bytes(&bytes[..bytes.len().min(VALUE_BYTES_MAX)]),
        other => other,
    }
}

/// The smallest and the largest value seen. Numbers (and texts that the column's type makes numbers) come before
/// texts, texts before binaries; texts are ordered by their bytes. NaN has no place in the order.
#[derive(Default)]
pub(super) struct Extremes {
    min: Option<Held>,
    max: Option<Held>,
}

/// A value and the number that orders it, if a number does.
struct Held {
    cell: RawCell,
    number: Option<f64>,
}

impl Extremes {
    /// Takes a non-NULL cell; `number` is what it counts as, `None` for text and binary.
    pub(super) fn push(&mut self, cell: CellRef<'_>, number: Option<f64>) {
        if matches!(cell, CellRef::Real(v) if v.is_nan()) {
            return;
        }
        let cell = cut(cell);
        for (held, wanted) in [(&mut self.min, Ordering::Less), (&mut self.max, Ordering::Greater)] {
            match held {
                Some(held) if order((cell, number), (held.cell.as_ref(), held.number)) == wanted => {
                    *held = Held { cell: cell.to_owned(), number };
                }
                Some(_) => {}
                None => *held = Some(Held { cell: cell.to_owned(), number }),
            }
        }
    }

    pub(super) fn finish(self) -> (Option<RawCell>, Option<RawCell>) {
        (self.min.map(|held| held.cell), self.max.map(|held| held.cell))
    }
}

fn order(a: (CellRef<'_>, Option<f64>), b: (CellRef<'_>, Option<f64>)) -> Ordering {
    match (a, b) {
        ((CellRef::Int(a), _), (CellRef::Int(b), _)) => a.cmp(&b),
        ((_, Some(a)), (_, Some(b))) => a.total_cmp(&b),
        ((_, Some(_)), _) => Ordering::Less,
        (_, (_, Some(_))) => Ordering::Greater,
        ((CellRef::Text(a), _), (CellRef::Text(b), _)) => a.cmp(b),
        ((CellRef::Bytes(a), _), (CellRef::Bytes(b), _)) => a.cmp(b),
        ((CellRef::Bytes(_), _), _) => Ordering::Greater,
        (_, (CellRef::Bytes(_), _)) => Ordering::Less,
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extremes(cells: &[(CellRef<'_>, Option<f64>)]) -> (Option<RawCell>, Option<RawCell>) {
        let mut extremes = Extremes::default();
        cells.iter().for_each(|(cell, number)| extremes.push(*cell, *number));
        extremes.finish()
    }

    #[test]
    fn decimals_in_text_are_ordered_as_numbers() {
        let (min, max) = extremes(&[(CellRef::Text("10.5"), Some(10.5)), (CellRef::Text("9.5"), Some(9.5))]);
        assert!(min == Some(RawCell::Text("9.5".into())) && max == Some(RawCell::Text("10.5".into())));
    }

    #[test]
    fn large_integers_are_told_apart_beyond_the_precision_of_floats() {
        let (a, b) = (i64::MAX - 1, i64::MAX);
        let (min, max) = extremes(&[(CellRef::Int(b), Some(b as f64)), (CellRef::Int(a), Some(a as f64))]);
        assert!(min == Some(RawCell::Int(a)) && max == Some(RawCell::Int(b)));
    }

    #[test]
    fn nan_is_neither_smallest_nor_largest() {
        assert!(extremes(&[(CellRef::Real(f64::NAN), None)]) == (None, None));
    }

    #[test]
    fn a_huge_text_is_kept_in_part() {
        let long = "é".repeat(1000);
        let (min, _) = extremes(&[(CellRef::Text(&long), None)]);
        assert_eq!(min.unwrap().as_ref().byte_len(), VALUE_BYTES_MAX);
    }
}
