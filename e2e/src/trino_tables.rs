//! Trino's tables as the product sees them, read from `information_schema`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use catalog_core::model::{Column, DataType, EngineName, Fqn, SourceId, Table, TableId, TableKind, TableRef};
use catalog_core::ports::Clock;
use catalog_net::{EgressPolicy, HttpClient, HttpOptions};
use catalog_profile::trino::{Politeness, PolitenessOptions, Statement, TrinoClient, TrinoOptions, TrinoType};

use crate::Result;

struct MachineClock;

impl Clock for MachineClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }
}

/// The product's client of the server at this address.
///
/// # Errors
/// When the address is no URL of a host and port.
pub fn client(url: &str) -> Result<Arc<TrinoClient>> {
    let parsed: url::Url = url.parse()?;
    let host = parsed.host_str().unwrap_or_default().to_owned();
    let policy = EgressPolicy::allowing([(host, parsed.port_or_known_default().unwrap_or(80))]);
    let http = HttpClient::new(url, &policy, HttpOptions::default())?;
    let often = PolitenessOptions { per_minute: 10_000, ..PolitenessOptions::default() };
    let politeness = Politeness::new(often, Arc::new(MachineClock));
    Ok(Arc::new(TrinoClient::new(http, TrinoOptions::default(), politeness)))
}

/// The tables of a schema with their columns, and nothing that names a key.
///
/// # Errors
/// As the query fails.
pub async fn tables(client: &TrinoClient, catalog: &str, schema: &str) -> Result<Vec<Table>> {
    let sql = format!(
        "SELECT table_name, column_name, data_type FROM {catalog}.information_schema.columns \
         WHERE table_schema = '{schema}' ORDER BY table_name, ordinal_position"
    );
    let answer = client.query(&Statement::new("schema", "list_columns", sql)).await?;
    let mut found: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in &answer.rows {
        let text = |i: usize| row[i].as_str().unwrap_or_default().to_owned();
        found.entry(text(0)).or_default().push(Column {
            name: text(1),
            data_type: data_type(&text(2)),
            native_type: text(2),
            nullable: true,
            description: None,
        });
    }
    Ok(found.into_iter().map(|(name, columns)| table(catalog, schema, &name, columns)).collect())
}

fn table(catalog: &str, schema: &str, name: &str, columns: Vec<Column>) -> Table {
    let fqn = Fqn::from_parts([catalog, schema, name]);
    Table {
        table_ref: TableRef {
            source: SourceId(catalog.to_owned()),
            id: TableId::from_fqn(&fqn),
            fqn,
            engine: EngineName { catalog: catalog.to_owned(), schema: schema.to_owned(), table: name.to_owned() },
        },
        kind: TableKind::Table,
        columns,
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

fn data_type(native: &str) -> DataType {
    match TrinoType::parse(native) {
        TrinoType::Boolean => DataType::Boolean,
        TrinoType::Integer => DataType::Integer,
        TrinoType::Float => DataType::Float,
        TrinoType::Decimal(_) => DataType::Decimal,
        TrinoType::Varchar(_) | TrinoType::Char(_) => DataType::Text,
        TrinoType::Varbinary => DataType::Binary,
        TrinoType::Date => DataType::Date,
        TrinoType::Time => DataType::Time,
        TrinoType::Timestamp(_) | TrinoType::TimestampTz(_) => DataType::Timestamp,
        TrinoType::Uuid => DataType::Uuid,
        TrinoType::Json => DataType::Json,
        TrinoType::Nested(_) => DataType::Nested,
        TrinoType::Textual | TrinoType::Other => DataType::Unknown,
    }
}
