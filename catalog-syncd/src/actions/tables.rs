//! Tables: finding one by its name, waking some, trying parked ones again.

use catalog_core::model::{Fqn, TableId, TableRef, TableState, WakeReason, WalkStage, WorkItem};
use catalog_core::{Error, ErrorKind, Result};

use super::Desk;

/// States read at a time.
const PAGE: usize = 500;

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
            Wanted::Table(name) => vec![self.table(name).await?.table.table_ref],
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
        let parked = self.ledger.parked().await?;
        if let Some(missing) = ids.into_iter().flatten().find(|id| parked.iter().all(|p| p.table.id != **id)) {
            return Err(Error::new(ErrorKind::NotFound, "retry_table", "the table is not parked").with("id", missing));
        }
        let chosen = parked.into_iter().map(|p| p.table).filter(|t| ids.is_none_or(|ids| ids.contains(&t.id)));
        Ok(Retried { queued: self.wake_all(chosen.collect()).await? })
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

    /// The table of that name, or the only one whose name ends so.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` when several names end so.
    pub async fn table(&self, name: &str) -> Result<TableState> {
        let wanted: Fqn = name.parse()?;
        let mut matches: Vec<TableRef> = Vec::new();
        let mut after = None;
        'pages: loop {
            let page = self.ledger.links(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.id.clone());
            for link in page {
                if link.table.fqn == wanted {
                    matches = vec![link.table];
                    break 'pages;
                }
                if link.table.fqn.parts().ends_with(wanted.parts()) {
                    matches.push(link.table);
                }
            }
        }
        let unknown = || {
            Error::new(ErrorKind::NotFound, "find_table", "the ledger knows no such table")
                .with("name", name)
                .hint("`catalog-syncd sync --output json` lists every table by its full name")
        };
        if matches.len() > 1 {
            let names: Vec<String> = matches.iter().take(5).map(|t| t.fqn.to_string()).collect();
            let why = format!("{} tables have a name that ends so", matches.len());
            return Err(Error::new(ErrorKind::InvalidInput, "find_table", why)
                .with("name", name)
                .hint(format!("give the whole name, for example {}", names.join(" or "))));
        }
        let reference = matches.pop().ok_or_else(unknown)?;
        self.ledger.state(&reference.id).await?.ok_or_else(unknown)
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
