//! A folder of CSV files as a source: what it lists, samples and scans, and what it does with bad input.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::model::{CellRef, DataType, Fqn, RawCell, SampleMethod, SampleRequest, Table};
use catalog_core::ports::{Discovered, MetadataSource as _, RowSink, Sampler as _, ScanRequest, TableScanner as _};
use catalog_local::sources::csv_folder::CsvFolder;
use tempfile::TempDir;

struct Fixture {
    folder: TempDir,
    source: CsvFolder,
}

impl Fixture {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::Builder::new().prefix("bank").tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self { source: CsvFolder::new(folder.path()), folder }
    }

    async fn table(&self, stem: &str) -> Table {
        let fqn = Fqn::from_parts([self.source.id().0.as_str(), "csv", stem]);
        self.source.get(&fqn).await.unwrap().unwrap()
    }

    async fn rows(&self, table: &Table) -> catalog_core::Result<Vec<Vec<RawCell>>> {
        let sink = Arc::new(Mutex::new(Collect::default()));
        let request = ScanRequest {
            columns: (0..table.columns.len()).collect(),
            rows_max: None,
            cell_bytes_max: 4096,
            deadline: Duration::from_secs(60),
        };
        self.source.scan(table, &request, sink.clone()).await?;
        Ok(std::mem::take(&mut sink.lock().unwrap().0))
    }
}

#[derive(Default)]
struct Collect(Vec<Vec<RawCell>>);

impl RowSink for Collect {
    fn row(&mut self, cells: &[CellRef<'_>]) -> ControlFlow<()> {
        self.0.push(cells.iter().copied().map(CellRef::to_owned).collect());
        ControlFlow::Continue(())
    }
}

fn is(row: &[RawCell], expected: &[CellRef<'_>]) -> bool {
    row.iter().map(RawCell::as_ref).eq(expected.iter().copied())
}

#[tokio::test]
async fn names_types_and_cells_come_from_the_file() {
    let bank = Fixture::with(&[(
        "Comptes.CSV",
        "\u{feff}id;nom;solde;ouvert;actif;code\n1;\"Dupont; Anne\";10.50;2024-01-31;true;007\n2;;-3;2024-02-01;false;7\n"
            .as_bytes(),
    )]);
    let table = bank.table("Comptes").await;
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.as_str(), c.data_type)).collect();
    assert_eq!(
        columns,
        [
            ("id", DataType::Integer),
            ("nom", DataType::Text),
            ("solde", DataType::Decimal),
            ("ouvert", DataType::Date),
            ("actif", DataType::Boolean),
            ("code", DataType::Text)
        ]
    );
    let rows = bank.rows(&table).await.unwrap();
    let date = CellRef::Text("2024-01-31");
    let name = CellRef::Text("Dupont; Anne");
    let code = CellRef::Text("007");
    assert!(is(&rows[0], &[CellRef::Int(1), name, CellRef::Real(10.5), date, CellRef::Bool(true), code]));
    assert!(rows[1][1].as_ref().is_null(), "an empty cell is NULL");
    assert!(rows[1][2].as_ref() == CellRef::Int(-3));
}

