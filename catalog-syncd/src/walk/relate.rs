//! Stage 7: which keys nobody declared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog_core::model::{
    DataType, Fingerprint, ForeignKey, Fqn, KeyTable, MinedJoin, RelateInput, TableRef, TableState, WakeReason,
    WalkStage, WorkItem,
};
use catalog_core::ports::ledger::KeyLink;
use catalog_core::{Result, Retry};
use catalog_fk::can_be_in_a_key;
use catalog_publish::fail_point;

use super::gate::{hash, relate_inputs};
use super::run::Walk;

impl Walk {
    /// Infers keys over all tables, unless tables, log and options are what they were the last time, and queues for
    /// description those whose keys changed, at either end.
    pub(super) async fn relate(&self, joins: Vec<MinedJoin>, log: &str) -> Result<()> {
        let inputs = self.relate_inputs(log).await?;
        let note = self.relate_note();
        if self.parts.ledger.note(&note).await?.is_some_and(|old| old == inputs) {
            return Ok(());
        }
        self.progress.stage("relate", None);
        let mut input = RelateInput { tables: Vec::new(), joins };
        let mut tables = HashMap::new();
        self.each_state(|state| {
            tables.insert(state.table.fqn().clone(), state.table.table_ref.clone());
            input.tables.push(self.key_table(state));
        })
        .await?;
        let (keys, settled) = self.infer(&input, &tables).await?;
        drop(input);
        fail_point!("walk::before_keys");
        self.store_keys(keys, &tables).await?;
        fail_point!("walk::after_keys");
        // A count that failed for a while is tried again by the next sync.
        if settled {
            self.parts.ledger.set_note(&note, &inputs).await?;
        }
        Ok(())
    }

    /// The ledger's note of what this set of sources was last related from.
    fn relate_note(&self) -> String {
        let mut sources: Vec<&str> = self.parts.connections.iter().map(|c| c.source.id().0.as_str()).collect();
        sources.sort_unstable();
        format!("related:{}", hash(&sources))
    }

    async fn relate_inputs(&self, log: &str) -> Result<String> {
        let mut gates = Vec::new();
        for connection in &self.parts.connections {
            let rows = self.parts.ledger.gates(connection.source.id()).await?;
            gates.extend(rows.into_iter().map(|row| (row.id.0, format!("{} {}", row.gate, row.sampled_at_ms))));
        }
        gates.sort();
        Ok(relate_inputs(&gates, log, &self.options))
    }

    async fn store_keys(&self, keys: Vec<ForeignKey>, tables: &HashMap<Fqn, TableRef>) -> Result<()> {
        let mut by_child: BTreeMap<Fqn, Vec<ForeignKey>> = BTreeMap::new();
        for key in keys {
            by_child.entry(key.child.table.clone()).or_default().push(key);
        }
        let mut changed = Vec::new();
        let mut touched = BTreeSet::new();
        self.each_link(|old| {
            let new = by_child.remove(&old.table.fqn).unwrap_or_default();
            if !same_keys(&old.keys, &new) {
                touched.insert(old.table.fqn.clone());
                touched.extend(old.keys.into_iter().map(|k| k.parent.table));
                touched.extend(new.iter().map(|k| k.parent.table.clone()));
                changed.push((old.table.id, new));
            }
        })
        .await?;
        let items: Vec<WorkItem> = touched
            .iter()
            .filter_map(|fqn| tables.get(fqn))
            .map(|table| WorkItem::new(table.clone(), WakeReason::Sweep))
            .collect();
        if !items.is_empty() {
            self.index_is_stale().await?;
        }
        // Queued before they are stored: a crash between the two describes a table once too often, never too rarely.
        self.parts.ledger.enqueue(&items, WalkStage::Describe).await?;
        fail_point!("walk::after_touched");
        self.parts.ledger.set_keys(&changed).await
    }

    /// The keys, and whether every check gave an answer that will stay.
    async fn infer(&self, input: &RelateInput, tables: &HashMap<Fqn, TableRef>) -> Result<(Vec<ForeignKey>, bool)> {
        let matcher = &self.parts.matcher;
        let (candidates, plan) = self.stages.time_sync("relate", || {
            let candidates = matcher.candidates(input);
            let plan = matcher.plan(input, &candidates, self.options.confirm);
            (candidates, plan)
        });
        if plan.beyond_budget > 0 {
            tracing::warn!(candidates = plan.beyond_budget, "keys left unconfirmed: the budget of checks is used up");
        }
        self.progress.stage("confirm", Some(plan.checks.len() as u64));
        let mut counts = Vec::with_capacity(plan.checks.len());
        let mut settled = true;
        for check in plan.checks {
            let count = self.stages.time("confirm", self.count(&check, tables)).await;
            if let Err(error) = &count {
                settled &= error.retry() == Retry::Permanent;
                tracing::warn!(child = %check.child.table, parent = %check.parent.table, error = %error, "key not checked");
            }
            counts.push((check, count.ok()));
            self.progress.advance(1);
        }
        Ok((self.stages.time_sync("relate", || matcher.conclude(input, candidates, &counts)), settled))
    }

    fn key_table(&self, state: TableState) -> KeyTable {
        let hide = self.options.ignore_declared_keys;
        let TableState { table, profile, fingerprints, .. } = state;
        let columns = table.columns.iter().map(|c| (c.name.clone(), c.data_type));
        KeyTable {
            fqn: table.table_ref.fqn.clone(),
            catalog: table.table_ref.source.0.clone(),
            kind: table.kind,
            row_count: profile.map_or(0, |p| p.row_count),
            columns: columns.zip(fingerprints).map(|((name, kind), print)| (name, kind, lean(kind, print))).collect(),
            primary_key: if hide { Vec::new() } else { table.primary_key },
            declared: if hide { Vec::new() } else { table.declared_keys },
        }
    }
}

/// Without the hashes that no search looks at: all tables are in memory at once.
fn lean(kind: DataType, mut print: Fingerprint) -> Fingerprint {
    if can_be_in_a_key(kind, &print) {
        print.hashes.shrink_to_fit();
    } else {
        print.hashes = Vec::new();
    }
    print
}

/// Do two lists of keys say the same? Scores and witnesses move with every sample and count only when they change
/// the verdict.
fn same_keys(old: &[KeyLink], new: &[ForeignKey]) -> bool {
    let (mut old, mut new) = (old.to_vec(), new.iter().map(KeyLink::of).collect::<Vec<_>>());
    old.sort();
    new.sort();
    old == new
}
