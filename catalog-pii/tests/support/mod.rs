//! Tables and samples of text columns.

use catalog_core::model::{
    Column, DataType, EngineName, Fqn, RawCell, RawSample, SampleMethod, SourceId, Table, TableId, TableKind, TableRef,
};

pub(crate) fn text_column(name: &str) -> Column {
    Column {
        name: name.into(),
        native_type: String::new(),
        data_type: DataType::Text,
        nullable: true,
        description: None,
    }
}

pub(crate) fn text_table(name: &str, columns: &[&str]) -> Table {
    let fqn = Fqn::from_parts(["db", "main", name]);
    Table {
        table_ref: TableRef {
            source: SourceId("db".into()),
            id: TableId::from_fqn(&fqn),
            fqn,
            engine: EngineName { catalog: String::new(), schema: "main".into(), table: name.into() },
        },
        kind: TableKind::Table,
        columns: columns.iter().map(|c| text_column(c)).collect(),
        description: None,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    }
}

pub(crate) fn text_sample(column: &str, cells: &[&str]) -> RawSample {
    rows_of_text(&[column], &cells.iter().map(|c| vec![*c]).collect::<Vec<_>>())
}

pub(crate) fn rows_of_text(columns: &[&str], rows: &[Vec<&str>]) -> RawSample {
    let mut sample = RawSample::new(columns.iter().copied(), SampleMethod::Limit);
    for row in rows {
        sample.push_row(row.iter().map(|cell| RawCell::Text((*cell).into())));
    }
    sample
}
