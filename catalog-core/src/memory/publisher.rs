//! A catalog in memory, with people who edit it and connections that break.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::model::{CurrentField, CurrentTable, FieldPath, FieldValue, Operation, TableId, TableRef, WriteOutcome};
use crate::ports::{Publisher, PublisherCapabilities};
use crate::{Error, ErrorKind, Result};

/// Holds an entry for every table that is asked for; it is empty at first.
pub struct MemoryPublisher {
    optimistic_locking: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<TableId, CurrentTable>,
    gone: BTreeSet<TableId>,
    last_version: u64,
    writes: u64,
    edits_before_write: Vec<(TableId, FieldPath, FieldValue)>,
    lose_next_answer: bool,
    fail_next: Option<ErrorKind>,
}

impl Default for MemoryPublisher {
    fn default() -> Self {
        Self { optimistic_locking: true, state: Mutex::default() }
    }
}

impl MemoryPublisher {
    /// A catalog that does not look at versions, as old servers do.
    pub fn without_locking() -> Self {
        Self { optimistic_locking: false, ..Self::default() }
    }

    /// A person edits a field.
    pub fn set_by_human(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        self.lock().edit(&table.id, field, value);
    }

    /// Somebody drops the table.
    pub fn drop_table(&self, table: &TableRef) {
        let mut state = self.lock();
        state.entries.remove(&table.id);
        state.gone.insert(table.id.clone());
    }

    /// A person edits the field as soon as the next write arrives, before it is looked at. Several edits wait in
    /// order, one a write.
    pub fn edit_before_write(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        self.lock().edits_before_write.push((table.id.clone(), field.clone(), value));
    }

    /// The next write is made, and its answer is lost.
    pub fn lose_next_answer(&self) {
        self.lock().lose_next_answer = true;
    }

    /// The next call fails with this kind and does nothing.
    pub fn fail_next(&self, kind: ErrorKind) {
        self.lock().fail_next = Some(kind);
    }

    /// How many writes changed an entry.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn entry(&mut self, id: &TableId) -> &mut CurrentTable {
        self.entries.entry(id.clone()).or_insert_with(|| CurrentTable { version: "0".to_owned(), fields: Vec::new() })
    }

    fn next_version(&mut self) -> String {
        self.last_version += 1;
        self.last_version.to_string()
    }

    fn edit(&mut self, id: &TableId, field: &FieldPath, value: FieldValue) {
        let version = self.next_version();
        let entry = self.entry(id);
        entry.set(field, Some(CurrentField { value, by_human: true }));
        entry.version = version;
    }

    fn fail(&mut self, operation: &'static str) -> Result<()> {
        match self.fail_next.take() {
            Some(kind) => Err(Error::new(kind, operation, "the catalog in memory was told to fail")),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Publisher for MemoryPublisher {
    fn capabilities(&self) -> PublisherCapabilities {
        PublisherCapabilities { optimistic_locking: self.optimistic_locking }
    }

    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        let mut state = self.lock();
        state.fail("read_entry")?;
        if state.gone.contains(&table.id) {
            return Ok(None);
        }
        Ok(Some(state.entry(&table.id).clone()))
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        let mut state = self.lock();
        state.fail("write_entry")?;
        if !state.edits_before_write.is_empty() {
            let (id, field, value) = state.edits_before_write.remove(0);
            state.edit(&id, &field, value);
        }
        if operations.iter().any(|o| o.table.id != table.id) {
            return Err(Error::new(ErrorKind::InvalidInput, "write_entry", "an operation belongs to another table")
                .with("table", &table.fqn));
        }
        if state.gone.contains(&table.id) {
            return Ok(WriteOutcome::Conflict { current: None });
        }
        let entry = state.entry(&table.id).clone();
        if operations.iter().all(|o| entry.holds_after(o)) {
            return Ok(WriteOutcome::AlreadyThere);
        }
        let stale = self.optimistic_locking && entry.version != based_on.version;
        if stale || !operations.iter().all(|o| entry.holds_before(o)) {
            return Ok(WriteOutcome::Conflict { current: Some(entry) });
        }
        let version = state.next_version();
        let entry = state.entry(&table.id);
        operations.iter().for_each(|o| entry.apply(o));
        entry.version.clone_from(&version);
        state.writes += 1;
        if std::mem::take(&mut state.lose_next_answer) {
            return Err(Error::new(ErrorKind::Unavailable, "write_entry", "the connection broke after the write")
                .with("table", &table.fqn));
        }
        Ok(WriteOutcome::Applied { version })
    }

    async fn table_gone(&self, table: &TableId) -> Result<()> {
        let mut state = self.lock();
        state.fail("forget_entry")?;
        state.entries.remove(table);
        Ok(())
    }
}
