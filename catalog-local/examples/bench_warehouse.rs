//! Makes SQLite files for the figures in `docs/reference/benchmarks.md`:
//! `bench_warehouse tables 1000 many.sqlite` (small tables of 200 rows, joined in chains) or
//! `bench_warehouse rows 5000000 long.sqlite` (one table of that many rows that refers to one of 100,000).

use rusqlite::Connection;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, count, path] = arguments.as_slice() else {
        return Err("usage: bench_warehouse tables|rows N FILE".into());
    };
    let count: u64 = count.parse()?;
    if std::path::Path::new(path).exists() {
        return Err(format!("{path} is there already").into());
    }
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    match kind.as_str() {
        "tables" => tables(&transaction, count)?,
        "rows" => rows(&transaction, count)?,
        other => return Err(format!("unknown kind {other}").into()),
    }
    transaction.commit()?;
    Ok(())
}

fn tables(connection: &Connection, count: u64) -> rusqlite::Result<()> {
    for i in 0..count {
        let parent = i / 2;
        connection.execute_batch(&format!(
            "CREATE TABLE ledger_entry_{i} (entry_{i}_id INTEGER PRIMARY KEY, entry_{parent}_ref INTEGER, amount REAL,
                                            booked_on DATE, status TEXT, contact_email TEXT);
             WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200)
             INSERT INTO ledger_entry_{i}
             SELECT {base} + x, {parent_base} + 1 + (x * 7) % 200, x * 1.25, date('2024-01-01', '+' || x || ' days'),
                    CASE x % 3 WHEN 0 THEN 'OPEN' WHEN 1 THEN 'PAID' ELSE 'LATE' END, 'p' || x || '@mail.example' FROM n;",
            base = i * 1_000,
            parent_base = parent * 1_000
        ))?;
    }
    Ok(())
}

fn rows(connection: &Connection, count: u64) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, full_name TEXT, city TEXT);
         WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000)
         INSERT INTO customer SELECT x, 'Customer ' || x, 'City ' || (x % 400) FROM n;
         CREATE TABLE payment (payment_id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, paid_on DATE,
                               currency TEXT, label TEXT, merchant_code TEXT, channel TEXT, fee REAL, note TEXT);
         WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {count})
         INSERT INTO payment
         SELECT x, 1 + (x * 7919) % 100000, (x * 37 % 100000) / 100.0, date('2020-01-01', '+' || (x % 1800) || ' days'),
                CASE x % 5 WHEN 0 THEN 'USD' ELSE 'EUR' END, 'Payment number ' || x, 'M' || (x % 30000),
                CASE x % 3 WHEN 0 THEN 'WEB' WHEN 1 THEN 'APP' ELSE 'SHOP' END, x % 7 * 0.1,
                CASE WHEN x % 10 = 0 THEN 'checked by hand' END FROM n;"
    ))
}
