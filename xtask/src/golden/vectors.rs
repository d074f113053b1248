//! The embedders that are compared, and how near a question is to each table.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::memory::ManualClock;
use catalog_core::model::{
    Column, DataType, Embedding, EngineName, Fqn, SourceId, Table, TableId, TableKind, TableRef, centroid,
};
use catalog_core::ports::Embedder;
use catalog_llm::embed::{names_text, views};
use catalog_llm::{ConnectionSettings, EmbedSettings, ModelEmbedder};
use catalog_local::lexical::{LexicalEmbedder, index_text};
use catalog_net::EgressPolicy;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::described::Saying;
use super::set::GoldTable;
use crate::Result;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Word statistics, the embedded default.
    Lexical,
    /// The model's vector between a table's views, description and what the rules read: the one that ADEN reads.
    One,
    /// Beside it a vector of the names; the better of the two counts.
    Two,
    /// Reciprocal rank fusion of `lexical` and `one` (Cormack et al., SIGIR 2009, k = 60). No part of the product.
    Hybrid,
}

impl Form {
    /// Its name on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::One => "one",
            Self::Two => "two",
            Self::Hybrid => "hybrid",
        }
    }
}

/// Where the embedding model answers.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The OpenAI-compatible address.
    pub url: String,
    /// A file with its key.
    pub key_file: Option<std::path::PathBuf>,
    /// The model's name there.
    pub model: String,
    /// Numbers in a vector.
    pub dimension: usize,
}

/// A model's vectors, each asked for once and then kept in a file.
pub struct ModelVectors {
    embedder: ModelEmbedder,
    kept: Connection,
    runtime: tokio::runtime::Runtime,
}

/// Texts of one request.
const BATCH: usize = 16;

impl ModelVectors {
    /// Vectors from an endpoint, kept in `file`.
    ///
    /// # Errors
    /// An address that cannot be read, or a file that cannot be opened.
    pub fn new(endpoint: &Endpoint, file: &Path) -> Result<Self> {
        let address: ureq::http::Uri = endpoint.url.parse()?;
        let host = address.host().ok_or("the address of the models names no host")?.to_owned();
        let policy = EgressPolicy::allowing([(host, address.port_u16().unwrap_or(80))]);
        let settings = EmbedSettings {
            connection: ConnectionSettings {
                url: endpoint.url.clone(),
                key_file: endpoint.key_file.clone(),
                deadline: Duration::from_secs(300),
                ..ConnectionSettings::default()
            },
            model: endpoint.model.clone(),
            dimension: endpoint.dimension,
            batch: BATCH,
            ..EmbedSettings::default()
        };
        let embedder = ModelEmbedder::new(settings, &policy, Arc::new(ManualClock::at(0)))?;
        let kept = Connection::open(file)?;
        kept.execute_batch(
            "CREATE TABLE IF NOT EXISTS vector (kind TEXT, model TEXT, text TEXT, numbers BLOB, \
             PRIMARY KEY (kind, model, text))",
        )?;
        Ok(Self { embedder, kept, runtime: runtime()? })
    }

    /// Mean cosine of each text with the other of its place; `None` without any.
    ///
    /// # Errors
    /// The embedding model's.
    pub fn similarity(&self, texts: &[String], others: &[String]) -> Result<Option<f64>> {
        let (texts, others) = (self.vectors(texts, false)?, self.vectors(others, false)?);
        let cosine = |(one, other): (&Embedding, &Embedding)| -> f64 {
            let dot = |a: &Embedding, b: &Embedding| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
            dot(one, other) / (dot(one, one) * dot(other, other)).sqrt().max(f64::MIN_POSITIVE)
        };
        let cosines: Vec<f64> = texts.iter().zip(&others).map(cosine).collect();
        Ok((!cosines.is_empty()).then(|| cosines.iter().sum::<f64>() / cosines.len() as f64))
    }

    /// The vector between the views of each table.
    fn centroids(&self, tables: impl Iterator<Item = Vec<String>>) -> Result<Vec<Embedding>> {
        let tables: Vec<Vec<String>> = tables.collect();
        let mut vectors = self.vectors(&tables.concat(), false)?.into_iter();
        Ok(tables.iter().map(|views| centroid(&vectors.by_ref().take(views.len()).collect::<Vec<_>>())).collect())
    }

