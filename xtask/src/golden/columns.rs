//! What the model says of columns, against what the set says of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use catalog_core::model::{FieldPath, FieldValue, Proposal};
use serde::Serialize;

use super::set::{Regime, lower};
use super::vectors::ModelVectors;
use super::walk::{CONFIGURATION, ends};
use crate::Result;

/// Columns of one regime, described by the model.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnDescriptions {
    /// Columns of which the set says what they hold.
    pub columns: usize,
    /// Those that the model described within the guard.
    pub described: usize,
    /// Words of a description: the median and the most; 0 without any.
    pub words: [usize; 2],
    /// Mean cosine of the model's and the set's description, if an embedding model answered.
    pub similarity: Option<f64>,
    /// The same of the column's bare name and the set's description: what is reached without describing.
    pub similarity_of_names: Option<f64>,
}

/// Compares what a walk proposed for columns with the set.
///
/// # Errors
/// A listing that fails, and what the embedding model says.
pub fn measure(
    binary: &Path,
    state: &Path,
    regime: &Regime,
    vectors: Option<&ModelVectors>,
) -> Result<ColumnDescriptions> {
    let proposed = proposed(binary, state)?;
    let (mut texts, mut names, mut gold) = (Vec::new(), Vec::new(), Vec::new());
    for (column, known) in &regime.columns {
        if let Some(text) = proposed.get(column) {
            texts.push(text.clone());
            names.push(column[2].replace('_', " "));
            gold.push(known.clone());
        }
    }
    let similarity = |texts: &[String]| vectors.map(|model| model.similarity(texts, &gold)).transpose();
    Ok(ColumnDescriptions {
        columns: regime.columns.len(),
        described: texts.len(),
        words: words(texts.iter().map(String::as_str)),
        similarity: similarity(&texts)?.flatten(),
        similarity_of_names: similarity(&names)?.flatten(),
    })
}

/// Words of texts: the median and the most; 0 without any.
pub fn words<'a>(texts: impl Iterator<Item = &'a str>) -> [usize; 2] {
    let mut counts: Vec<usize> = texts.map(|text| text.split_whitespace().count()).collect();
    counts.sort_unstable();
    [counts.get(counts.len() / 2).copied().unwrap_or(0), counts.last().copied().unwrap_or(0)]
}

/// What waits for a steward, by file, table and column in lowercase.
fn proposed(binary: &Path, state: &Path) -> Result<BTreeMap<[String; 3], String>> {
    let listing = ["review", "list", "--all", "--kind", "column_description", "--output", "json"];
    let told = Command::new(binary).arg("--config").arg(state.join(CONFIGURATION)).args(listing).output()?;
    if !told.status.success() {
        return Err(format!("the columns' texts cannot be listed: {}", String::from_utf8_lossy(&told.stderr)).into());
    }
    let proposals: Vec<Proposal> = serde_json::from_slice(&told.stdout)?;
    let column = |proposal: Proposal| {
        let operation = proposal.operation;
        let [file, table] = ends(&operation.table.fqn.to_string());
        match (operation.field, operation.after) {
            (FieldPath::ColumnDescription { column }, Some(FieldValue::Text(text))) => {
                Some((lower([&file, &table, &column]), text))
            }
            _ => None,
        }
    };
    Ok(proposals.into_iter().filter_map(column).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_as_median_and_most() {
        assert_eq!(words(["one", "one two three", "one two"].into_iter()), [2, 3]);
        assert_eq!(words(std::iter::empty()), [0, 0]);
    }
}
