//! Where tables are discovered.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::model::{CatalogTag, Fqn, SourceId, Table, TableId, TableRef};
use crate::{Error, Result};

/// One entry of a listing: a table, or a table that is there and could not be read.
pub enum Discovered {
    /// A readable table.
    Table(Box<Table>),
    /// A table whose schema could not be read; it is parked with the error and the others go on.
    Unreadable(TableRef, Error),
}

/// One page of a listing.
pub struct TablePage {
    /// The entries, in the source's stable order.
    pub tables: Vec<Discovered>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<String>,
    /// How often a table is queried, as far as the source counts (see [`WorkItem::uses`](crate::model::WorkItem)).
    /// Use moves by itself, so it is no part of a table.
    pub uses: HashMap<TableId, u64>,
}

impl TablePage {
    /// A page of tables whose use nobody counts.
    pub fn new(tables: Vec<Discovered>, next: Option<String>) -> Self {
        Self { tables, next, uses: HashMap::new() }
    }
}

/// What changed in a source since a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChanges {
    /// The source cannot tell, or more changed than was asked for: list everything.
    Unknown,
    /// These changed, as far as the source can tell. They are hints: read each table again, and let a full listing be
    /// the truth now and then.
    Known {
        /// Tables that came or changed, each once.
        changed: Vec<Fqn>,
        /// Tables that went, each once.
        gone: Vec<TableId>,
        /// The source's own time of the newest change, in milliseconds since 1970; ask from here the next time.
        through_ms: i64,
    },
}

/// A table that another one is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its name.
    pub fqn: Fqn,
    /// What the catalog says of it, if anything.
    pub description: Option<String>,
}

/// Lists tables and their schemas.
#[async_trait]
pub trait MetadataSource: Send + Sync {
    /// The source's id: part of every table's reference.
    fn id(&self) -> &SourceId;

    /// One page of all tables and views, at most `limit`. `cursor` is what the page before gave, `None` at the
    /// start. Holds nothing between calls; may be called again with the same cursor. A table created or dropped
    /// between pages may be missed or listed; the next sweep corrects it.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt`, `Forbidden` or `Unavailable` when the whole source cannot be listed.
    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage>;

    /// One table as it is now; `None` when it is gone.
    ///
    /// # Errors
    /// As [`MetadataSource::list`].
    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>>;

    /// The classification tags on the table's columns, by column name; a column without tags may be left out. A
    /// source without tags gives none.
    ///
    /// # Errors
    /// As [`MetadataSource::list`].
    async fn column_tags(&self, _table: &Table) -> Result<Vec<(String, Vec<CatalogTag>)>> {
        Ok(Vec::new())
    }

    /// What changed at or after `since_ms` (milliseconds since 1970, by the source's own clock), at most `limit`
    /// tables. Changes near `since_ms` may be told twice, none is left out because it came late. Our own writes are
    /// left out.
    ///
    /// # Errors
    /// As [`MetadataSource::list`].
    async fn changes(&self, _since_ms: i64, _limit: usize) -> Result<SourceChanges> {
        Ok(SourceChanges::Unknown)
    }

    /// The nearest tables that this one is made from, at most `limit`; names alone where the source keeps no texts.
    ///
    /// # Errors
    /// As [`MetadataSource::list`].
    async fn upstream(&self, table: &Table, limit: usize) -> Result<Vec<Upstream>> {
        let of = |fqn: &Fqn| Upstream { fqn: fqn.clone(), description: None };
        Ok(table.upstream.iter().take(limit).map(of).collect())
    }
}
