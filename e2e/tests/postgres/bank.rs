//! The sample bank in a database of Postgres, with the types that its schema declares.

use std::fmt::Write as _;
use std::path::Path;

use catalog_local::sample_warehouse;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

/// The database; its tables lie in the schema that the query log names.
pub(crate) const DATABASE: &str = "catalog_e2e_bank";
pub(crate) const SCHEMA: &str = "main";

/// Makes the database anew at the server of `admin`, fills it from the sample warehouse, and gives its address.
pub(crate) async fn load(admin: &Url, sample: &Path) -> Url {
    run(admin, &format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).await;
    run(admin, &format!("CREATE DATABASE {DATABASE}")).await;
    let mut url = admin.clone();
    url.set_path(DATABASE);
    fill(&url, SCHEMA, sample).await;
    url
}

/// Makes the schema anew in the database of that address, and fills it from the sample warehouse.
pub(crate) async fn fill(url: &Url, schema: &str, sample: &Path) {
    let mut target = PgConnection::connect(url.as_str()).await.unwrap();
    let made = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path = {schema}");
    execute(&mut target, &made).await;
    let source = Connection::open(sample).unwrap();
    for (kind, name, definition) in relations(&source) {
        if kind == "view" {
            execute(&mut target, &definition).await;
        } else {
            execute(&mut target, &create_table(&source, &name)).await;
            let mut copy =
                target.copy_in_raw(&format!("COPY {} FROM STDIN (FORMAT csv)", quoted(&name))).await.unwrap();
            copy.send(rows_as_csv(&source, &name).as_bytes()).await.unwrap();
            copy.finish().await.unwrap();
        }
    }
    execute(&mut target, "ANALYZE").await;
    target.close().await.unwrap();
}

/// Removes the database.
pub(crate) async fn remove(admin: &Url) {
    run(admin, &format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await;
}

/// Runs statements at the server of that address.
pub(crate) async fn run(url: &Url, sql: &str) {
    let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
    execute(&mut connection, sql).await;
    connection.close().await.unwrap();
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// Kind, name and definition of every table, then of every view.
fn relations(source: &Connection) -> Vec<(String, String, String)> {
    let sql = "SELECT type, name, sql FROM sqlite_schema
               WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY type, name";
    let mut statement = source.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The table's columns in the types of Postgres, with its primary key.
fn create_table(source: &Connection, table: &str) -> String {
    let mut statement = source.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)").unwrap();
    let mut lines = Vec::new();
    let mut key: Vec<(i64, String)> = Vec::new();
    let mut rows = statement.query([table]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let name = quoted(&row.get::<_, String>(0).unwrap());
        let declared: String = row.get(1).unwrap();
        // An INTEGER of SQLite has 64 bits; the other names mean in Postgres what they say.
        let data_type = if declared == "INTEGER" { "BIGINT" } else { &declared };
        let not_null = if row.get(2).unwrap() { " NOT NULL" } else { "" };
        lines.push(format!("{name} {data_type}{not_null}"));
        match row.get(3).unwrap() {
            0 => {}
            place => key.push((place, name)),
        }
    }
    key.sort();
    if !key.is_empty() {
        let names: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
        lines.push(format!("PRIMARY KEY ({})", names.join(", ")));
    }
    format!("CREATE TABLE {} ({})", quoted(table), lines.join(", "))
}

/// All rows in CSV, where a NULL is an empty cell without quotes.
fn rows_as_csv(source: &Connection, table: &str) -> String {
    let mut statement = source.prepare(&format!("SELECT * FROM {}", quoted(table))).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut csv = String::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            if column > 0 {
                csv.push(',');
            }
            match row.get_ref(column).unwrap() {
                ValueRef::Null => {}
                ValueRef::Integer(n) => write!(csv, "{n}").unwrap(),
                ValueRef::Real(n) => write!(csv, "{n}").unwrap(),
                ValueRef::Text(t) => csv.push_str(&quoted(std::str::from_utf8(t).unwrap())),
                ValueRef::Blob(_) => panic!("the sample warehouse has no blobs"),
            }
        }
        csv.push('\n');
    }
    csv
}

/// In double quotes: a name of SQL, or a cell of CSV.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The sample warehouse's files in `folder`, its query log speaking of [`DATABASE`].
pub(crate) fn sample(folder: &Path) -> sample_warehouse::SampleWarehouse {
    let files = sample_warehouse::create(folder).unwrap();
    let name = Path::new(sample_warehouse::DATABASE_FILE).file_stem().unwrap().to_str().unwrap();
    let log = std::fs::read_to_string(&files.query_log).unwrap();
    std::fs::write(&files.query_log, log.replace(name, DATABASE)).unwrap();
    files
}
