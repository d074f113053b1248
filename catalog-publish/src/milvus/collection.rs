//! Collections: whether they are there, what they look like, making and loading them, their aliases.

use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use prost::Message;

use super::layout::{self, Layout};
use super::proto::{
    AliasRequest, CollectionRequest, CreateCollectionRequest, CreateIndexRequest, DescribeAliasRequest,
    DescribeAliasResponse, DescribeCollectionResponse, DescribeIndexRequest, DescribeIndexResponse,
    GetLoadStateRequest, GetLoadStateResponse, HasCollectionResponse, KeyValuePair, LoadState, STRONG,
    ShowCollectionsRequest, ShowCollectionsResponse, Status,
};
use super::rpc::Rpc;
use super::settings::MilvusSettings;

const STEP: &str = "open_index";

/// Loading goes on in the background: it is asked for so many times, so long apart.
const LOAD_ASKS: u32 = 600;
const LOAD_WAIT: Duration = Duration::from_millis(200);

/// The administrative calls of one database.
pub(super) struct Collections<'a> {
    pub(super) rpc: &'a Rpc,
    pub(super) settings: &'a MilvusSettings,
    pub(super) dimension: usize,
}

impl Collections<'_> {
    fn named(&self, collection: &str) -> CollectionRequest {
        CollectionRequest { db_name: self.settings.database.clone(), collection_name: collection.to_owned() }
    }

    /// Is there a collection, or an alias, of that name?
    pub(super) async fn exists(&self, name: &str) -> Result<bool> {
        match self.rpc.call::<_, HasCollectionResponse>(STEP, "HasCollection", self.named(name)).await {
            Ok(answer) => Ok(answer.value),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes the collection if it is not there, checks it, loads it, and says how to write to it.
    pub(super) async fn ready(&self, name: &str) -> Result<Layout> {
        if !self.exists(name).await? {
            self.create(name).await?;
        }
        let described: DescribeCollectionResponse = self.rpc.call(STEP, "DescribeCollection", self.named(name)).await?;
        let schema = described.schema.unwrap_or_default();
        let layout = Layout::of(&schema, self.settings, self.dimension)?;
        self.check_metric(name, &layout.embedding).await?;
        self.load(name).await?;
        Ok(layout)
    }

    async fn create(&self, name: &str) -> Result<()> {
        let schema = layout::schema(name, self.settings, self.dimension);
        let request = CreateCollectionRequest {
            db_name: self.settings.database.clone(),
            collection_name: name.to_owned(),
            schema: schema.encode_to_vec(),
            shards_num: 1,
            consistency_level: STRONG,
        };
        self.rpc.call::<_, Status>("create_collection", "CreateCollection", request).await?;
        self.create_index(name, &self.settings.fields.embedding).await
    }

    /// A collection without it was left by a crash between the two calls, or its maker forgot it.
    async fn create_index(&self, name: &str, field: &str) -> Result<()> {
        let parameter = |key: &str, value: &str| KeyValuePair { key: key.to_owned(), value: value.to_owned() };
        let request = CreateIndexRequest {
            db_name: self.settings.database.clone(),
            collection_name: name.to_owned(),
            field_name: field.to_owned(),
            extra_params: vec![
                parameter("index_type", "AUTOINDEX"),
                parameter("metric_type", self.settings.metric.name()),
                parameter("params", "{}"),
            ],
        };
        self.rpc.call::<_, Status>("create_collection", "CreateIndex", request).await.map(drop)
    }

    async fn check_metric(&self, name: &str, field: &str) -> Result<()> {
        let request = DescribeIndexRequest {
            db_name: self.settings.database.clone(),
            collection_name: name.to_owned(),
            field_name: field.to_owned(),
        };
        let described = match self.rpc.call::<_, DescribeIndexResponse>(STEP, "DescribeIndex", request).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return self.create_index(name, field).await,
            other => other?,
        };
        let index = described.index_descriptions.iter().find(|i| i.field_name == field);
        let found = index.and_then(|i| i.params.iter().find(|p| p.key == "metric_type")).map(|p| p.value.as_str());
        match found {
            None => self.create_index(name, field).await,
            Some(metric) if metric == self.settings.metric.name() => Ok(()),
            Some(metric) => Err(Error::new(ErrorKind::Configuration, STEP, "the collection compares in another way")
                .with("collection", name)
                .with("collection_metric", metric)
                .with("configured_metric", self.settings.metric.name())
                .hint("set milvus.metric to the collection's, or choose another collection")),
        }
    }

    /// Brings the collection into the server's memory and waits until it is there. A server that was started again
    /// has forgotten it.
    pub(super) async fn load(&self, name: &str) -> Result<()> {
        self.rpc.call::<_, Status>("load_collection", "LoadCollection", self.named(name)).await?;
        for _ in 0..LOAD_ASKS {
            let request =
                GetLoadStateRequest { db_name: self.settings.database.clone(), collection_name: name.to_owned() };
            let answer: GetLoadStateResponse = self.rpc.call("load_collection", "GetLoadState", request).await?;
            if answer.state() == LoadState::Loaded {
                return Ok(());
            }
            tokio::time::sleep(LOAD_WAIT).await;
        }
        Err(Error::new(ErrorKind::Timeout, "load_collection", "the collection is still not in memory")
            .with("collection", name)
            .hint("give the server more memory, or look at its log"))
    }

    pub(super) async fn drop_collection(&self, name: &str) -> Result<()> {
        self.rpc.call::<_, Status>("drop_generation", "DropCollection", self.named(name)).await.map(drop)
    }

    pub(super) async fn names(&self) -> Result<Vec<String>> {
        let request = ShowCollectionsRequest { db_name: self.settings.database.clone() };
        let answer: ShowCollectionsResponse = self.rpc.call(STEP, "ShowCollections", request).await?;
        Ok(answer.collection_names)
    }

    /// The collection behind an alias, if there is such an alias.
    pub(super) async fn behind(&self, alias: &str) -> Result<Option<String>> {
        let request = DescribeAliasRequest { db_name: self.settings.database.clone(), alias: alias.to_owned() };
        match self.rpc.call::<_, DescribeAliasResponse>(STEP, "DescribeAlias", request).await {
            Ok(answer) => Ok(Some(answer.collection).filter(|name| !name.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Points the alias at a collection, whether or not it is there yet.
    pub(super) async fn point(&self, alias: &str, collection: &str, moves: bool) -> Result<()> {
        let request = AliasRequest {
            db_name: self.settings.database.clone(),
            collection_name: collection.to_owned(),
            alias: alias.to_owned(),
        };
        let method = if moves { "AlterAlias" } else { "CreateAlias" };
        self.rpc.call::<_, Status>("switch_generation", method, request).await.map(drop)
    }
}
