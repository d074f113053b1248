//! Where the embedded default finds tables: a SQLite file, a folder of CSV files, a Postgres database.
//!
//! [`open`] turns what the user gave into [`Warehouse`]s. All of them only read: nothing in a source is ever written,
//! not even its side files.

mod blocking_job;
mod cell_cut;
mod change_token;
pub mod csv_folder;
mod identifier;
pub mod postgres;
mod reservoir;
pub mod sqlite;
mod warehouse_location;

use std::sync::Arc;

use catalog_core::Result;
use catalog_core::ports::{KeyCounter, MetadataSource, Sampler, TableScanner};
use catalog_net::EgressPolicy;

pub use warehouse_location::WarehouseLocation;

use csv_folder::CsvFolder;
use postgres::PostgresDatabase;
use sqlite::SqliteWarehouse;

/// One source with what it can do.
#[derive(Clone)]
pub struct Warehouse {
    /// Lists tables.
    pub source: Arc<dyn MetadataSource>,
    /// Fetches small samples.
    pub sampler: Arc<dyn Sampler>,
    /// Streams whole tables.
    pub scanner: Arc<dyn TableScanner>,
    /// Counts orphans in the engine; `None` where the caller has to count over scans.
    pub counter: Option<Arc<dyn KeyCounter>>,
}

/// The warehouses at a location: the path of a SQLite file, the path of a folder of SQLite files (one warehouse a
/// file), of CSV files (one warehouse), or of both; or a `postgres://` URL, whose host `egress` has to allow.
///
/// Nothing is opened yet: a damaged file or an unreachable database fails when it is listed, with the others intact.
///
/// # Errors
/// `NotFound` (no such path, or a folder without SQLite and CSV files), `InvalidInput` (a URL of another scheme, a
/// file that is neither), `Forbidden` (a host that is not allowed).
pub async fn open(location: &str, egress: &EgressPolicy) -> Result<Vec<Warehouse>> {
    let locations = WarehouseLocation::parse(location)?;
    locations.into_iter().map(|location| open_one(location, egress)).collect()
}

fn open_one(location: WarehouseLocation, egress: &EgressPolicy) -> Result<Warehouse> {
    match location {
        WarehouseLocation::SqliteFile(path) => Ok(Warehouse::of(Arc::new(SqliteWarehouse::new(path)))),
        WarehouseLocation::CsvFolder(path) => Ok(Warehouse::of(Arc::new(CsvFolder::new(path)))),
        WarehouseLocation::Postgres(url) => {
            let database = Arc::new(PostgresDatabase::new(&url, egress)?);
            Ok(Warehouse { counter: Some(database.clone()), ..Warehouse::of(database) })
        }
    }
}

impl Warehouse {
    fn of<S: MetadataSource + Sampler + TableScanner + 'static>(source: Arc<S>) -> Self {
        Self { source: source.clone(), sampler: source.clone(), scanner: source, counter: None }
    }
}
