//! Tables: finding one by its name, waking some, trying parked ones again.

use std::collections::HashSet;

use catalog_core::model::{Fqn, TableId, TableRef, TableState, WakeReason, WalkStage, WorkItem};
use catalog_core::{Error, ErrorKind, Result};

use super::Desk;

/// Tables read at a time.
const PAGE: usize = 500;
/// Tables looked at that share the end of a name.
const ENDINGS_MAX: usize = 100;

/// Which tables a person wants walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All: a sweep finds what changed.
    All,
    /// Those whose name meets the pattern; `*` stands for any text. Walked whether they changed or not.
    Matching(String),
    /// One, by its name or the end of it as long as that is unique. Walked whether it changed or not.
    Table(String),
}

/// What came of trying parked tables again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Retried {
    /// Tables queued.
    pub queued: u64,
}

impl Desk {
    /// Queues the tables that are wanted; `None` when a sweep has to find them.
    ///
    /// # Errors
    /// `NotFound` when no known table is meant, `InvalidInput` when a name means several.
    pub async fn queue(&self, wanted: &Wanted) -> Result<Option<u64>> {
        let tables = match wanted {
            Wanted::All => return Ok(None),
            Wanted::Table(name) => vec![self.named(name).await?],
            Wanted::Matching(pattern) => self.matching(pattern).await?,
        };
        if tables.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, "queue_tables", "no known table has such a name")
                .hint("a table that is not known yet is found by a sweep over all"));
        }
        self.wake_all(tables).await.map(Some)
    }

    /// Queues parked tables again: those given, or all.
    ///
    /// # Errors
    /// `NotFound` when one of the given is not parked.
    pub async fn retry(&self, ids: Option<&[TableId]>) -> Result<Retried> {
        let Some(ids) = ids else { return self.retry_all().await };
        let mut chosen = Vec::with_capacity(ids.len());
        for id in ids {
            let parked = self.ledger.parked_table(id).await?;
            let missing = || Error::new(ErrorKind::NotFound, "retry_table", "the table is not parked").with("id", id);
            chosen.push(parked.ok_or_else(missing)?.table);
        }
        Ok(Retried { queued: self.wake_all(chosen).await? })
    }

    async fn retry_all(&self) -> Result<Retried> {
        let (mut queued, mut after) = (0, None);
        loop {
            let page = self.ledger.parked_page(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(Retried { queued }) };
            after = Some(last.table.id.clone());
            queued += self.wake_all(page.into_iter().map(|parked| parked.table).collect()).await?;
        }
    }

    async fn wake_all(&self, tables: Vec<TableRef>) -> Result<u64> {
        let items: Vec<WorkItem> = tables.into_iter().map(|table| WorkItem::new(table, WakeReason::Manual)).collect();
        self.ledger.enqueue(&items, WalkStage::Inspect).await?;
        Ok(items.len() as u64)
    }

    async fn matching(&self, pattern: &str) -> Result<Vec<TableRef>> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.ledger.links(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.table.id.clone());
            found.extend(page.into_iter().map(|l| l.table).filter(|t| meets(&t.fqn.to_string(), pattern)));
        }
    }

    /// What was found of the table of that name, or of the only one whose name ends so.
    ///
    /// # Errors
    /// `NotFound`, also when the table was never walked; `InvalidInput` when several names end so.
    pub async fn table(&self, name: &str) -> Result<TableState> {
        let table = self.named(name).await?;
        let unwalked = || {
            Error::new(ErrorKind::NotFound, "find_table", "the table was never walked to its end")
                .with("name", &table.fqn)
                .hint("`catalog-syncd explain` says why it is parked")
        };
        self.ledger.state(&table.id).await?.ok_or_else(unwalked)
    }

    /// The names of the walked or parked table of that name, or of the only one whose name ends so. The ledger finds
    /// either in an index; other tables are not looked at.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` when several names end so.
    pub(super) async fn named(&self, name: &str) -> Result<TableRef> {
        let wanted: Fqn = name.parse()?;
        if let Some(table) = self.ledger.named(&wanted).await? {
            return Ok(table);
        }
        let mut found = self.ledger.named_like(&wanted, ENDINGS_MAX + 1).await?;
        // One that was renamed since it was parked stands under two names.
        let mut seen = HashSet::new();
        found.retain(|table| seen.insert(table.id.clone()));
        if found.len() > 1 {
            let names: Vec<String> = found.iter().take(5).map(|table| table.fqn.to_string()).collect();
            let count = if found.len() > ENDINGS_MAX { format!("over {ENDINGS_MAX}") } else { found.len().to_string() };
            let why = format!("{count} tables have a name that ends so");
            return Err(Error::new(ErrorKind::InvalidInput, "find_table", why)
                .with("name", name)
                .hint(format!("give the whole name, for example {}", names.join(" or "))));
        }
        found.pop().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "find_table", "the ledger knows no such table")
                .with("name", name)
                .hint("`catalog-syncd sync --output json` lists every table by its full name")
        })
    }
}

/// Does the name meet the pattern, in which `*` stands for any text? Letter case does not matter.
fn meets(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        for (name, pattern, met) in [
            ("dwh.shop.orders", "dwh.*", true),
            ("dwh.shop.orders", "*.ORDERS", true),
            ("dwh.shop.orders", "dwh.*.orders", true),
            ("dwh.shop.orders", "*o*o*", true),
            ("dwh.shop.orders", "dwh.shop", false),
            ("dwh.shop.orders", "shop*", false),
            ("dwh.shop.orders", "*", true),
            ("aba", "ab*ba", false),
        ] {
            assert_eq!(meets(name, pattern), met, "{name} {pattern}");
        }
    }
}
