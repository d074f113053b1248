//! `POST /embeddings`.

use catalog_core::model::Embedding;
use catalog_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::json;

use super::model_client::ModelClient;

const OPERATION: &str = "embed_texts";

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Item {
    index: Option<usize>,
    embedding: Embedding,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    total_tokens: u64,
}

impl ModelClient {
    /// One batch of texts to as many vectors, in the order given, as the model made them.
    pub(crate) async fn embed(&self, model: &str, texts: &[String]) -> Result<Vec<Embedding>> {
        let expected = texts.iter().map(|text| text.len() as u64 / 3 + 1).sum();
        let body = json!({"model": model, "input": texts, "encoding_format": "float"});
        let response = self.post(OPERATION, "/embeddings", &body, expected).await?;
        let answer: Answer = response.json()?;
        let used = answer.usage.map_or(0, |usage| usage.total_tokens);
        self.settle(expected, if used == 0 { expected } else { used });
        in_order(answer.data, texts.len())
    }
}

/// Servers number the vectors and may return them in any order; one that does not number them keeps it.
fn in_order(items: Vec<Item>, wanted: usize) -> Result<Vec<Embedding>> {
    let corrupt = |why: &str| Error::new(ErrorKind::Corrupt, OPERATION, why).with("texts", wanted);
    let mut placed: Vec<Option<Embedding>> = vec![None; wanted];
    for (at, item) in items.into_iter().enumerate() {
        let slot =
            placed.get_mut(item.index.unwrap_or(at)).ok_or_else(|| corrupt("it gives more vectors than texts"))?;
        if slot.replace(item.embedding).is_some() {
            return Err(corrupt("it gives two vectors for one text"));
        }
    }
    placed.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| corrupt("it gives fewer vectors than texts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(index: Option<usize>, value: f32) -> Item {
        Item { index, embedding: vec![value] }
    }

    #[test]
    fn vectors_are_put_in_the_order_of_their_texts() {
        let found = in_order(vec![item(Some(1), 1.0), item(Some(0), 0.0)], 2).unwrap();
        assert_eq!(found, [vec![0.0], vec![1.0]]);
        assert_eq!(in_order(vec![item(None, 5.0)], 1).unwrap(), [vec![5.0]]);
    }

    #[test]
    fn a_missing_a_double_and_a_surplus_vector_are_refused() {
        assert!(in_order(vec![item(Some(0), 0.0)], 2).is_err());
        assert!(in_order(vec![item(Some(0), 0.0), item(Some(0), 0.0)], 2).is_err());
        assert!(in_order(vec![item(Some(2), 0.0), item(Some(0), 0.0)], 2).is_err());
    }
}
