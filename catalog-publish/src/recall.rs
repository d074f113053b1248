//! What publishing texts would do to what people find.

use std::collections::BTreeMap;

use catalog_core::model::{Embedding, Fqn, IndexEntry, TableId};
use catalog_core::ports::Embedder;
use catalog_core::{Error, ErrorKind, Result};

/// How many hits a question may look at.
pub const RECALL_AT: usize = 5;
/// Questions of one preview.
const QUESTIONS_MAX: usize = 2_000;
/// Texts that are embedded at a time.
const BATCH: usize = 64;

/// A question and the tables that answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuestion {
    /// As a person asks it.
    pub text: String,
    /// The tables that an answer needs; never empty.
    pub tables: Vec<Fqn>,
}

/// A text that is not published yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedText {
    /// The table.
    pub id: TableId,
    /// Its name.
    pub fqn: Fqn,
    /// The whole text that the index would hold for it.
    pub text: String,
}

/// Recall@5 of a set of questions before and after: the mean share of a question's tables among its five nearest.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallChange {
    /// With the index as it is, 0 to 1.
    pub before: f64,
    /// With the proposed texts in it, 0 to 1.
    pub after: f64,
    /// The same question by question, in the order given.
    pub per_question: Vec<QuestionRecall>,
}

/// One question's recall@5.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionRecall {
    /// The question.
    pub question: String,
    /// Share of its tables among the five nearest now, 0 to 1.
    pub before: f64,
    /// The same with the proposed texts, 0 to 1.
    pub after: f64,
}

/// Asks the questions of the index as it is (`current`, with vectors of this embedder) and as it would be with the
/// proposed texts in place of, or beside, the current ones. Nothing is written. Ties are ordered by name, as in every
/// index.
///
/// # Errors
/// `InvalidInput` when a question names no table, or a vector has another dimension than the embedder's;
/// `LimitExceeded` above 2,000 questions; the embedder's.
pub async fn recall_preview(
    questions: &[SavedQuestion],
    current: &[IndexEntry],
    proposed: &[ProposedText],
    embedder: &dyn Embedder,
) -> Result<RecallChange> {
    check(questions, current, embedder.dimension())?;
    let mut replaced: BTreeMap<&TableId, (&Fqn, Embedding)> = BTreeMap::new();
    for batch in proposed.chunks(BATCH) {
        let texts: Vec<String> = batch.iter().map(|p| p.text.clone()).collect();
        let vectors = embedder.embed_documents(&texts).await?;
        replaced.extend(batch.iter().zip(vectors).map(|(p, vector)| (&p.id, (&p.fqn, vector))));
    }
    let before: Vec<(&Fqn, &[f32])> = current.iter().map(|e| (&e.fqn, e.embedding.as_slice())).collect();
    let kept = current.iter().filter(|e| !replaced.contains_key(&e.id)).map(|e| (&e.fqn, e.embedding.as_slice()));
    let after: Vec<(&Fqn, &[f32])> =
        kept.chain(replaced.values().map(|(fqn, vector)| (*fqn, vector.as_slice()))).collect();
    let mut per_question = Vec::with_capacity(questions.len());
    for question in questions {
        let vector = embedder.embed_query(&question.text).await?;
        per_question.push(QuestionRecall {
            question: question.text.clone(),
            before: recall(question, &vector, &before),
            after: recall(question, &vector, &after),
        });
    }
    let mean =
        |of: fn(&QuestionRecall) -> f64| per_question.iter().map(of).sum::<f64>() / (per_question.len().max(1) as f64);
    Ok(RecallChange { before: mean(|q| q.before), after: mean(|q| q.after), per_question })
}

fn check(questions: &[SavedQuestion], current: &[IndexEntry], dimension: usize) -> Result<()> {
    let refused = |kind, why: &str| Error::new(kind, "preview_recall", why);
    if questions.len() > QUESTIONS_MAX {
        return Err(refused(ErrorKind::LimitExceeded, "too many questions")
            .with("questions", questions.len())
            .with("questions_max", QUESTIONS_MAX));
    }
    if let Some(i) = questions.iter().position(|q| q.tables.is_empty()) {
        return Err(refused(ErrorKind::InvalidInput, "a question names no table")
            .with("question_number", i + 1)
            .hint("name the tables that answer it"));
    }
    match current.iter().find(|e| e.embedding.len() != dimension) {
        Some(e) => Err(refused(ErrorKind::InvalidInput, "the index holds vectors of another embedder")
            .with("table", &e.fqn)
            .with("expected_dimension", dimension)
            .with("found_dimension", e.embedding.len())),
        None => Ok(()),
    }
}

