//! One guarded write, from the first look to the last.

use catalog_core::model::{CurrentTable, FieldPath, Operation, TableRef, WriteOutcome};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{HttpResponse, Method};
use serde_json::Value;

use super::OmPublisher;
use super::current::Snapshot;
use crate::client::{Call, succeeded};
use crate::settings::FkAs;

/// What the server made of a patch.
enum Sent {
    Done,
    /// It was refused because something is not as it was read.
    Refused,
    /// It names a tag that went away since we saw it.
    UnknownTag,
}

impl OmPublisher {
    /// The caller holds the table's lock.
    pub(super) async fn write_guarded(
        &self,
        table: &TableRef,
        based_on: &CurrentTable,
        operations: &[Operation],
    ) -> Result<WriteOutcome> {
        let fields = fields_of(operations);
        let snapshot = self.snapshot(table, &fields).await?;
        let Some(snapshot) = snapshot else { return Ok(WriteOutcome::Conflict { current: None }) };
        if operations.iter().all(|o| is_in_the_entry(o) && snapshot.current.holds_after(o)) {
            return Ok(WriteOutcome::AlreadyThere);
        }
        if !may_write(&snapshot.current, based_on, operations) {
            return Ok(WriteOutcome::Conflict { current: Some(snapshot.current) });
        }
        let patch = self.patch(&snapshot, operations)?;
        let (tags, by_person) = (patch.tags.clone(), patch.by_person);
        self.ensure_tags(&tags).await?;
        if let Some(body) = patch.body(&snapshot.table) {
            let mut sent = self.send_patch(&snapshot, &body, by_person).await?;
            if matches!(sent, Sent::UnknownTag) {
                self.known_tags.lock().await.retain(|tag| !tags.contains(tag));
                self.ensure_tags(&tags).await?;
                sent = self.send_patch(&snapshot, &body, by_person).await?;
            }
            if !matches!(sent, Sent::Done) {
                return self.refused(table, based_on, operations).await;
            }
        }
        if self.settings.fk_as.contains(&FkAs::Lineage) {
            self.write_keys(&snapshot, operations).await?;
        }
        self.write_beside(&snapshot, operations).await?;
        self.seen(table, operations).await
    }

    async fn send_patch(&self, snapshot: &Snapshot, body: &Value, by_person: bool) -> Result<Sent> {
        let source = if by_person { "Manual" } else { "Automated" };
        let tag = self.server.optimistic_locking.then(|| snapshot.table.weak_tag());
        let call = Call::new("patch_table", Method::Patch, format!("/tables/{}", snapshot.table.id))
            .query("changeSource", source)
            .if_match(tag)
            .json(body);
        let response = self.client.send(call).await?;
        match response.status() {
            412 => Ok(Sent::Refused),
            500 if is_about_the_patch(&response) => Ok(Sent::Refused),
            404 if mentions(&response, "tag instance") => Ok(Sent::UnknownTag),
            404 => Ok(Sent::Refused),
            _ => succeeded(response).map(|_| Sent::Done),
        }
    }

    /// Why the server refused: usually because somebody was faster. When nothing changed it would refuse for ever,
    /// and nothing weaker is tried.
    async fn refused(
        &self,
        table: &TableRef,
        based_on: &CurrentTable,
        operations: &[Operation],
    ) -> Result<WriteOutcome> {
        let now = self.snapshot(table, &fields_of(operations)).await?;
        let Some(now) = now else { return Ok(WriteOutcome::Conflict { current: None }) };
        if !may_write(&now.current, based_on, operations) {
            return Ok(WriteOutcome::Conflict { current: Some(now.current) });
        }
        Err(Error::new(ErrorKind::Conflict, "write_entry", "the server refuses the version that it shows itself")
            .with("table", &table.fqn)
            .with("version", &now.table.version)
            .with("server", &self.server.version)
            .hint("nothing was written; look for a proxy that changes ETags, or update OpenMetadata"))
    }

    /// Reads back. A person who was faster than this look is a conflict; a server that shows the old value stored
    /// nothing, whatever it said.
    async fn seen(&self, table: &TableRef, operations: &[Operation]) -> Result<WriteOutcome> {
        let now = self.snapshot(table, &fields_of(operations)).await?;
        let Some(now) = now else { return Ok(WriteOutcome::Conflict { current: None }) };
        let missing = operations.iter().filter(|o| is_in_the_entry(o)).find(|o| !now.current.holds_after(o));
        match missing {
            None => Ok(WriteOutcome::Applied { version: now.current.version }),
            Some(operation) if now.current.holds_before(operation) => {
                Err(self.not_stored(&operation.field.to_string(), &table.fqn))
            }
            Some(_) => Ok(WriteOutcome::Conflict { current: Some(now.current) }),
        }
    }
}

/// Is the state the one that the operations were planned on, every field as it was, and none a person's that the
/// operation may not touch?
fn may_write(now: &CurrentTable, based_on: &CurrentTable, operations: &[Operation]) -> bool {
    let persons = |o: &&Operation| now.get(&o.field).is_some_and(|field| field.by_human) && !o.by_person();
    let entry: Vec<&Operation> = operations.iter().filter(|o| is_in_the_entry(o)).collect();
    now.version == based_on.version && entry.iter().all(|o| now.holds_before(o)) && !entry.iter().any(persons)
}

/// Can the field be seen in [`CurrentTable`]? Counts stand beside the entry.
fn is_in_the_entry(operation: &Operation) -> bool {
    !matches!(operation.field, FieldPath::Usage { .. })
}

fn fields_of(operations: &[Operation]) -> Vec<FieldPath> {
    operations.iter().map(|operation| operation.field.clone()).collect()
}

/// Is this the server's way to say that a test failed or a path leads nowhere? It answers 500 to both, and newer ones
/// may find out while they look at our rights.
fn is_about_the_patch(response: &HttpResponse) -> bool {
    ["TEST fails", "contains no element", "contains no value", "contains no mapping", "Error processing JSON Patch"]
        .into_iter()
        .any(|words| mentions(response, words))
}

fn mentions(response: &HttpResponse, words: &str) -> bool {
    response.body().windows(words.len()).any(|window| window == words.as_bytes())
}
