//! A steward's queue over a large catalog: what the page is measured on.

use std::sync::Arc;

use catalog_core::model::{
    Column, Confidence, DataType, MinedQueryLog, Proposal, TableState, TableTotal, UsageFacts, WalkStage,
};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::WorkPlan;
use tokio::task::JoinSet;

use crate::samples;

/// Proposals of a table: a text, two tags and a query.
pub const PROPOSALS_OF_TABLE: usize = 4;
/// Columns of the first table.
const WIDE: usize = 60;
/// Tables finished at once: a ledger may share one commit among them.
const AT_ONCE: usize = 250;

/// Leaves so many walked tables in a ledger, each with [`PROPOSALS_OF_TABLE`] open proposals; every third is read by
/// queries, and the first, `table_0`, has sixty columns.
///
/// # Panics
/// When the ledger refuses.
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
pub async fn fill(ledger: &Arc<dyn Ledger>, tables: usize) {
    let names: Vec<String> = (0..tables).map(|i| format!("table_{i}")).collect();
    let items: Vec<_> = names.iter().map(|name| samples::work_item(name)).collect();
    ledger.enqueue(&items, WalkStage::Describe).await.unwrap();
    for _ in 0..tables.div_ceil(AT_ONCE) {
        let leased = ledger.lease(WalkStage::Describe, "test", AT_ONCE, 0, 60_000).await.unwrap();
        let mut finishing = JoinSet::new();
        for item in leased {
            let name = item.item.table.fqn.name().to_owned();
            let number: usize = name.trim_start_matches("table_").parse().unwrap();
            let plan = WorkPlan { state: state(&name, number), publish: Vec::new(), propose: proposals(&name, number) };
            let ledger = Arc::clone(ledger);
            finishing.spawn(async move { ledger.finish(&item, &plan).await.unwrap() });
        }
        finishing.join_all().await;
    }
    let total = |name: &String| TableTotal { table: samples::table_ref(name).fqn, queries: 7, users: 1 };
    let usage = UsageFacts { totals: names.iter().step_by(3).map(total).collect(), ..UsageFacts::default() };
    ledger.set_query_log("h", &MinedQueryLog { usage, ..MinedQueryLog::default() }).await.unwrap();
}

fn proposals(name: &str, number: usize) -> Vec<Proposal> {
    let operations = [
        samples::describe(name, &format!("Table number {number} of the warehouse, one row per thing.")),
        samples::tag(name, "email"),
        samples::tag(name, "contact"),
        samples::verify_query(name, "f"),
    ];
    let proposals: [Proposal; PROPOSALS_OF_TABLE] = operations.map(|mut operation| {
        operation.confidence = Confidence::new((number % 97) as f64 / 100.0);
        samples::proposal(operation)
    });
    proposals.to_vec()
}

fn state(name: &str, number: usize) -> TableState {
    let mut state = samples::state(name);
    if number > 0 {
        return state;
    }
    for i in state.table.columns.len()..WIDE {
        let column = Column {
            name: format!("measured_attribute_{i}"),
            native_type: "DECIMAL(18,2)".into(),
            data_type: DataType::Decimal,
            nullable: true,
            description: None,
        };
        state.table.columns.push(column);
        state.public_codes.push(Vec::new());
        if let Some(profile) = &mut state.profile {
            let like = catalog_core::model::ColumnProfile {
                name: format!("measured_attribute_{i}"),
                ..profile.columns[0].clone()
            };
            profile.columns.push(like);
        }
    }
    state
}
