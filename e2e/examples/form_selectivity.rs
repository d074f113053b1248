//! How often the values of any column fit the form of a kind of personal data when only the column's name asks for
//! it: each column of a warehouse is scanned under a telling name of each kind. A form that few columns fit is
//! evidence beside the name; one that many fit is none.
//!
//! `cargo run --release -p e2e --features live --example form_selectivity -- PATH`

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use catalog_core::model::{CellRef, DataType, EntityHits, RawCell, RawSample, SampleRequest};
use catalog_core::ports::{Discovered, ScanHits};
use catalog_local::sources;
use catalog_net::EgressPolicy;
use catalog_pii::PatternScanner;
use e2e::Result;

/// Names that suggest one kind each.
const NAMES: [&str; 17] = [
    "date_of_birth",
    "username",
    "device_id",
    "password",
    "bic",
    "ip_address",
    "latitude",
    "passport_number",
    "insurance_number",
    "diagnosis",
    "height",
    "last_name",
    "full_name",
    "street_address",
    "phone",
    "card_number",
    "ethnicity",
];

/// A shorter table says little.
const ROWS_MIN: usize = 4;

/// Share of the cells from which a column fits.
const FITS: f64 = 0.7;

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or("name a warehouse")?;
    let mut fits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut columns = 0_usize;
    for warehouse in sources::open(&path, &EgressPolicy::default()).await? {
        let page = warehouse.source.list(None, 10_000).await?;
        for entry in page.tables {
            let Discovered::Table(table) = entry else { continue };
            let sample = warehouse.sampler.sample(&table, &SampleRequest::default()).await?;
            for (i, column) in table.columns.iter().enumerate() {
                if matches!(column.data_type, DataType::Boolean | DataType::Binary) || sample.row_count() < ROWS_MIN {
                    continue;
                }
                columns += 1;
                let plain = scan("c", &sample, i);
                for name in NAMES {
                    for (entity, evidence) in newly(&plain, &scan(name, &sample, i)) {
                        let word = if evidence { "evidence" } else { "hint" };
                        let entry = fits.entry(format!("{name} {entity} {word}")).or_default();
                        entry.push(format!("{}.{}", table.fqn(), column.name));
                    }
                }
            }
        }
    }
    println!("{columns} columns");
    for (what, which) in fits {
        let some: Vec<&String> = which.iter().step_by((which.len() / 8).max(1)).collect();
        println!("{what}: {} columns, {:.3}, such as {some:?}", which.len(), which.len() as f64 / columns as f64);
    }
    Ok(())
}

/// The column scanned alone under another name.
fn scan(name: &str, sample: &RawSample, index: usize) -> ScanHits {
    let mut renamed = RawSample::new([name], sample.method());
    for cell in sample.cells(index) {
        renamed.push_row([copy(cell)]);
    }
    PatternScanner::default().scan_now(&renamed).remove(0)
}

/// The kinds that most cells are under the name and are not without it; and whether they count as evidence.
fn newly(plain: &ScanHits, named: &ScanHits) -> Vec<(&'static str, bool)> {
    let before =
        |hit: &EntityHits| plain.hits.iter().find(|p| p.entity == hit.entity).map_or(0.0, |p| p.whole_cell_share);
    let fits = named.hits.iter().filter(|h| before(h) < FITS && h.whole_cell_share.max(h.hinted_share) >= FITS);
    fits.map(|h| (h.entity.as_str(), h.whole_cell_share >= FITS)).collect()
}

fn copy(cell: CellRef<'_>) -> RawCell {
    match cell {
        CellRef::Null => RawCell::Null,
        CellRef::Bool(b) => RawCell::Bool(b),
        CellRef::Int(i) => RawCell::Int(i),
        CellRef::Real(r) => RawCell::Real(r),
        CellRef::Text(t) => RawCell::Text(t.into()),
        CellRef::Bytes(b) => RawCell::Bytes(b.into()),
    }
}
