//! The index of model vectors: Milvus, or a flat file for a catalog without it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{IndexEntry, SearchHit, TableId};
use catalog_core::ports::{Embedder, VectorIndex};
use catalog_net::EgressPolicy;
use catalog_publish::{FieldNames, FlatIndex, MilvusIndex, MilvusSettings};
use tokio::sync::{RwLock, RwLockReadGuard};

use super::models::secret_file;
use super::remote_catalog::path;
use super::state_folder::folder;
use crate::config::Config;
use crate::walk::VectorStore;

/// Where the vectors of this embedder go, and those of names.
pub(super) fn remote_index(config: &Config, egress: &EgressPolicy, embedder: Arc<dyn Embedder>) -> Result<VectorStore> {
    if config.milvus.url.is_empty() {
        let file = folder(config)?.join("index.embedded.vectors");
        let vectors = Arc::new(FlatIndex::open(file, embedder.dimension(), &embedder.id())?);
        return Ok(VectorStore { vectors, names: None, generation: None, embedder });
    }
    let open = |collection: &str, owned: bool| -> Result<Arc<MilvusCollection>> {
        let settings = milvus_settings(config, collection, owned)?;
        let policy = egress.clone();
        Ok(Arc::new(MilvusCollection {
            settings,
            dimension: embedder.dimension(),
            model: embedder.id(),
            policy,
            open: RwLock::default(),
        }))
    };
    let vectors = open(&config.milvus.collection, config.milvus.owns_collection)?;
    let names = match config.milvus.names_collection.is_empty() {
        true => None,
        // The second collection is always ours.
        false => Some(open(&config.milvus.names_collection, true)?),
    };
    let generation = names.iter().cloned().chain([Arc::clone(&vectors)]).collect();
    Ok(VectorStore {
        vectors,
        names: names.map(|n| n as Arc<dyn VectorIndex>),
        generation: Some(Arc::new(Generation(generation))),
        embedder,
    })
}

fn milvus_settings(config: &Config, collection: &str, owned: bool) -> Result<MilvusSettings> {
    let section = &config.milvus;
    Ok(MilvusSettings {
        token_file: secret_file("milvus.token", &section.token)?,
        ca_file: path(&section.ca_file),
        owns_collection: owned,
        fields: FieldNames {
            id: section.id_field.clone(),
            fqn: section.fqn_field.clone(),
            text: section.text_field.clone(),
            embedding: section.vector_field.clone(),
            meta: section.meta_field.clone(),
        },
        batch_rows: section.batch,
        deadline: Duration::from_secs(section.deadline_secs),
        ..MilvusSettings::new(section.url.clone(), collection)
    })
}

/// A collection that is opened when it is first used, and tried again when that failed: Milvus may start after us.
struct MilvusCollection {
    settings: MilvusSettings,
    dimension: usize,
    model: String,
    policy: EgressPolicy,
    open: RwLock<Option<MilvusIndex>>,
}

impl MilvusCollection {
    async fn index(&self) -> Result<RwLockReadGuard<'_, MilvusIndex>> {
        loop {
            if let Ok(open) = RwLockReadGuard::try_map(self.open.read().await, Option::as_ref) {
                return Ok(open);
            }
            let mut open = self.open.write().await;
            if open.is_none() {
                let settings = self.settings.clone();
                *open = Some(MilvusIndex::open(settings, self.dimension, &self.model, &self.policy).await?);
            }
        }
    }
}

#[async_trait]
impl VectorIndex for MilvusCollection {
    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        self.index().await?.upsert(entries).await
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        self.index().await?.delete(ids).await
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.index().await?.search(vector, k).await
    }

    async fn count(&self) -> Result<usize> {
        self.index().await?.count().await
    }
}

/// The collections of one embedding model.
struct Generation(Vec<Arc<MilvusCollection>>);

#[async_trait]
impl crate::walk::IndexGeneration for Generation {
    async fn is_building(&self) -> Result<bool> {
        for collection in &self.0 {
            if collection.index().await?.is_building() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn activate(&self) -> Result<()> {
        for collection in &self.0 {
            drop(collection.index().await?);
            if let Some(index) = collection.open.write().await.as_mut() {
                index.activate().await?;
            }
        }
        Ok(())
    }
}
