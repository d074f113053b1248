//! What stands beside a table's entry: its use and its joins. Verified queries are in `queries`.

use std::collections::BTreeMap;

use catalog_core::model::{DailyUsage, FieldPath, FieldValue, Fqn, Operation};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::OmPublisher;
use super::current::Snapshot;
use super::labels::wrong_value;
use crate::client::Call;

#[derive(Deserialize)]
struct UsageReport {
    #[serde(default)]
    usage: Vec<UsageOfDay>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageOfDay {
    date: String,
    daily_stats: crate::wire::OmCount,
}

impl OmPublisher {
    /// Writes and reads back the operations that do not touch the entry itself. Each can be written again.
    pub(super) async fn write_beside(&self, snapshot: &Snapshot, operations: &[Operation]) -> Result<()> {
        for operation in operations {
            match &operation.field {
                FieldPath::Usage { date } => {
                    let usage = match &operation.after {
                        None => DailyUsage::default(),
                        Some(FieldValue::Usage(usage)) => (**usage).clone(),
                        Some(_) => return Err(wrong_value("a day's usage")),
                    };
                    self.write_usage(snapshot, date, &usage).await?;
                }
                FieldPath::VerifiedQuery { fingerprint } => {
                    let (before, after) = (operation.before.as_ref(), operation.after.as_ref());
                    self.write_query(snapshot, fingerprint, before, after).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A POST replaces the day's count, a PUT would add to it; joins of a day are replaced.
    async fn write_usage(&self, snapshot: &Snapshot, date: &str, usage: &DailyUsage) -> Result<()> {
        let id = &snapshot.table.id;
        let body = json!({ "date": date, "count": usage.runs });
        self.client.done(Call::new("write_usage", Method::Post, format!("/usage/table/{id}")).json(&body)).await?;
        let joins = column_joins(usage, &snapshot.fqn);
        if !joins.is_empty() {
            let body = json!({ "startDate": date, "dayCount": 1, "columnJoins": joins });
            self.client.done(Call::new("write_joins", Method::Put, format!("/tables/{id}/joins")).json(&body)).await?;
        }
        let call = Call::get("read_usage", format!("/usage/table/{id}")).query("date", date).query("days", "1");
        let report: UsageReport = self.client.read(call).await?;
        let counted = |day: &UsageOfDay| day.date == date && day.daily_stats.count == usage.runs;
        if report.usage.iter().any(counted) {
            return Ok(());
        }
        Err(self.not_stored("usage", &snapshot.fqn))
    }

    /// The server said yes, and what it shows now is not what it was told.
    pub(super) fn not_stored(&self, what: &str, table: &Fqn) -> Error {
        Error::new(ErrorKind::Corrupt, "write_entry", "the server said yes and stored something else")
            .with("table", table)
            .with("field", what)
            .hint("its version may have OpenMetadata's fault #28876: update it")
    }
}

/// Joins by the table's own column. Of a composite join each pair of columns counts.
fn column_joins(usage: &DailyUsage, table: &Fqn) -> Vec<Value> {
    let mut joined: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    for join in &usage.joins {
        let sides = [
            (&join.left, &join.left_columns, &join.right, &join.right_columns),
            (&join.right, &join.right_columns, &join.left, &join.left_columns),
        ];
        // A table joined with itself is told once.
        let Some((_, own, other, others)) = sides.into_iter().find(|side| side.0 == table) else { continue };
        for (column, with) in own.iter().zip(others) {
            *joined.entry(column).or_default().entry(other.child(with).to_string()).or_default() += join.runs;
        }
    }
    let one = |(column, with): (&str, BTreeMap<String, u64>)| {
        let with: Vec<Value> =
            with.iter().map(|(fqn, runs)| json!({ "fullyQualifiedName": fqn, "joinCount": runs })).collect();
        json!({ "columnName": column, "joinedWith": with })
    };
    joined.into_iter().map(one).collect()
}
