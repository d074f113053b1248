//! Columns in a form that needs no decoder a type: whole numbers, floats and truth values in Postgres's binary
//! format, binary as it is, everything else as text that the server cut.

use catalog_core::model::{CellRef, Column, DataType, RawCell, Table};
use catalog_core::{Error, ErrorKind, Result};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::sources::cell_cut::{cut_bytes, lossy_prefix, utf8_prefix};
use crate::sources::identifier::quote;

/// `"schema"."table"`.
pub(super) fn table_name(table: &Table) -> String {
    let engine = &table.table_ref.engine;
    format!("{}.{}", quote(&engine.schema), quote(&engine.table))
}

/// The columns at `indices` as a SELECT list over the alias `t`, and their types.
///
/// # Errors
/// `InvalidInput` when an index is beyond the last column.
pub(super) fn select_list(table: &Table, indices: &[usize], bytes_max: usize) -> Result<(String, Vec<DataType>)> {
    let columns: Option<Vec<&Column>> = indices.iter().map(|i| table.columns.get(*i)).collect();
    let columns = columns.ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "read_table", "a requested column is beyond the last one")
            .with("table", table.fqn())
    })?;
    let length = i32::try_from(bytes_max).unwrap_or(i32::MAX);
    let expressions: Vec<String> = columns.iter().map(|c| expression(c, length)).collect();
    let list = if expressions.is_empty() { "1".to_owned() } else { expressions.join(", ") };
    Ok((list, columns.iter().map(|c| c.data_type).collect()))
}

/// At most `length` characters or bytes of the column.
fn expression(column: &Column, length: i32) -> String {
    let name = format!("t.{}", quote(&column.name));
    match column.data_type {
        DataType::Integer => format!("{name}::int8"),
        DataType::Float => format!("{name}::float8"),
        DataType::Boolean => format!("{name}::bool"),
        DataType::Binary => format!("substring({name}::bytea FROM 1 FOR {length})"),
        _ => format!("left({name}::text, {length})"),
    }
}

/// One value of a row that was selected by [`select_list`]. `Err` holds text that is not UTF-8 (a database in
/// `SQL_ASCII`), repaired.
fn value(
    row: &PgRow,
    index: usize,
    data_type: DataType,
    bytes_max: usize,
) -> std::result::Result<CellRef<'_>, Box<str>> {
    let Ok(raw) = row.try_get_raw(index) else { return Ok(CellRef::Null) };
    let Ok(bytes) = raw.as_bytes() else { return Ok(CellRef::Null) };
    Ok(match data_type {
        DataType::Integer => bytes.try_into().map_or(CellRef::Null, |b| CellRef::Int(i64::from_be_bytes(b))),
        DataType::Float => bytes.try_into().map_or(CellRef::Null, |b| CellRef::Real(f64::from_be_bytes(b))),
        DataType::Boolean => CellRef::Bool(bytes.first().is_some_and(|b| *b != 0)),
        DataType::Binary => CellRef::Bytes(cut_bytes(bytes, bytes_max)),
        _ => CellRef::Text(utf8_prefix(bytes, bytes_max).map_err(|_| lossy_prefix(bytes, bytes_max))?),
    })
}

/// The row's cells, owned.
pub(super) fn read_row(row: &PgRow, types: &[DataType], bytes_max: usize) -> Vec<RawCell> {
    let cells = types.iter().enumerate().map(|(i, t)| value(row, i, *t, bytes_max));
    cells.map(|cell| cell.map_or_else(RawCell::Text, CellRef::to_owned)).collect()
}

/// Gives the row's cells to `take`; only text that is not UTF-8 is copied.
pub(super) fn with_cells<T>(
    row: &PgRow,
    types: &[DataType],
    bytes_max: usize,
    take: impl FnOnce(&[CellRef<'_>]) -> T,
) -> T {
    let values: Vec<_> = types.iter().enumerate().map(|(i, t)| value(row, i, *t, bytes_max)).collect();
    let cells = values.iter().map(|v| v.as_ref().map_or_else(|text| CellRef::Text(text), |cell| *cell));
    take(&cells.collect::<Vec<_>>())
}