    fn vectors(&self, texts: &[String], question: bool) -> Result<Vec<Embedding>> {
        let (kind, model) = (if question { "question" } else { "document" }, self.embedder.id());
        let mut vectors: Vec<Option<Embedding>> = Vec::with_capacity(texts.len());
        let mut find = self.kept.prepare("SELECT numbers FROM vector WHERE kind = ?1 AND model = ?2 AND text = ?3")?;
        for text in texts {
            let found: Option<Vec<u8>> = find.query_row((kind, &model, text), |row| row.get(0)).optional()?;
            vectors.push(found.map(|bytes| {
                bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
            }));
        }
        let missing: Vec<usize> = (0..texts.len()).filter(|at| vectors[*at].is_none()).collect();
        for batch in missing.chunks(BATCH) {
            let sent: Vec<String> = batch.iter().map(|at| texts[*at].clone()).collect();
            let answered = if question {
                let each = sent.iter().map(|text| self.runtime.block_on(self.embedder.embed_query(text)));
                each.collect::<catalog_core::Result<Vec<_>>>()?
            } else {
                self.runtime.block_on(self.embedder.embed_documents(&sent))?
            };
            for (at, vector) in batch.iter().zip(answered) {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                self.kept.execute(
                    "INSERT OR REPLACE INTO vector VALUES (?1, ?2, ?3, ?4)",
                    (kind, &model, &texts[*at], bytes),
                )?;
                vectors[*at] = Some(vector);
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Similarities, by question and then by document.
type Scores = Vec<Vec<f32>>;

/// How near each question is to each table, in one of the forms; the two slices hold tables and what is said of them
/// in the same order.
///
/// # Errors
/// The embedding model's.
pub fn scores(
    form: Form,
    tables: &[&GoldTable],
    said: &[&Saying],
    questions: &[String],
    model: Option<&ModelVectors>,
) -> Result<Scores> {
    let known: Vec<Table> = tables.iter().map(|table| as_table(table)).collect();
    let words = || -> Vec<String> {
        known.iter().zip(said).map(|(table, saying)| index_text(table, saying.text.as_deref())).collect()
    };
    let model = || model.ok_or("this form needs an embedding model");
    let one = || -> Result<Scores> {
        let views =
            |(table, saying): (&Table, &&Saying)| views(table, saying.text.as_deref(), saying.reading.as_deref());
        let model = model()?;
        Ok(products(&model.vectors(questions, true)?, &model.centroids(known.iter().zip(said).map(views))?))
    };
    match form {
        Form::Lexical => lexical(&words(), questions),
        Form::One => one(),
        Form::Two => {
            let names: Vec<String> = known.iter().map(names_text).collect();
            let names = products(&model()?.vectors(questions, true)?, &model()?.vectors(&names, false)?);
            let mut best = one()?;
            for (row, other) in best.iter_mut().zip(&names) {
                row.iter_mut().zip(other).for_each(|(score, name)| *score = score.max(*name));
            }
            Ok(best)
        }
        Form::Hybrid => {
            let (lexical, model) = (lexical(&words(), questions)?, one()?);
            Ok(lexical.iter().zip(&model).map(|(a, b)| fused(a, b)).collect())
        }
    }
}

/// Similarities by word statistics of these texts.
///
/// # Errors
/// Never in practice.
pub fn lexical(texts: &[String], questions: &[String]) -> Result<Scores> {
    let embedder = LexicalEmbedder::fit(texts.iter().map(String::as_str));
    let runtime = runtime()?;
    let documents = runtime.block_on(embedder.embed_documents(texts))?;
    let asked: catalog_core::Result<Vec<_>> =
        questions.iter().map(|question| runtime.block_on(embedder.embed_query(question))).collect();
    Ok(products(&asked?, &documents))
}

fn products(questions: &[Embedding], documents: &[Embedding]) -> Scores {
    let row = |question: &Embedding| {
        // Vectors of words are mostly zero.
        let filled: Vec<(usize, f32)> = question.iter().copied().enumerate().filter(|(_, x)| *x != 0.0).collect();
        documents.iter().map(|document| filled.iter().map(|(at, x)| x * document[*at]).sum()).collect()
    };
    questions.iter().map(row).collect()
}

/// Reciprocal rank fusion of two rows of scores.
fn fused(one: &[f32], other: &[f32]) -> Vec<f32> {
    const K: f32 = 60.0;
    let parts = |scores: &[f32]| {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        let mut parts = vec![0.0; scores.len()];
        order.iter().enumerate().for_each(|(rank, at)| parts[*at] = 1.0 / (K + rank as f32 + 1.0));
        parts
    };
    parts(one).iter().zip(parts(other)).map(|(a, b)| a + b).collect()
}

/// The place of each wanted table, 1 for the best; ties are ordered as the tables are.
pub fn places(scores: &[f32], wanted: &[usize]) -> Vec<usize> {
    let place = |at: usize| {
        let ahead = |other: usize| scores[other] > scores[at] || (scores[other] == scores[at] && other < at);
        1 + (0..scores.len()).filter(|other| ahead(*other)).count()
    };
    wanted.iter().map(|at| place(*at)).collect()
}

fn as_table(table: &GoldTable) -> Table {
    let fqn = Fqn::from_parts([table.file.as_str(), "main", table.name.as_str()]);
    let engine = EngineName { catalog: String::new(), schema: "main".to_owned(), table: table.name.clone() };
    let column = |name: &String| Column {
        name: name.clone(),
        native_type: String::new(),
        data_type: DataType::Unknown,
        nullable: true,
        description: None,
    };
    Table {
        table_ref: TableRef { source: SourceId(table.file.clone()), id: TableId::from_fqn(&fqn), fqn, engine },
        kind: TableKind::Table,
        columns: table.columns.iter().map(column).collect(),
        description: None,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    }
}

/// Ranks of documents by questions that are texts themselves: the place of `own[i]` for `questions[i]`.
///
/// # Errors
/// As [`lexical`].
pub fn own_places(documents: &[String], questions: &BTreeMap<usize, String>) -> Result<BTreeMap<usize, usize>> {
    let asked: Vec<String> = questions.values().cloned().collect();
    let scores = lexical(documents, &asked)?;
    Ok(questions.keys().zip(&scores).map(|(own, row)| (*own, places(row, &[*own])[0])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_what_is_nearer_and_ties_keep_their_order() {
        let scores = [0.1, 0.9, 0.5, 0.5];
        assert_eq!(places(&scores, &[1, 2, 3, 0]), [1, 2, 3, 4]);
        assert_eq!(places(&[0.0; 3], &[0, 2]), [1, 3]);
    }

    #[test]
    fn fusion_prefers_what_both_rank_well() {
        let row = fused(&[0.9, 0.8, 0.1], &[0.1, 0.9, 0.8]);
        assert_eq!(places(&row, &[1, 0, 2]), [1, 2, 3]);
        let row = fused(&[0.9, 0.8, 0.1], &[0.9, 0.8, 0.1]);
        assert_eq!(places(&row, &[0, 1, 2]), [1, 2, 3]);
    }
}
