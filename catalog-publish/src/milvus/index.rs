//! A collection as a vector index.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use catalog_core::model::{IndexEntry, SearchHit, TableId};
use catalog_core::ports::VectorIndex;
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::EgressPolicy;
use prost::Message;

use super::collection::Collections;
use super::expression::{literal, of_meta, one_of, one_of_meta, ours};
use super::layout::{Key, Layout};
use super::proto::{
    Answer, BOOLEAN_EXPRESSION, DeleteRequest, FLOAT_VECTOR, FlushRequest, FlushResponse, KeyValuePair, MutationResult,
    PlaceholderGroup, PlaceholderValue, QueryRequest, QueryResults, STRONG, Scalars, SearchRequest, SearchResults,
    UpsertRequest,
};
use super::rows::{pack, unit, unpack};
use super::rpc::{Rpc, is_not_loaded};
use super::settings::MilvusSettings;
use crate::fail_point;

/// Hits that Milvus gives at most.
const HITS_MAX: usize = 16_384;
/// After so many rows the server is asked to bring them into their searchable form; sooner it would only make many
/// small pieces.
const FLUSH_ROWS: usize = 256;
/// Rows that one filter on documents names: it is a chain, and servers read chains to a limited depth.
const DOCUMENT_ROWS: usize = 100;
/// Bytes of one upsert, beside its vectors.
const BATCH_BYTES_MAX: usize = 8 << 20;

/// Table vectors in a Milvus collection.
///
/// An upsert goes out in batches. When one of them fails the earlier ones stay, and doing all of it again completes
/// it. A text longer than the collection's field is cut there. Vectors are written at unit length.
pub struct MilvusIndex {
    rpc: Rpc,
    settings: MilvusSettings,
    /// The collection that is written and searched: in one that we own, the generation of this model.
    collection: String,
    layout: Layout,
    dimension: usize,
    model: String,
    building: AtomicBool,
    unflushed: AtomicUsize,
}

impl MilvusIndex {
    /// Opens the collection for vectors of that dimension and embedder ([`catalog_core::ports::Embedder::id`]): makes
    /// it if it is not there, otherwise checks it, and loads it. Doing it again after any failure continues.
    ///
    /// # Errors
    /// `Configuration` when the collection does not fit: another primary key, dimension, metric, missing fields,
    /// fields that we cannot fill, rows of ours by another model, or a collection of somebody else's under a name
    /// that is said to be ours; `Forbidden` when the policy or the server does not let us; `Unavailable`, `Timeout`.
    pub async fn open(
        settings: MilvusSettings,
        dimension: usize,
        embedder_id: &str,
        policy: &EgressPolicy,
    ) -> Result<Self> {
        settings.check(dimension)?;
        let rpc = Rpc::new(&settings, policy)?;
        let collections = Collections { rpc: &rpc, settings: &settings, dimension };
        let (collection, building) = if settings.owns_collection {
            let generation = generation(&settings.collection, embedder_id, dimension);
            let behind = collections.behind(&settings.collection).await?;
            if behind.is_none() && collections.exists(&settings.collection).await? {
                return Err(somebody_elses(&settings.collection));
            }
            (generation, behind)
        } else {
            (settings.collection.clone(), None)
        };
        let layout = collections.ready(&collection).await?;
        let building = match building {
            Some(active) => active != collection,
            None => {
                if settings.owns_collection {
                    collections.point(&settings.collection, &collection, false).await?;
                }
                false
            }
        };
        let model = embedder_id.to_owned();
        let (building, unflushed) = (AtomicBool::new(building), AtomicUsize::new(0));
        let index = Self { rpc, settings, collection, layout, dimension, model, building, unflushed };
        index.check_model().await?;
        Ok(index)
    }

    /// Is this a new generation that readers do not see yet? Index every table, then [`MilvusIndex::activate`] it.
    pub fn is_building(&self) -> bool {
        self.building.load(Ordering::Relaxed)
    }

