//! The index with an embedding model: one vector of the description, and where there is room one of the names.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::SearchHit;
use catalog_core::ports::{Embedder, VectorIndex};
use catalog_publish::search_best_of_two;

/// Collections that are filled beside the ones in use and shown when they are whole.
#[async_trait]
pub trait IndexGeneration: Send + Sync {
    /// Is a new generation being filled that readers do not see yet?
    ///
    /// # Errors
    /// The index's.
    async fn is_building(&self) -> Result<bool>;

    /// Shows the new generation. Doing it again changes nothing.
    ///
    /// # Errors
    /// The index's.
    async fn activate(&self) -> Result<()>;
}

/// Where vectors of a model go.
#[derive(Clone)]
pub struct VectorStore {
    /// Vectors of descriptions, which ADEN reads.
    pub vectors: Arc<dyn VectorIndex>,
    /// Vectors of names, if they are kept.
    pub names: Option<Arc<dyn VectorIndex>>,
    /// Set where a change of model fills new collections.
    pub generation: Option<Arc<dyn IndexGeneration>>,
    /// Makes the vectors.
    pub embedder: Arc<dyn Embedder>,
}

impl VectorStore {
    /// The `k` best tables, best first, each by the better of its vectors.
    ///
    /// # Errors
    /// As the embedder and the index.
    pub async fn search(&self, question: &str, k: usize) -> Result<Vec<SearchHit>> {
        let vector = self.embedder.embed_query(question).await?;
        match &self.names {
            Some(names) => search_best_of_two(&*self.vectors, &**names, &vector, k).await,
            None => self.vectors.search(&vector, k).await,
        }
    }
}