#[tokio::test]
async fn every_delimiter_is_recognised() {
    for (delimiter, name) in [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")] {
        let text = format!("\"a{delimiter}b\"{delimiter}c\n1{delimiter}2\n");
        let bank = Fixture::with(&[("t.csv", text.as_bytes())]);
        assert_eq!(bank.table("t").await.columns.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn doubled_and_missing_names_get_their_position() {
    let bank = Fixture::with(&[("t.csv", b"a,,a,column_2\n1,2,3,4\n")]);
    let table = bank.table("t").await;
    let names: Vec<_> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a", "column_2", "a_3", "column_2_4"]);
}

#[tokio::test]
async fn a_first_row_of_data_is_a_row_and_no_cell_of_it_becomes_a_name() {
    let text = "Anne;anne@mail.example;4111111111111111;FR7630006000011234567890189;12.5\n\
                Bob;bob@mail.example;5500005555555559;GB82WEST12345698765432;7\n";
    let bank = Fixture::with(&[("t.csv", text.as_bytes())]);
    let table = bank.table("t").await;
    let names: Vec<_> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["column_1", "column_2", "column_3", "column_4", "column_5"]);
    assert_eq!(table.columns[4].data_type, DataType::Decimal);
    let rows = bank.rows(&table).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows[0][0].as_ref() == CellRef::Text("Anne") && rows[0][4].as_ref() == CellRef::Real(12.5));
    assert_eq!(bank.source.sample(&table, &SampleRequest::default()).await.unwrap().row_count(), 2);
}

#[tokio::test]
async fn years_beside_names_are_a_header() {
    let bank = Fixture::with(&[("t.csv", b"country,2023,2024\nFrance,67.5,68\n")]);
    let table = bank.table("t").await;
    assert_eq!(table.columns[1].name, "2023");
    assert_eq!(bank.rows(&table).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_malformed_row_parks_its_own_file_and_names_the_line() {
    let bank = Fixture::with(&[("bad.csv", b"a,b\n1,2\n1,s3cret,3\n"), ("good.csv", b"a\n1\n")]);
    let page = bank.source.list(None, 10).await.unwrap();
    let Discovered::Unreadable(names, error) = &page.tables[0] else { panic!("the row is malformed") };
    assert_eq!((names.fqn.name(), error.kind()), ("bad", ErrorKind::Corrupt));
    let text = error.to_string();
    assert!(text.contains("bad.csv") && text.contains("line: 3") && !text.contains("s3cret"), "{text}");
    assert!(matches!(&page.tables[1], Discovered::Table(t) if t.fqn().name() == "good"));
}

#[tokio::test]
async fn a_malformed_row_beyond_the_first_thousand_fails_the_scan() {
    let text = format!("a,b\n{}1\n", "1,2\n".repeat(2000));
    let bank = Fixture::with(&[("t.csv", text.as_bytes())]);
    let table = bank.table("t").await;
    let error = bank.rows(&table).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("line: 2002"), "{error}");
}

#[tokio::test]
async fn empty_and_utf16_files_are_named_and_a_header_alone_is_an_empty_table() {
    let bank = Fixture::with(&[("empty.csv", b""), ("header.csv", b"a,b\n"), ("wide.csv", b"\xff\xfea\0,\0b\0\n\0")]);
    let page = bank.source.list(None, 10).await.unwrap();
    assert!(matches!(&page.tables[0], Discovered::Unreadable(_, e) if e.to_string().contains("empty.csv")));
    assert!(matches!(&page.tables[2], Discovered::Unreadable(_, e) if e.kind() == ErrorKind::Unsupported));
    let sample = bank.source.sample(&bank.table("header").await, &SampleRequest::default()).await.unwrap();
    assert_eq!((sample.row_count(), sample.method()), (0, SampleMethod::FullScan));
}

#[tokio::test]
async fn a_quote_that_is_never_closed_is_not_read_into_memory() {
    let mut text = b"a,b\n1,\"".to_vec();
    text.resize(40 << 20, b'x');
    let bank = Fixture::with(&[("t.csv", &text)]);
    let page = bank.source.list(None, 10).await.unwrap();
    let Discovered::Unreadable(_, error) = &page.tables[0] else { panic!("the row is too long") };
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert!(error.to_string().contains("line: 2"), "{error}");
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_replaced() {
    let bank = Fixture::with(&[("t.csv", b"n\xe9e,b\ncaf\xe9,1\n")]);
    let table = bank.table("t").await;
    assert_eq!(table.columns[0].name, "n\u{fffd}e");
    assert!(is(&bank.rows(&table).await.unwrap()[0], &[CellRef::Text("caf\u{fffd}"), CellRef::Int(1)]));
}

#[tokio::test]
async fn a_file_that_vanished_is_not_found_and_one_that_changed_is_a_conflict() {
    let bank = Fixture::with(&[("gone.csv", b"a\n1\n"), ("new.csv", b"a\n1\n")]);
    let (gone, new) = (bank.table("gone").await, bank.table("new").await);
    std::fs::remove_file(bank.folder.path().join("gone.csv")).unwrap();
    std::fs::write(bank.folder.path().join("new.csv"), "b,a\n1,2\n").unwrap();
    let error = bank.source.sample(&gone, &SampleRequest::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(bank.rows(&new).await.err().unwrap().kind(), ErrorKind::Conflict);
    assert_ne!(bank.table("new").await.change_token, new.change_token);
}

#[tokio::test]
async fn a_large_file_is_sampled_by_a_repeatable_reservoir() {
    let text: String = std::iter::once("n\n".to_owned()).chain((0..5000).map(|i| format!("{i}\n"))).collect();
    let bank = Fixture::with(&[("t.csv", text.as_bytes())]);
    let table = bank.table("t").await;
    let request = SampleRequest::default();
    let (one, two) =
        (bank.source.sample(&table, &request).await.unwrap(), bank.source.sample(&table, &request).await.unwrap());
    assert_eq!((one.row_count(), one.method()), (100, SampleMethod::Reservoir));
    assert!(one.cells(0).eq(two.cells(0)));
}