/// Share of the question's tables among the nearest.
fn recall(question: &SavedQuestion, vector: &[f32], tables: &[(&Fqn, &[f32])]) -> f64 {
    let mut best: Vec<(f64, &Fqn)> = Vec::with_capacity(RECALL_AT + 1);
    for (fqn, embedding) in tables {
        let hit = (cosine(vector, embedding), *fqn);
        let nearer = |held: &(f64, &Fqn)| held.0.total_cmp(&hit.0).reverse().then_with(|| held.1.cmp(hit.1)).is_lt();
        let place = best.partition_point(nearer);
        if place < RECALL_AT {
            best.insert(place, hit);
            best.truncate(RECALL_AT);
        }
    }
    let mut wanted: Vec<&Fqn> = question.tables.iter().collect();
    wanted.sort();
    wanted.dedup();
    let found = wanted.iter().filter(|fqn| best.iter().any(|(_, hit)| hit == *fqn)).count();
    found as f64 / wanted.len().max(1) as f64
}

/// Cosine similarity; 0 when a vector is all zero.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let (mut dot, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y))) {
        dot += x * y;
        aa += x * x;
        bb += y * y;
    }
    let length = f64::sqrt(aa * bb);
    if length > 0.0 { dot / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use catalog_core::memory::WordEmbedder;
    use catalog_testkit::samples;

    use super::*;

    async fn entry(embedder: &WordEmbedder, name: &str, text: &str) -> IndexEntry {
        let table = samples::table_ref(name);
        let embedding = embedder.embed_documents(&[text.to_owned()]).await.unwrap().remove(0);
        IndexEntry { id: table.id, fqn: table.fqn, text: text.to_owned(), embedding }
    }

    fn asks(text: &str, tables: &[&str]) -> SavedQuestion {
        let tables = tables.iter().map(|t| samples::table_ref(t).fqn).collect();
        SavedQuestion { text: text.to_owned(), tables }
    }

    fn would_say(name: &str, text: &str) -> ProposedText {
        let table = samples::table_ref(name);
        ProposedText { id: table.id, fqn: table.fqn, text: text.to_owned() }
    }

    /// A dozen tables about one thing, and two that say nothing.
    async fn cold() -> (WordEmbedder, Vec<IndexEntry>) {
        let embedder = WordEmbedder::new(512);
        let mut entries = Vec::new();
        for i in 0..12 {
            entries.push(entry(&embedder, &format!("card{i:02}"), "Cards of clients").await);
        }
        entries.push(entry(&embedder, "t1", "t1").await);
        entries.push(entry(&embedder, "t2", "t2").await);
        (embedder, entries)
    }

    #[tokio::test]
    async fn a_description_brings_a_table_among_the_five() {
        let (embedder, current) = cold().await;
        let questions = [asks("overdue loans", &["t1"]), asks("overdue loans and their branches", &["t1", "t2"])];
        let change =
            recall_preview(&questions, &current, &[would_say("t1", "t1 Overdue loans")], &embedder).await.unwrap();
        assert_eq!(
            change.per_question.iter().map(|q| (q.before, q.after)).collect::<Vec<_>>(),
            [(0.0, 1.0), (0.0, 0.5)]
        );
        assert_eq!((change.before, change.after), (0.0, 0.75));
    }

    #[tokio::test]
    async fn a_text_that_hides_a_table_shows_as_a_loss() {
        let (embedder, current) = cold().await;
        let hidden: Vec<ProposedText> =
            (0..5).map(|i| would_say(&format!("card{i:02}"), "t1")).chain([would_say("t1", "z")]).collect();
        let change = recall_preview(&[asks("t1", &["t1"])], &current, &hidden, &embedder).await.unwrap();
        assert_eq!((change.before, change.after), (1.0, 0.0));
    }

    #[tokio::test]
    async fn nothing_proposed_changes_nothing_and_no_question_is_no_recall() {
        let (embedder, current) = cold().await;
        let questions = [asks("cards of clients", &["card00", "card00"]), asks("z", &["nobody"])];
        let change = recall_preview(&questions, &current, &[], &embedder).await.unwrap();
        assert_eq!((change.before, change.after), (0.5, 0.5));
        let none = recall_preview(&[], &current, &[], &embedder).await.unwrap();
        assert_eq!((none.before, none.after, none.per_question.len()), (0.0, 0.0, 0));
    }

    #[tokio::test]
    async fn a_table_that_is_not_indexed_yet_can_be_proposed() {
        let (embedder, current) = cold().await;
        let new = [would_say("branch", "Branches of the bank")];
        let change = recall_preview(&[asks("branches", &["branch"])], &current, &new, &embedder).await.unwrap();
        assert_eq!((change.before, change.after), (0.0, 1.0));
    }

    #[tokio::test]
    async fn bad_input_is_refused() {
        let (embedder, current) = cold().await;
        let refused = recall_preview(&[asks("x", &[])], &current, &[], &embedder).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        let refused = recall_preview(&[], &current, &[], &WordEmbedder::new(8)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        let many = vec![asks("x", &["t1"]); QUESTIONS_MAX + 1];
        let refused = recall_preview(&many, &current, &[], &embedder).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    }
}
