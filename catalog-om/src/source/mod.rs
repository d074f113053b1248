//! Tables and their schemas, as the catalog lists them.

mod changes;
mod table;
mod upstream;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use catalog_core::model::{CatalogTag, Fqn, SourceId, Table, TableId};
use catalog_core::ports::{Discovered, MetadataSource, SourceChanges, TablePage, Upstream};
use catalog_core::{Error, ErrorKind, Result};
use serde_json::Value;

use self::table::Reading;
pub(crate) use self::table::{column_member, path_name, referred};
use crate::authors::Authors;
use crate::client::{Call, OmClient, malformed};
use crate::path_segment;
use crate::probe::{OmService, ServerCapabilities};
use crate::rules::{RuleFacts, Rules};
use crate::settings::{FkAs, OmSettings};
use crate::wire::{OmReference, OmTable, Page};

/// A listing of more pages than this goes in circles.
const PAGES_MAX: u64 = 1_000_000;

/// OpenMetadata as a source of tables. Nothing is held between calls, so memory does not grow with the catalog.
///
/// A listing is ordered by name and tells how much each table is used. Texts that we wrote are not part of
/// a table, so that our own writes are no change of it.
pub struct OmSource {
    client: OmClient,
    id: SourceId,
    page_size: usize,
    overlap_ms: i64,
    include: Rules,
    exclude: Rules,
    reading: Reading,
    excluded: AtomicU64,
}

impl OmSource {
    /// A source over the server.
    ///
    /// # Errors
    /// `Configuration` for a rule that cannot be read.
    pub fn new(client: OmClient, settings: &OmSettings, server: &ServerCapabilities) -> Result<Self> {
        let id = SourceId(settings.source_id.clone());
        Ok(Self {
            client,
            page_size: settings.page_size.max(1),
            overlap_ms: i64::try_from(settings.overlap.as_millis()).unwrap_or(i64::MAX),
            include: Rules::parse(&settings.include)?,
            exclude: Rules::parse(&settings.exclude)?,
            reading: Reading {
                source: id.clone(),
                services: settings.services.clone(),
                authors: Authors::new(&server.user),
                entity_classification: settings.entity_classification.clone(),
                constraints_are_declared: !settings.fk_as.contains(&FkAs::TableConstraint),
            },
            id,
            excluded: AtomicU64::new(0),
        })
    }

    /// Tables that the rules left out of the last listing, as far as it has come.
    pub fn excluded(&self) -> u64 {
        self.excluded.load(Ordering::Relaxed)
    }

    /// The services whose tables no engine can read, for `doctor`.
    ///
    /// # Errors
    /// As [`OmClient::services`].
    pub async fn unmapped_services(&self) -> Result<Vec<OmService>> {
        let mut services = self.client.services().await?;
        services.retain(|s| !self.reading.reaches(&s.name, Some(&s.service_type)));
        Ok(services)
    }

    /// The table of that id as it is now; `None` when it is gone or left out by the rules.
    ///
    /// # Errors
    /// As [`MetadataSource::get`].
    pub async fn get_by_id(&self, id: &TableId) -> Result<Option<Table>> {
        let segment = path_segment(&Fqn::from_parts([id.0.as_str()]));
        self.table_at(format!("/tables/{segment}")).await
    }

    async fn table_at(&self, path: String) -> Result<Option<Table>> {
        let call = Call::get("read_table", path).query("fields", self.fields());
        let Some(om) = self.client.find::<OmTable>(call).await? else { return Ok(None) };
        let table_ref = self.reading.table_ref(&om)?;
        if !self.wants(&om, &table_ref.fqn) {
            return Ok(None);
        }
        self.reading.table(&om, table_ref).map(Some)
    }

    /// No more is asked for than is used: labels and owners cost the server a join each.
    fn fields(&self) -> String {
        let mut fields = vec!["columns", "tableConstraints", "usageSummary"];
        if self.include.need_tags() || self.exclude.need_tags() {
            fields.push("tags");
        }
        if self.include.need_owners() || self.exclude.need_owners() {
            fields.push("owners");
        }
        fields.join(",")
    }

    fn wants(&self, om: &OmTable, fqn: &Fqn) -> bool {
        let tags: Vec<String> = om.labels().iter().map(|label| label.tag_fqn.clone()).collect();
        let owner = |reference: &OmReference| reference.name.clone();
        let owners: Vec<String> = om.owners.iter().flatten().filter_map(owner).collect();
        let facts = RuleFacts { fqn, tags: &tags, owners: &owners };
        (self.include.is_empty() || self.include.meets(&facts)) && !self.exclude.meets(&facts)
    }

