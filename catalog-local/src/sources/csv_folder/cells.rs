//! CSV fields as cells of their column's type.

use catalog_core::model::{CellRef, DataType};

use super::inference::{boolean, exact_real, integer};
use crate::sources::cell_cut::cut_text;

/// The field as a cell: NULL when empty, a number or truth value where the column holds those and the text is one,
/// else text cut to `bytes_max`. Numbers of more digits than a float keeps stay text.
pub(super) fn cell(field: &str, data_type: DataType, bytes_max: usize) -> CellRef<'_> {
    if field.is_empty() {
        return CellRef::Null;
    }
    let typed = match data_type {
        DataType::Boolean => boolean(field).map(CellRef::Bool),
        DataType::Integer => integer(field).map(CellRef::Int),
        DataType::Decimal => integer(field).map(CellRef::Int).or_else(|| exact_real(field).map(CellRef::Real)),
        _ => None,
    };
    typed.unwrap_or_else(|| CellRef::Text(cut_text(field, bytes_max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_breaks_its_columns_type_stays_text() {
        assert!(cell("n/a", DataType::Integer, 10) == CellRef::Text("n/a"));
        assert!(cell("42", DataType::Integer, 10) == CellRef::Int(42));
        assert!(cell("2.5", DataType::Decimal, 10) == CellRef::Real(2.5));
        assert!(cell("0.1234567890123456789", DataType::Decimal, 30) == CellRef::Text("0.1234567890123456789"));
        assert!(cell("", DataType::Text, 10) == CellRef::Null);
    }
}
