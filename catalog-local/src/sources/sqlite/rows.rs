//! SQLite's stored values as cells. A cell has the type it is stored with, whatever the column declares.

use catalog_core::model::{CellRef, RawCell};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::sources::cell_cut::{NotUtf8, cut_bytes, lossy_prefix, utf8_prefix};

/// Fills `cells` with the row's values, borrowed from SQLite; `Err` when one of its texts is not UTF-8 and has to be
/// read with [`read_row`].
pub(super) fn borrow_row<'r>(
    row: &'r Row<'_>,
    width: usize,
    bytes_max: usize,
    cells: &mut Vec<CellRef<'r>>,
) -> Result<(), NotUtf8> {
    for index in 0..width {
        let value = row.get_ref(index).unwrap_or(ValueRef::Null);
        cells.push(match value {
            ValueRef::Null => CellRef::Null,
            ValueRef::Integer(v) => CellRef::Int(v),
            ValueRef::Real(v) => CellRef::Real(v),
            ValueRef::Text(v) => CellRef::Text(utf8_prefix(v, bytes_max)?),
            ValueRef::Blob(v) => CellRef::Bytes(cut_bytes(v, bytes_max)),
        });
    }
    Ok(())
}

/// The row's values, owned; bytes that are not UTF-8 became U+FFFD.
pub(super) fn read_row(row: &Row<'_>, width: usize, bytes_max: usize) -> Vec<RawCell> {
    let value = |index| row.get_ref(index).unwrap_or(ValueRef::Null);
    (0..width)
        .map(|index| match value(index) {
            ValueRef::Null => RawCell::Null,
            ValueRef::Integer(v) => RawCell::Int(v),
            ValueRef::Real(v) => RawCell::Real(v),
            ValueRef::Text(v) => RawCell::Text(lossy_prefix(v, bytes_max)),
            ValueRef::Blob(v) => RawCell::Bytes(cut_bytes(v, bytes_max).into()),
        })
        .collect()
}

/// The buffer, emptied for another row; the allocation is kept.
pub(super) fn recycle<'r>(mut cells: Vec<CellRef<'_>>) -> Vec<CellRef<'r>> {
    cells.clear();
    cells.into_iter().map(|_| CellRef::Null).collect()
}
