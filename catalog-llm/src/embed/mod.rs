//! Vectors from a model, and the texts that are worth embedding.

mod model_embedder;
mod text;

pub use model_embedder::ModelEmbedder;
pub use text::{EMBEDDING_TEXT_VERSION, better_of, names_text, views, views_text};
