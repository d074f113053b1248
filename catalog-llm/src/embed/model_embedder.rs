//! An [`Embedder`] behind an OpenAI-compatible endpoint.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::model::Embedding;
use catalog_core::ports::{Clock, Embedder};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::EgressPolicy;

use crate::client::ModelClient;
use crate::settings::EmbedSettings;

/// A longer text is cut: models read a few hundred words.
const TEXT_CHARS_MAX: usize = 4_000;

/// Asks a model for vectors, in batches. Vectors come out with unit length; a text without content gets the zero
/// vector and is not sent.
pub struct ModelEmbedder {
    client: Arc<ModelClient>,
    settings: EmbedSettings,
}

impl ModelEmbedder {
    /// An embedder over an endpoint that the policy approves. Nothing is dialled yet.
    ///
    /// # Errors
    /// As [`ModelClient::new`]; `Configuration` for a dimension of 0.
    pub fn new(settings: EmbedSettings, policy: &EgressPolicy, clock: Arc<dyn Clock>) -> Result<Self> {
        if settings.dimension == 0 {
            return Err(Error::new(
                ErrorKind::Configuration,
                "set_up_embedder",
                "vectors need a dimension of 1 or more",
            )
            .hint("set embed.dimension to that of the model"));
        }
        let client = Arc::new(ModelClient::new(&settings.connection, policy, clock)?);
        Ok(Self { client, settings })
    }

    /// The client, for its budget.
    pub fn client(&self) -> &Arc<ModelClient> {
        &self.client
    }

    async fn embed(&self, prefix: &str, texts: &[String]) -> Result<Vec<Embedding>> {
        let mut vectors = vec![vec![0.0; self.settings.dimension]; texts.len()];
        let full: Vec<(usize, String)> = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| text.chars().any(char::is_alphanumeric))
            .map(|(at, text)| (at, format!("{prefix}{text}").chars().take(TEXT_CHARS_MAX).collect()))
            .collect();
        for batch in full.chunks(self.settings.batch.max(1)) {
            let sent: Vec<String> = batch.iter().map(|(_, text)| text.clone()).collect();
            let answered = self.client.embed(&self.settings.model, &sent).await?;
            for ((at, _), vector) in batch.iter().zip(answered) {
                vectors[*at] = self.unit(vector)?;
            }
        }
        Ok(vectors)
    }

    /// The vector at length 1, if it is one of the model that was configured.
    fn unit(&self, mut vector: Embedding) -> Result<Embedding> {
        if vector.len() != self.settings.dimension {
            return Err(Error::new(ErrorKind::Configuration, "embed_texts", "the model gives another dimension")
                .with("model", &self.settings.model)
                .with("dimension", vector.len())
                .with("expected", self.settings.dimension)
                .hint(
                    "set embed.dimension to that of the model, or name the model that the collection was made with",
                ));
        }
        let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
        if !length.is_finite() || length == 0.0 {
            return Err(Error::new(ErrorKind::Corrupt, "embed_texts", "the model gives a vector without direction")
                .with("model", &self.settings.model));
        }
        vector.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        Ok(vector)
    }
}

#[async_trait]
impl Embedder for ModelEmbedder {
    fn id(&self) -> String {
        let EmbedSettings { model, dimension, document_prefix, query_prefix, .. } = &self.settings;
        let mut hasher = blake3::Hasher::new();
        for prefix in [document_prefix, query_prefix] {
            hasher.update(&(prefix.len() as u64).to_le_bytes());
            hasher.update(prefix.as_bytes());
        }
        let prefixes = &hasher.finalize().to_hex()[..8];
        format!("{model}/{dimension}/{prefixes}")
    }

    fn dimension(&self) -> usize {
        self.settings.dimension
    }

    async fn embed_documents(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        self.embed(&self.settings.document_prefix, texts).await
    }

    async fn embed_query(&self, text: &str) -> Result<Embedding> {
        let vectors = self.embed(&self.settings.query_prefix, &[text.to_owned()]).await?;
        vectors.into_iter().next().ok_or_else(|| Error::new(ErrorKind::Internal, "embed_texts", "a vector was lost"))
    }
}
