//! The lines that the parts of `bench profile` print, as a table for the benchmarks' page.

use std::fmt::Write as _;

use serde_json::Value;

/// A table of every figure in these lines; a figure that is not there has no row.
pub(super) fn markdown(lines: &[Value]) -> String {
    let mut rows = Vec::new();
    for line in lines {
        if line["schema"].is_string() {
            rows.extend(schema(line));
        }
        rows.extend(lineitem(&line["lineitem"]));
        rows.extend(postgresql(&line["postgresql"]));
        rows.extend(peer(&line["openmetadata_profiler"]));
        rows.extend(line["ratio"].as_f64().map(|ratio| {
            let what = "our full profile against theirs, the same table, server and run";
            (what.to_owned(), format!("{ratio:.2} of its time (target: at most 0.50)"))
        }));
    }
    let mut text = String::from("| what | figure |\n| --- | --- |\n");
    for (what, figure) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {what} | {figure} |");
    }
    text
}

type Row = (String, String);

fn schema(line: &Value) -> Vec<Row> {
    let name = line["schema"].as_str().unwrap_or_default();
    let figure = |key: &str| line[key].as_f64().unwrap_or(f64::NAN);
    vec![
        (
            format!("`{name}`: {} tables, {} rows", line["tables"], line["rows"]),
            format!(
                "{:.1} queries and {:.2} s a table; {:.0} s of the engine's processor in all",
                figure("queries_a_table"),
                figure("seconds_a_table"),
                figure("engine_cpu_seconds")
            ),
        ),
        (format!("`{name}`: rows that the engine read for the default samples"), line["sample_rows_read"].to_string()),
        (format!("`{name}`: against exact counts"), errors(&line["errors"])),
    ]
}

fn errors(errors: &Value) -> String {
    format!(
        "{} columns; worst distinct count {:.2} % off, worst null ratio {:.2} points off; {} distinct counts called exact, \
         {} of them wrong",
        errors["columns"],
        100.0 * errors["worst_distinct"].as_f64().unwrap_or(f64::NAN),
        100.0 * errors["worst_null"].as_f64().unwrap_or(f64::NAN),
        errors["called_exact"],
        errors["wrongly_exact"],
    )
}

fn lineitem(found: &Value) -> Vec<Row> {
    let Some(seconds) = found["seconds"].as_f64() else { return Vec::new() };
    let table = format!("`tpch.{}.lineitem`", found["schema"].as_str().unwrap_or_default());
    let cpu = found["engine_cpu_seconds"].as_f64().unwrap_or(f64::NAN);
    vec![
        (
            format!(
                "full profile with fingerprints of {table}: {} rows, {} columns, {} queries",
                found["rows"], found["columns"], found["queries"]
            ),
            format!("{seconds:.1} s of wall, {cpu:.1} s of the engine's processor"),
        ),
        (format!("{table}: against exact counts"), errors(&found["errors"])),
    ]
}

fn peer(found: &Value) -> Option<Row> {
    let seconds = found["seconds"].as_f64()?;
    let failed = found["failed"].as_array().map_or(0, Vec::len);
    Some((
        format!(
            "OpenMetadata's own profiler with the same figures on the same table, {} threads, {failed} metrics failed",
            found["threads"]
        ),
        format!("{seconds:.1} s of wall"),
    ))
}

fn postgresql(found: &Value) -> Option<Row> {
    let sample = found["sample_physical_bytes"].as_u64()?;
    Some((
        format!(
            "a copy of `tpch.tiny.orders` in the postgresql catalog: {} rows, {} bytes as stored",
            found["rows"], found["stored_bytes"]
        ),
        format!(
            "physical bytes read: {sample} by the sample, {} in all; {} rows read by the sample",
            found["physical_bytes"], found["sample_rows_read"]
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_figure_of_a_run_has_its_row_and_a_missing_one_has_none() {
        let errors = json!({
            "columns": 9, "worst_distinct": 0.021, "worst_null": 0.0, "called_exact": 7, "wrongly_exact": 0
        });
        let lines = [
            json!({"schema": "tpch.tiny", "tables": 8, "rows": 86_805, "queries_a_table": 3.5, "seconds_a_table": 0.875,
                   "engine_cpu_seconds": 4.2, "sample_rows_read": 1234, "errors": errors}),
            json!({"postgresql": {"rows": 15_000, "stored_bytes": 2_000_000, "physical_bytes": 9, "sample_physical_bytes": 4,
                                  "sample_rows_read": 100}}),
            json!({"lineitem": {"schema": "sf1", "seconds": 40.0, "rows": 6_001_215, "columns": 16, "queries": 4,
                                "engine_cpu_seconds": 60.0, "errors": errors}}),
            json!({"openmetadata_profiler": {"seconds": 100.0, "threads": 4, "failed": []}}),
            json!({"ratio": 0.4}),
        ];
        let text = markdown(&lines);
        for part in [
            "| `tpch.tiny`: 8 tables, 86805 rows | 3.5 queries and 0.88 s a table",
            "default samples | 1234 |",
            "9 columns; worst distinct count 2.10 % off",
            "2000000 bytes as stored | physical bytes read: 4 by the sample, 9 in all; 100 rows",
            "`tpch.sf1.lineitem`: 6001215 rows, 16 columns, 4 queries | 40.0 s of wall",
            "4 threads, 0 metrics failed | 100.0 s of wall |",
            "| 0.40 of its time (target: at most 0.50) |",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(markdown(&[json!({"ratio": null})]).lines().count(), 2);
    }
}