    /// Shows this generation to the readers of the alias and drops the earlier ones. In a collection that we do not
    /// own there is nothing to do. Doing it again changes nothing.
    ///
    /// # Errors
    /// `Forbidden`, `Unavailable`, `Timeout`; readers then see either the old generation or this one.
    pub async fn activate(&self) -> Result<()> {
        if !self.settings.owns_collection {
            return Ok(());
        }
        self.flush().await;
        let collections = self.collections();
        if self.is_building() {
            fail_point!("index::before_switch");
            collections.point(&self.settings.collection, &self.collection, true).await?;
        }
        for name in collections.names().await? {
            if name != self.collection && is_generation(&self.settings.collection, &name) {
                collections.drop_collection(&name).await?;
            }
        }
        self.building.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn collections(&self) -> Collections<'_> {
        Collections { rpc: &self.rpc, settings: &self.settings, dimension: self.dimension }
    }

    /// Refuses to mix models where rows say which one made them.
    async fn check_model(&self) -> Result<()> {
        let Some(meta) = &self.layout.meta else { return Ok(()) };
        let others = format!("{} and {} != {}", ours(meta), of_meta(meta, "model"), literal(&self.model));
        let request = QueryRequest {
            expr: others,
            output_fields: vec![self.layout.key_field().to_owned()],
            query_params: vec![parameter("limit", "1")],
            ..self.query()
        };
        let found: QueryResults = self.read("open_index", "Query", request).await?;
        if strings(&found).next().is_none() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Configuration, "open_index", "the collection holds our vectors of another model")
            .with("collection", &self.collection)
            .with("configured_embedder", &self.model)
            .hint("go back to that model, choose another collection, or let us own it (milvus.owns_collection)"))
    }

    fn query(&self) -> QueryRequest {
        QueryRequest {
            db_name: self.settings.database.clone(),
            collection_name: self.collection.clone(),
            consistency_level: STRONG,
            ..QueryRequest::default()
        }
    }

    /// Calls a method that needs the collection in memory, and loads it when a restart made the server forget it.
    async fn read<Q: Message + Clone + 'static, A: Answer>(
        &self,
        step: &'static str,
        method: &str,
        request: Q,
    ) -> Result<A> {
        match self.rpc.call(step, method, request.clone()).await {
            Err(error) if is_not_loaded(&error) => {
                self.collections().load(&self.collection).await?;
                self.rpc.call(step, method, request).await
            }
            other => other,
        }
    }

    fn check(&self, step: &'static str, vector: &[f32]) -> Result<()> {
        if vector.len() == self.dimension && vector.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        let why = if vector.len() == self.dimension { "the vector is not finite" } else { "another dimension" };
        Err(Error::new(ErrorKind::InvalidInput, step, why)
            .with("expected_dimension", self.dimension)
            .with("found_dimension", vector.len())
            .hint("use the embedder that the index was made with"))
    }

    async fn upsert_batch(&self, entries: &[&IndexEntry]) -> Result<()> {
        let request = UpsertRequest {
            db_name: self.settings.database.clone(),
            collection_name: self.collection.clone(),
            fields_data: pack(&self.layout, entries, &self.model, self.dimension)?,
            num_rows: entries.len() as u32,
        };
        let answer: MutationResult = self.read("upsert_vectors", "Upsert", request).await?;
        if !answer.err_index.is_empty() {
            return Err(Error::new(ErrorKind::Unavailable, "upsert_vectors", "milvus took only a part of the rows")
                .with("collection", &self.collection)
                .with("rows_refused", answer.err_index.len()));
        }
        self.drop_earlier_names(entries).await
    }

    /// Where the name is the key, a table that was renamed has left a row under its old name.
    async fn drop_earlier_names(&self, entries: &[&IndexEntry]) -> Result<()> {
        let (Key::Fqn, Some(meta)) = (self.layout.key, &self.layout.meta) else { return Ok(()) };
        for entries in entries.chunks(DOCUMENT_ROWS) {
            let names: Vec<String> = entries.iter().map(|e| e.fqn.to_string()).collect();
            let tables = one_of_meta(meta, "table", entries.iter().map(|e| e.id.0.as_str()));
            let kept = one_of(&self.layout.fqn.name, names.iter().map(String::as_str));
            self.delete_where(format!("{} and {tables} and not ({kept})", ours(meta))).await?;
        }
        Ok(())
    }

    async fn delete_where(&self, expr: String) -> Result<()> {
        let request = DeleteRequest {
            db_name: self.settings.database.clone(),
            collection_name: self.collection.clone(),
            expr,
            consistency_level: STRONG,
        };
        self.read::<_, MutationResult>("delete_vectors", "Delete", request).await.map(drop)
    }

    /// The rows of these tables, as far as we may delete them; `None` where nothing says who wrote a row.
    fn deletable(&self, ids: &[TableId]) -> Option<String> {
        let ids = ids.iter().map(|id| id.0.as_str());
        let meta = self.layout.meta.as_deref();
        match (self.layout.key, meta) {
            (Key::Id, _) if self.settings.owns_collection => Some(one_of(self.layout.key_field(), ids)),
            (Key::Id, Some(meta)) => Some(format!("{} and {}", one_of(self.layout.key_field(), ids), ours(meta))),
            (Key::Fqn, Some(meta)) => Some(format!("{} and {}", one_of_meta(meta, "table", ids), ours(meta))),
            (_, None) => None,
        }
    }

    /// Makes many new rows fast to search. They are safe and findable without it, so a server that refuses (it limits
    /// how often) is asked again later.
    async fn flush(&self) {
        let request =
            FlushRequest { db_name: self.settings.database.clone(), collection_names: vec![self.collection.clone()] };
        match self.rpc.call::<_, FlushResponse>("flush_collection", "Flush", request).await {
            Ok(_) => self.unflushed.store(0, Ordering::Relaxed),
            Err(error) => tracing::info!(%error, "vectors not flushed, they are searched more slowly until then"),
        }
    }

    async fn nearest(&self, vector: &[f32], limit: usize) -> Result<Vec<SearchHit>> {
        let bytes = unit(vector).iter().flat_map(|x| x.to_le_bytes()).collect();
        let query = PlaceholderValue { tag: "$0".to_owned(), r#type: FLOAT_VECTOR, values: vec![bytes] };
        let layout = &self.layout;
        let id = layout.id.as_ref().map(|id| id.name.clone());
        let output_fields = id.into_iter().chain([layout.fqn.name.clone(), layout.text.name.clone()]);
        let request = SearchRequest {
            db_name: self.settings.database.clone(),
            collection_name: self.collection.clone(),
            placeholder_group: PlaceholderGroup { placeholders: vec![query] }.encode_to_vec(),
            dsl_type: BOOLEAN_EXPRESSION,
            output_fields: output_fields.chain(layout.meta.clone()).collect(),
            search_params: vec![
                parameter("anns_field", &layout.embedding),
                parameter("topk", &limit.to_string()),
                parameter("metric_type", self.settings.metric.name()),
                parameter("params", "{}"),
                parameter("round_decimal", "-1"),
            ],
            nq: 1,
            consistency_level: STRONG,
        };
        let answer: SearchResults = self.read("search_vectors", "Search", request).await?;
        let mut hits = unpack(layout, answer.results.unwrap_or_default());
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.fqn.cmp(&b.fqn)));
        Ok(hits)
    }
}

