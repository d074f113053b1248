//! Where tables are discovered.

use async_trait::async_trait;

use crate::model::{Fqn, SourceId, Table, TableRef};
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
}
