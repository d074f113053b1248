//! A Postgres database as a source of tables, samples, scans and counts.
//!
//! Every statement runs in a read-only transaction with a time limit, on a connection to a target that the egress
//! policy approved. System schemas and partitions (their parent stands for them) are not listed.

mod catalog_queries;
mod cells;
mod connection;
mod errors;
mod key_counter;
mod sampler;
mod scanner;
mod source;
mod types;

use catalog_core::Result;
use catalog_core::model::{EngineName, Fqn, SourceId, TableId, TableRef};
use catalog_net::EgressPolicy;
use url::Url;

use connection::Connections;

/// A Postgres database. Making one connects to nothing.
pub struct PostgresDatabase {
    id: SourceId,
    connections: Connections,
}

impl PostgresDatabase {
    /// The database at a `postgres://` URL; its id is the database's name. `PGPASSWORD` and a `.pgpass` file are
    /// honoured, so that no password has to stand in the URL.
    ///
    /// # Errors
    /// `InvalidInput` (a URL that Postgres does not understand, a Unix socket), `Forbidden` (a host that the policy
    /// does not allow).
    pub fn new(url: &Url, egress: &EgressPolicy) -> Result<Self> {
        let connections = Connections::new(url, egress)?;
        Ok(Self { id: SourceId(connections.database().to_owned()), connections })
    }
}

/// `<database>.<schema>.<table>`.
fn table_ref(source: &SourceId, schema: &str, table: &str) -> TableRef {
    let fqn = Fqn::from_parts([source.0.as_str(), schema, table]);
    TableRef {
        source: source.clone(),
        id: TableId::from_fqn(&fqn),
        fqn,
        engine: EngineName { catalog: source.0.clone(), schema: schema.to_owned(), table: table.to_owned() },
    }
}