#[async_trait]
impl VectorIndex for MilvusIndex {
    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        // One row a key: Milvus refuses a batch that holds one twice, and the last counts.
        let mut rows: BTreeMap<String, &IndexEntry> = BTreeMap::new();
        for entry in entries {
            self.check("upsert_vectors", &entry.embedding).map_err(|e| e.with("table", &entry.fqn))?;
            let key = if self.layout.key == Key::Id { entry.id.0.clone() } else { entry.fqn.to_string() };
            rows.insert(key, entry);
        }
        let rows: Vec<&IndexEntry> = rows.into_values().collect();
        for batch in batches(&rows, self.settings.batch_rows) {
            fail_point!("index::before_upsert");
            self.upsert_batch(batch).await?;
            fail_point!("index::after_upsert");
        }
        if self.unflushed.fetch_add(rows.len(), Ordering::Relaxed) + rows.len() >= FLUSH_ROWS {
            self.flush().await;
        }
        Ok(())
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        for batch in ids.chunks(self.settings.batch_rows.min(DOCUMENT_ROWS)) {
            match self.deletable(batch) {
                Some(expression) => self.delete_where(expression).await?,
                None => tracing::warn!(
                    milvus.collection = self.collection,
                    tables = batch.len(),
                    "rows of dropped tables left in place: the collection does not say who wrote them"
                ),
            }
        }
        Ok(())
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.check("search_vectors", vector)?;
        if k == 0 {
            return Ok(Vec::new());
        }
        // Hits that are as near as the last one may be cut off at any place: ask for more until they are all there.
        let mut limit = (k + 16).min(HITS_MAX);
        loop {
            let mut hits = self.nearest(vector, limit).await?;
            let tied = hits.get(k - 1).zip(hits.last()).is_some_and(|(kth, last)| kth.score <= last.score);
            if hits.len() < limit || !tied || limit == HITS_MAX {
                hits.truncate(k);
                return Ok(hits);
            }
            limit = (limit * 4).min(HITS_MAX);
        }
    }

    /// All rows of the collection, also those that somebody else wrote.
    async fn count(&self) -> Result<usize> {
        let request = QueryRequest { output_fields: vec!["count(*)".to_owned()], ..self.query() };
        let answer: QueryResults = self.read("count_vectors", "Query", request).await?;
        let counted = answer.fields_data.into_iter().find_map(|field| match field.scalars.and_then(|s| s.data) {
            Some(Scalars::Longs(longs)) => longs.data.first().copied(),
            _ => None,
        });
        counted.and_then(|n| usize::try_from(n).ok()).ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, "count_vectors", "milvus gave no count")
                .with("collection", &self.collection)
        })
    }
}

