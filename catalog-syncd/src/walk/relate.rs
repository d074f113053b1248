//! Stage 7: which keys nobody declared.

use std::collections::{BTreeMap, HashMap};

use catalog_core::Result;
use catalog_core::model::{
    ForeignKey, Fqn, KeyTable, MinedJoin, RelateInput, Table, TableId, TableState, WakeReason, WalkStage, WorkItem,
};

use super::run::Walk;

impl Walk {
    /// Infers keys over all tables and queues for description those whose keys changed, at either end.
    pub(super) async fn relate(&self, joins: Vec<MinedJoin>) -> Result<()> {
        let states = self.all_states().await?;
        let mut tables = HashMap::new();
        let mut old_keys = HashMap::new();
        let mut input = RelateInput { tables: Vec::with_capacity(states.len()), joins };
        for state in states {
            old_keys.insert(state.table.fqn().clone(), state.keys.clone());
            tables.insert(state.table.fqn().clone(), state.table.clone());
            input.tables.push(self.key_table(state));
        }
        let keys = self.infer(&input, &tables).await?;
        let mut by_child: BTreeMap<Fqn, Vec<ForeignKey>> = BTreeMap::new();
        for key in keys {
            by_child.entry(key.child.table.clone()).or_default().push(key);
        }
        let mut changed = Vec::new();
        let mut touched = Vec::new();
        for (fqn, old) in &old_keys {
            let new = by_child.remove(fqn).unwrap_or_default();
            if same_keys(old, &new) {
                continue;
            }
            touched.push(fqn.clone());
            touched.extend(old.iter().chain(&new).map(|k| k.parent.table.clone()));
            if let Some(table) = tables.get(fqn) {
                changed.push((table.table_ref.id.clone(), new));
            }
        }
        self.parts.ledger.set_keys(&changed).await?;
        touched.sort();
        touched.dedup();
        let items: Vec<WorkItem> = touched
            .iter()
            .filter_map(|fqn| tables.get(fqn))
            .map(|table| WorkItem { table: table.table_ref.clone(), reason: WakeReason::Sweep })
            .collect();
        self.parts.ledger.enqueue(&items, WalkStage::Describe).await?;
        Ok(())
    }

    async fn infer(&self, input: &RelateInput, tables: &HashMap<Fqn, Table>) -> Result<Vec<ForeignKey>> {
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
        for check in plan.checks {
            let count = self.stages.time("confirm", self.count(&check, tables)).await;
            if let Err(error) = &count {
                tracing::warn!(child = %check.child.table, parent = %check.parent.table, error = %error, "key not checked");
            }
            counts.push((check, count.ok()));
            self.progress.advance(1);
        }
        Ok(self.stages.time_sync("relate", || matcher.conclude(input, candidates, &counts)))
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
            columns: columns.zip(fingerprints).map(|((name, kind), print)| (name, kind, print)).collect(),
            primary_key: if hide { Vec::new() } else { table.primary_key },
            declared: if hide { Vec::new() } else { table.declared_keys },
        }
    }

    /// Every state in the ledger that belongs to one of this walk's sources.
    pub(super) async fn all_states(&self) -> Result<Vec<TableState>> {
        let mut states: Vec<TableState> = Vec::new();
        let mut after: Option<TableId> = None;
        loop {
            let page = self.parts.ledger.states(after.as_ref(), self.options.page_size).await?;
            let Some(last) = page.last() else { return Ok(states) };
            after = Some(last.table.table_ref.id.clone());
            states.extend(page.into_iter().filter(|s| self.parts.connection_of(&s.table).is_some()));
        }
    }
}

/// Do two lists of keys say the same? Scores and witnesses move with every sample and count only when they change
/// the verdict.
fn same_keys(a: &[ForeignKey], b: &[ForeignKey]) -> bool {
    let essence = |keys: &[ForeignKey]| {
        let mut all: Vec<_> = keys.iter().map(|k| (k.child.clone(), k.parent.clone(), k.status)).collect();
        all.sort();
        all
    };
    essence(a) == essence(b)
}
