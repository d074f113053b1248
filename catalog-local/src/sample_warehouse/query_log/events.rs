//! One event in the shape of Trino 476's HTTP event listener.

use serde_json::{Value, json};

use crate::sample_warehouse::calendar::{Day, time_of_day};
use crate::sample_warehouse::random::Random;

/// Tables that a query reads, each with the columns that it reads.
pub(super) type Reads = &'static [(&'static str, &'static [&'static str])];

/// How a query ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Finished,
    /// It failed while running.
    Failed,
    /// Trino's parser refused it; such an event lists no tables.
    SyntaxError,
}

/// A query that somebody ran.
pub(super) struct Event {
    pub(super) sql: String,
    pub(super) reads: Reads,
    pub(super) user: &'static str,
    pub(super) source: &'static str,
    pub(super) outcome: Outcome,
}

impl Event {
    /// The event's line. `number` makes its query id.
    pub(super) fn to_json(&self, random: &mut Random, number: usize, day: Day) -> String {
        let (year, month, date) = day.date();
        let id = format!("{year:04}{month:02}{date:02}_{:06}_{number:05}_k7ds2", 70_000 + number * 37 % 150_000);
        let wall = random.amount(1.4, 1.1);
        let at = format!("{}T{}.{:03}Z", day.iso(), time_of_day(random), random.below(1000));
        let finished = self.outcome == Outcome::Finished;
        let reads = if self.outcome == Outcome::SyntaxError { &[][..] } else { self.reads };
        let mut event = json!({
            "createTime": at,
            "executionStartTime": at,
            "endTime": at,
            "metadata": {
                "queryId": id,
                "transactionId": format!("{:016x}", random.bits()),
                "query": self.sql,
                "queryState": if finished { "FINISHED" } else { "FAILED" },
                "tables": reads.iter().map(|(table, columns)| table_json(table, columns)).collect::<Vec<_>>(),
                "routines": [],
                "uri": format!("http://trino.akko.svc:8080/v1/query/{id}"),
            },
            "context": {
                "user": self.user,
                "originalUser": self.user,
                "principal": self.user,
                "source": self.source,
                "clientTags": [],
                "catalog": "retail_bank",
                "schema": "main",
                "environment": "production",
                "serverVersion": "476",
                "queryType": "SELECT",
            },
            "statistics": {
                "cpuTime": (wall * 60.0).round() / 100.0,
                "wallTime": wall,
                "queuedTime": 0.001,
                "peakUserMemoryBytes": random.between(100_000, 80_000_000),
                "processedInputRows": random.between(10, 60_000),
                "outputRows": random.between(1, 5_000),
                "complete": finished,
            },
            "ioMetadata": {
                "inputs": reads.iter().map(|(table, columns)| input_json(table, columns)).collect::<Vec<_>>(),
            },
            "warnings": [],
        });
        if !finished {
            event["failureInfo"] = failure_json(self.outcome);
        }
        event.to_string()
    }
}

/// Trino spells every name in lower case.
fn table_json(table: &str, columns: &[&str]) -> Value {
    json!({
        "catalog": "retail_bank",
        "schema": "main",
        "table": table.to_lowercase(),
        "authorization": "svc",
        "filters": [],
        "columns": columns.iter().map(|c| json!({ "column": c.to_lowercase() })).collect::<Vec<_>>(),
        "directlyReferenced": true,
    })
}

fn input_json(table: &str, columns: &[&str]) -> Value {
    json!({
        "catalogName": "retail_bank",
        "schema": "main",
        "table": table.to_lowercase(),
        "columns": columns.iter().map(|c| json!({ "name": c.to_lowercase() })).collect::<Vec<_>>(),
    })
}

fn failure_json(outcome: Outcome) -> Value {
    let (code, name, kind) = match outcome {
        Outcome::SyntaxError => (1, "SYNTAX_ERROR", "USER_ERROR"),
        _ => (131_075, "EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES"),
    };
    json!({ "errorCode": { "code": code, "name": name, "type": kind, "fatal": false } })
}
