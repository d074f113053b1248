//! What an operator says of the server and the collection (`[milvus]`).

use std::path::PathBuf;
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};

/// Dimensions that Milvus takes.
const DIMENSION_MAX: usize = 32_768;
/// Longest name of a collection of ours; a generation's suffix still fits.
const NAME_BYTES_MAX: usize = 200;

/// Where the vectors are and how to write them.
#[derive(Debug, Clone)]
pub struct MilvusSettings {
    /// `http://host:19530`, or `https://…` for TLS. The policy has to approve it.
    pub url: String,
    /// The database; empty for the server's default.
    pub database: String,
    /// A file with `user:password` or an API key, read again when it changes; `None` for a server without users.
    pub token_file: Option<PathBuf>,
    /// A PEM file of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The collection; in one that we own, the alias by which its readers know it.
    pub collection: String,
    /// Is the collection ours alone? Then every embedding model gets a generation of its own behind the alias, and
    /// rows are deleted without asking who wrote them.
    pub owns_collection: bool,
    /// The names of its fields.
    pub fields: FieldNames,
    /// How it compares vectors.
    pub metric: Metric,
    /// Rows of one upsert.
    pub batch_rows: usize,
    /// A call is answered within this time.
    pub deadline: Duration,
}

impl MilvusSettings {
    /// A server and a collection, everything else by default: no token, not ours alone, fields `id`, `fqn`, `text`,
    /// `embedding` and `meta`, cosine, 500 rows a batch, 30 s a call.
    pub fn new(url: impl Into<String>, collection: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            database: String::new(),
            token_file: None,
            ca_file: None,
            collection: collection.into(),
            owns_collection: false,
            fields: FieldNames::default(),
            metric: Metric::Cosine,
            batch_rows: 500,
            deadline: Duration::from_secs(30),
        }
    }

    pub(super) fn check(&self, dimension: usize) -> Result<()> {
        let bad = |why: &str| Err(Error::new(ErrorKind::Configuration, "open_index", why));
        let name = &self.collection;
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !starts_well || !plain || name.len() > NAME_BYTES_MAX {
            return bad("a collection's name is letters, digits and underscores, at most 200")
                .map_err(|e: Error| e.with("collection", name));
        }
        if dimension == 0 || dimension > DIMENSION_MAX {
            return bad("milvus takes vectors of 1 to 32,768 dimensions").map_err(|e| e.with("dimension", dimension));
        }
        if self.batch_rows == 0 || self.deadline.is_zero() {
            return bad("a batch has at least one row and a call some time");
        }
        Ok(())
    }
}

/// The names of a collection's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldNames {
    /// The catalog's id of the table. A collection whose primary key is the name may do without.
    pub id: String,
    /// The table's name.
    pub fqn: String,
    /// The text that was embedded.
    pub text: String,
    /// The vector.
    pub embedding: String,
    /// A JSON document that says who wrote the row, and with which model. Without it, rows of a collection that is
    /// not ours alone are never deleted.
    pub meta: String,
}

impl Default for FieldNames {
    fn default() -> Self {
        let [id, fqn, text, embedding, meta] = ["id", "fqn", "text", "embedding", "meta"].map(str::to_owned);
        Self { id, fqn, text, embedding, meta }
    }
}

/// How a collection compares vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// By angle.
    Cosine,
    /// By inner product, which is the same on the unit vectors that we write.
    InnerProduct,
}

impl Metric {
    /// Milvus's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cosine => "COSINE",
            Self::InnerProduct => "IP",
        }
    }
}