/// Splits rows so that neither their number nor their texts make a message too large.
fn batches<'a, 'e>(rows: &'a [&'e IndexEntry], rows_max: usize) -> impl Iterator<Item = &'a [&'e IndexEntry]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = rest.iter().take(rows_max).take_while(|row| {
            bytes += row.text.len() + row.id.0.len();
            bytes <= BATCH_BYTES_MAX
        });
        // A row of its own is sent whatever its size.
        let count = fits.count().max(1).min(rest.len());
        let (batch, after) = rest.split_at(count);
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

fn parameter(key: &str, value: &str) -> KeyValuePair {
    KeyValuePair { key: key.to_owned(), value: value.to_owned() }
}

fn strings(found: &QueryResults) -> impl Iterator<Item = &String> {
    found.fields_data.iter().flat_map(|field| match field.scalars.as_ref().and_then(|s| s.data.as_ref()) {
        Some(Scalars::Strings(texts)) => texts.data.iter(),
        _ => [].iter(),
    })
}

/// The collection behind the alias that holds the vectors of one model.
fn generation(alias: &str, model: &str, dimension: usize) -> String {
    let hash = blake3::hash(format!("{dimension} {model}").as_bytes()).to_hex();
    format!("{alias}_g{}", &hash[..8])
}

fn is_generation(alias: &str, name: &str) -> bool {
    let suffix = name.strip_prefix(alias).and_then(|rest| rest.strip_prefix("_g"));
    suffix.is_some_and(|s| s.len() == 8 && s.chars().all(|c| c.is_ascii_hexdigit()))
}

fn somebody_elses(collection: &str) -> Error {
    Error::new(ErrorKind::Configuration, "open_index", "a collection of this name is there, and we did not make it")
        .with("collection", collection)
        .hint("choose another name, or say that it is not ours (milvus.owns_collection = false)")
}
