//! Stage 7: which keys nobody declared.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use catalog_core::model::{
    ConfirmCheck, ForeignKey, Fqn, KeyColumn, KeyTable, MinedJoin, RelateInput, TableId, TableState, WakeReason,
    WalkStage, WorkItem,
};
use catalog_core::ports::ledger::{GateRow, KeyLink};
use catalog_core::{Error, Result, Retry};
use catalog_fk::can_be_in_a_key;
use catalog_publish::fail_point;
use catalog_store::{HashFile, HashFileWriter};

use super::gate::{hash, relate_inputs};
use super::run::Walk;

/// Tables whose keys are stored in one transaction.
const STORED_AT_ONCE: usize = 500;

/// All tables as the search sees them: about a hundred bytes a column, their hashes outside memory.
struct Gathered {
    input: RelateInput,
    /// Of each table of the input.
    ids: Vec<TableId>,
    hashes: Arc<HashFile>,
}

/// What ends a search.
enum Halt {
    /// The ledger cannot be used, and so the run cannot go on.
    Run(Error),
    /// Hashes cannot be kept or read outside memory; nothing else needs them.
    Pass(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

impl Walk {
    /// Infers keys over all tables, unless tables, log and options are what they were the last time, and queues for
    /// description those whose keys changed, at either end. Gives why keys were not searched when the disk has no room
    /// for it: tables keep the keys that they had, and the next run searches.
    pub(super) async fn relate(&self, joins: Vec<MinedJoin>, log: &str) -> Result<Option<Error>> {
        let inputs = self.relate_inputs(log).await?;
        let note = self.relate_note();
        if self.parts.ledger.note(&note).await?.is_some_and(|old| old == inputs) {
            return Ok(None);
        }
        self.progress.stage("relate", None);
        let (keys, settled) = match self.search(joins).await {
            Ok(found) => found,
            Err(Halt::Run(error)) => return Err(error),
            Err(Halt::Pass(error)) => {
                tracing::error!(error.kind = error.kind().as_str(), %error, "keys not searched");
                return Ok(Some(error));
            }
        };
        fail_point!("walk::before_keys");
        self.store_keys(keys).await?;
        fail_point!("walk::after_keys");
        // A count that failed for a while is tried again by the next sync.
        if settled {
            self.parts.ledger.set_note(&note, &inputs).await?;
        }
        Ok(None)
    }

    async fn search(&self, joins: Vec<MinedJoin>) -> Result<(Vec<ForeignKey>, bool), Halt> {
        let gathered = self.gather(joins).await?;
        self.infer(gathered).await
    }

    /// The ledger's note of what this set of sources was last related from.
    fn relate_note(&self) -> String {
        let mut sources: Vec<&str> = self.parts.connections.iter().map(|c| c.source.id().0.as_str()).collect();
        sources.sort_unstable();
        format!("related:{}", hash(&sources))
    }

    async fn relate_inputs(&self, log: &str) -> Result<String> {
        let mut gates: Vec<GateRow> = Vec::new();
        for connection in &self.parts.connections {
            gates.append(&mut self.parts.ledger.gates(connection.source.id()).await?);
        }
        gates.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(relate_inputs(&gates, log, &self.options))
    }

    async fn gather(&self, joins: Vec<MinedJoin>) -> Result<Gathered, Halt> {
        let mut writer = HashFileWriter::in_folder(&self.parts.scratch.folder).map_err(Halt::Pass)?;
        writer = writer.holding(self.parts.scratch.held_bytes_max);
        let (mut tables, mut ids, mut names) = (Vec::new(), Vec::new(), HashSet::new());
        let mut failed = None;
        self.each_state(|mut state| {
            if failed.is_some() {
                return;
            }
            let prints = std::mem::take(&mut state.fingerprints);
            let mut columns = Vec::with_capacity(prints.len());
            for (column, mut print) in state.table.columns.iter().zip(prints) {
                let mut hashes = std::mem::take(&mut print.hashes);
                // No search looks at these.
                if !can_be_in_a_key(column.data_type, print.family) {
                    hashes.clear();
                }
                failed = failed.take().or(writer.push(&hashes).err());
                columns.push(KeyColumn::new(shared(&mut names, &column.name), column.data_type, print));
            }
            ids.push(state.table.table_ref.id.clone());
            tables.push(self.key_table(state, columns));
        })
        .await?;
        if let Some(error) = failed {
            return Err(Halt::Pass(error));
        }
        let hashes = Arc::new(writer.finish().map_err(Halt::Pass)?);
        let input = RelateInput { tables, joins, hashes: Some(Arc::clone(&hashes) as _) };
        Ok(Gathered { input, ids, hashes })
    }

    /// Queues the tables whose keys changed, and stores the keys.
    async fn store_keys(&self, keys: Vec<ForeignKey>) -> Result<()> {
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
        drop(by_child);
        // Queued before they are stored: a crash between the two describes a table once too often, never too rarely.
        self.queue_touched(&touched).await?;
        fail_point!("walk::after_touched");
        // A crash between two parts leaves the note unwritten, so that keys are inferred again.
        while !changed.is_empty() {
            let part = changed.split_off(changed.len().saturating_sub(STORED_AT_ONCE));
            self.parts.ledger.set_keys(&part).await?;
        }
        Ok(())
    }

    async fn queue_touched(&self, touched: &BTreeSet<Fqn>) -> Result<()> {
        if touched.is_empty() {
            return Ok(());
        }
        self.index_is_stale().await?;
        let mut after: Option<TableId> = None;
        loop {
            let page = self.parts.ledger.links(after.as_ref(), self.options.page_size).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.table.id.clone());
            let of_ours = page.into_iter().filter(|l| self.parts.connection(&l.table.source).is_some());
            let items: Vec<WorkItem> = of_ours
                .filter(|links| touched.contains(&links.table.fqn))
                .map(|links| WorkItem::new(links.table, WakeReason::Sweep))
                .collect();
            self.parts.ledger.enqueue(&items, WalkStage::Describe).await?;
        }
    }

    /// The keys, and whether every check gave an answer that will stay.
    async fn infer(&self, gathered: Gathered) -> Result<(Vec<ForeignKey>, bool), Halt> {
        let (matcher, input) = (&self.parts.matcher, &gathered.input);
        let (candidates, plan) = self.stages.time_sync("relate", || {
            let candidates = matcher.candidates(input);
            let plan = matcher.plan(input, &candidates, self.options.confirm);
            (candidates, plan)
        });
        gathered.hashes.check().map_err(Halt::Pass)?;
        if plan.beyond_budget > 0 {
            tracing::warn!(candidates = plan.beyond_budget, "keys left unconfirmed: the budget of checks is used up");
        }
        self.progress.stage("confirm", Some(plan.checks.len() as u64));
        let sides = sides(&gathered, &plan.checks);
        let mut counts = Vec::with_capacity(plan.checks.len());
        let mut settled = true;
        for check in plan.checks {
            let count = self.stages.time("confirm", self.count(&check, &sides)).await;
            if let Err(error) = &count {
                settled &= error.retry() == Retry::Permanent;
                tracing::warn!(child = %check.child.table, parent = %check.parent.table, error = %error, "key not checked");
            }
            counts.push((check, count.ok()));
            self.progress.advance(1);
        }
        let keys = self.stages.time_sync("relate", || matcher.conclude(input, candidates, &counts));
        gathered.hashes.check().map_err(Halt::Pass)?;
        Ok((keys, settled))
    }

    fn key_table(&self, state: TableState, columns: Vec<KeyColumn>) -> KeyTable {
        let hide = self.options.ignore_declared_keys;
        let TableState { table, profile, .. } = state;
        KeyTable {
            fqn: table.table_ref.fqn,
            catalog: table.table_ref.source.0,
            kind: table.kind,
            row_count: profile.map_or(0, |p| p.row_count),
            columns,
            primary_key: if hide { Vec::new() } else { table.primary_key },
            declared: if hide { Vec::new() } else { table.declared_keys },
        }
    }
}

/// The tables that checks are about, by name.
fn sides(gathered: &Gathered, checks: &[ConfirmCheck]) -> HashMap<Fqn, TableId> {
    let named: HashSet<&Fqn> = checks.iter().flat_map(|check| [&check.child.table, &check.parent.table]).collect();
    let tables = gathered.input.tables.iter().zip(&gathered.ids);
    tables.filter(|(table, _)| named.contains(&table.fqn)).map(|(table, id)| (table.fqn.clone(), id.clone())).collect()
}

/// The name, its text shared with the equal ones before it.
fn shared(names: &mut HashSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.get(name) {
        return Arc::clone(known);
    }
    let new: Arc<str> = name.into();
    names.insert(Arc::clone(&new));
    new
}

/// Do two lists of keys say the same? Scores and witnesses move with every sample and count only when they change
/// the verdict.
fn same_keys(old: &[KeyLink], new: &[ForeignKey]) -> bool {
    let (mut old, mut new) = (old.to_vec(), new.iter().map(KeyLink::of).collect::<Vec<_>>());
    old.sort();
    new.sort();
    old == new
}
