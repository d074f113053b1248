//! A SQLite file as a source of tables, samples and scans.
//!
//! The file is opened read-only and no side file is created or removed. Views and virtual tables are listed beside
//! tables; SQLite's own tables and the shadow tables of virtual ones are not.

mod connection;
mod declared_type;
mod errors;
mod idle;
mod own_file;
mod relations;
mod rows;
mod sampler;
mod scanner;
mod schema;
mod source;
mod sql_text;

use std::path::PathBuf;
use std::sync::Arc;

use catalog_core::model::{EngineName, Fqn, SourceId, TableId, TableRef};

use connection::Connections;

pub(super) use own_file::is_own_file;

/// A SQLite file. Making one opens nothing.
pub struct SqliteWarehouse {
    id: SourceId,
    connections: Arc<Connections>,
}

impl SqliteWarehouse {
    /// The warehouse in the file at `path`; its id is the file's stem.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { id: SourceId(stem), connections: Arc::new(Connections::new(path)) }
    }
}

/// `<file stem>.main.<table>`.
fn table_ref(source: &SourceId, table: &str) -> TableRef {
    let fqn = Fqn::from_parts([source.0.as_str(), "main", table]);
    TableRef {
        source: source.clone(),
        id: TableId::from_fqn(&fqn),
        fqn,
        engine: EngineName { catalog: String::new(), schema: "main".to_owned(), table: table.to_owned() },
    }
}
