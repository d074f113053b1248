//! What both readers of memory tables need: cells cut to a limit, and the error of a table that is gone.

use crate::model::{CellRef, Fqn};
use crate::{Error, ErrorKind};

/// The cell, its text or binary cut to at most `bytes_max` bytes and text at a character's edge.
pub(super) fn cut_cell(cell: CellRef<'_>, bytes_max: usize) -> CellRef<'_> {
    match cell {
        CellRef::Text(text) => CellRef::Text(&text[..text.floor_char_boundary(bytes_max)]),
        CellRef::Bytes(bytes) => CellRef::Bytes(&bytes[..bytes.len().min(bytes_max)]),
        other => other,
    }
}

pub(super) fn vanished(operation: &'static str, fqn: &Fqn) -> Error {
    Error::new(ErrorKind::NotFound, operation, "the table is gone").with("table", fqn)
}