    /// One page; at half the size again as long as it is too large to read.
    async fn page(&self, after: Option<&str>, mut limit: usize) -> Result<Page> {
        loop {
            let mut call = Call::get("list_tables", "/tables")
                .query("fields", self.fields())
                .query("limit", limit.to_string())
                .query("include", "non-deleted");
            if let Some(after) = after {
                call = call.query("after", after);
            }
            match self.client.read(call).await {
                Err(error) if error.kind() == ErrorKind::LimitExceeded && limit > 1 => limit = limit.div_ceil(2),
                outcome => return outcome,
            }
        }
    }

    /// An entry of a listing with how much it is used; `None` for one that the rules leave out, or that is named in no
    /// way and cannot even be parked.
    fn discovered(&self, entry: Value) -> Option<(u64, Discovered)> {
        let named = (entry["id"].as_str().map(str::to_owned), entry["fullyQualifiedName"].as_str().map(str::to_owned));
        let read = serde_json::from_value::<OmTable>(entry).ok().and_then(|om| {
            let table_ref = self.reading.table_ref(&om).ok()?;
            Some((om, table_ref))
        });
        let Some((om, table_ref)) = read else {
            let table_ref = self.reading.table_ref_of(named.0.as_deref(), named.1.as_deref());
            if table_ref.is_none() {
                tracing::warn!(table.id = named.0, "an entry of the listing is no table and has no name");
            }
            let table_ref = table_ref?;
            let error = malformed("read_table", "the catalog's entry has another form than expected")
                .with("table", &table_ref.fqn);
            return Some((0, Discovered::Unreadable(table_ref, error)));
        };
        if !self.wants(&om, &table_ref.fqn) {
            self.excluded.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let usage = om.usage();
        Some(match self.reading.table(&om, table_ref.clone()) {
            Ok(table) => (usage, Discovered::Table(Box::new(table))),
            Err(error) => (usage, Discovered::Unreadable(table_ref, error)),
        })
    }
}

#[async_trait]
impl MetadataSource for OmSource {
    fn id(&self) -> &SourceId {
        &self.id
    }

    /// `cursor` is the number of the page and the server's own cursor.
    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage> {
        let bad = |why: &str| Error::new(ErrorKind::InvalidInput, "list_tables", why);
        let (number, after) = match cursor {
            None => (0, None),
            Some(cursor) => {
                let (number, after) = cursor.split_once(':').ok_or_else(|| bad("the cursor is not ours"))?;
                (number.parse::<u64>().map_err(|_| bad("the cursor is not ours"))?, Some(after))
            }
        };
        if number == 0 {
            self.excluded.store(0, Ordering::Relaxed);
        }
        let page = self.page(after, limit.clamp(1, self.page_size)).await?;
        let next = page.paging.after.filter(|next| !next.is_empty());
        if next.is_some() && (next.as_deref() == after || number >= PAGES_MAX) {
            return Err(
                malformed("list_tables", "the listing repeats its cursor, so it has no end").with("page", number)
            );
        }
        let mut uses = HashMap::new();
        let mut tables = Vec::with_capacity(page.data.len());
        for (usage, found) in page.data.into_iter().filter_map(|entry| self.discovered(entry)) {
            if let (Discovered::Table(table), 1..) = (&found, usage) {
                uses.insert(table.table_ref.id.clone(), usage);
            }
            tables.push(found);
        }
        Ok(TablePage { tables, next: next.map(|next| format!("{}:{next}", number + 1)), uses })
    }

    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>> {
        self.table_at(format!("/tables/name/{}", path_segment(fqn))).await
    }

    async fn column_tags(&self, table: &Table) -> Result<Vec<(String, Vec<CatalogTag>)>> {
        let call = Call::get("read_tags", format!("/tables/name/{}", path_segment(table.fqn())));
        let found: Option<OmTable> = self.client.find(call.query("fields", "columns,tags")).await?;
        Ok(found.map(|om| self.reading.column_tags(&om)).unwrap_or_default())
    }

    async fn changes(&self, since_ms: i64, limit: usize) -> Result<SourceChanges> {
        self.changes_since(since_ms, limit).await
    }

    async fn upstream(&self, table: &Table, limit: usize) -> Result<Vec<Upstream>> {
        upstream::of(&self.client, table.fqn(), limit).await
    }
}

/// The distinct ones in their order.
fn distinct<T: Ord + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}
