//! Rows as Milvus packs them: one array a field.

use std::borrow::Cow;
use std::collections::BTreeMap;

use catalog_core::model::{Fqn, IndexEntry, SearchHit, TableId};
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::layout::{Layout, Text};
use super::proto::{
    FLOAT_VECTOR, FieldData, FloatArray, JSON, JsonArray, ScalarField, Scalars, SearchResultData, StringArray, VARCHAR,
    VectorField,
};

/// Who wrote a row, in its document.
pub(super) const WRITER: &str = "akko-catalog-sync";

/// The document of a row that we wrote.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Meta<'a> {
    /// [`WRITER`].
    pub(super) writer: Cow<'a, str>,
    /// The embedder's id.
    pub(super) model: Cow<'a, str>,
    /// The table's id.
    pub(super) table: Cow<'a, str>,
}

/// A vector of unit length in the same direction; zero stays zero. Milvus computes in 32 bits, where the squares of
/// large or small numbers are lost.
pub(super) fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 { vector.iter().map(|x| (f64::from(*x) / length) as f32).collect() } else { vector.to_vec() }
}

/// The fields of some entries. A text that is too long for the collection is cut at a character; a name or an id is
/// not.
pub(super) fn pack(layout: &Layout, entries: &[&IndexEntry], model: &str, dimension: usize) -> Result<Vec<FieldData>> {
    let mut fields = Vec::with_capacity(5);
    let names: Vec<String> = entries.iter().map(|e| e.fqn.to_string()).collect();
    if let Some(id) = &layout.id {
        let ids = entries.iter().map(|e| fitting(id, &e.id.0, &e.fqn).map(str::to_owned));
        fields.push(texts(&id.name, ids.collect::<Result<_>>()?));
    }
    let fitted = names.iter().zip(entries).map(|(name, e)| fitting(&layout.fqn, name, &e.fqn).map(str::to_owned));
    fields.push(texts(&layout.fqn.name, fitted.collect::<Result<_>>()?));
    let cut = entries.iter().map(|e| e.text[..e.text.floor_char_boundary(layout.text.bytes_max)].to_owned());
    fields.push(texts(&layout.text.name, cut.collect()));
    let data = entries.iter().flat_map(|e| unit(&e.embedding)).collect();
    fields.push(FieldData {
        r#type: FLOAT_VECTOR,
        field_name: layout.embedding.clone(),
        vectors: Some(VectorField { dim: dimension as i64, float_vector: Some(FloatArray { data }) }),
        ..FieldData::default()
    });
    if let Some(meta) = &layout.meta {
        let document = |e: &&IndexEntry| {
            serde_json::to_vec(&Meta { writer: WRITER.into(), model: model.into(), table: e.id.0.as_str().into() })
        };
        let data = entries.iter().map(document).collect::<std::result::Result<_, _>>().map_err(|e| {
            Error::new(ErrorKind::Internal, "upsert_vectors", "a row's document cannot be written").caused_by(e)
        })?;
        fields.push(FieldData {
            r#type: JSON,
            field_name: meta.clone(),
            scalars: Some(ScalarField { data: Some(Scalars::Json(JsonArray { data })) }),
            ..FieldData::default()
        });
    }
    Ok(fields)
}

fn texts(name: &str, data: Vec<String>) -> FieldData {
    FieldData {
        r#type: VARCHAR,
        field_name: name.to_owned(),
        scalars: Some(ScalarField { data: Some(Scalars::Strings(StringArray { data })) }),
        ..FieldData::default()
    }
}

fn fitting<'a>(field: &Text, text: &'a str, table: &Fqn) -> Result<&'a str> {
    if text.len() <= field.bytes_max {
        return Ok(text);
    }
    Err(Error::new(ErrorKind::LimitExceeded, "upsert_vectors", "a name is too long for the collection")
        .with("table", table)
        .with("field", &field.name)
        .with("bytes", text.len())
        .with("bytes_max", field.bytes_max))
}

/// The hits of one search. Rows that somebody else wrote under no readable name are passed over.
pub(super) fn unpack(layout: &Layout, found: SearchResultData) -> Vec<SearchHit> {
    let keys = found.ids.and_then(|ids| ids.strings).map(|s| s.data).unwrap_or_default();
    let mut strings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut documents = Vec::new();
    for field in found.fields_data {
        match field.scalars.and_then(|s| s.data) {
            Some(Scalars::Strings(texts)) => drop(strings.insert(field.field_name, texts.data)),
            Some(Scalars::Json(json)) if layout.meta.as_ref() == Some(&field.field_name) => documents = json.data,
            _ => {}
        }
    }
    // The primary key may come as such alone.
    strings.entry(layout.key_field().to_owned()).or_insert(keys);
    let column = |name: &str| strings.get(name).map_or(&[][..], Vec::as_slice);
    let (names, texts) = (column(&layout.fqn.name), column(&layout.text.name));
    let ids = layout.id.as_ref().map_or(&[][..], |id| column(&id.name));
    let mut hits = Vec::with_capacity(found.scores.len());
    for (i, score) in found.scores.iter().enumerate() {
        let Some(fqn) = names.get(i).and_then(|name| name.parse::<Fqn>().ok()) else {
            tracing::warn!(row = i, "a row without a readable name was passed over");
            continue;
        };
        let meta = documents.get(i).and_then(|json| serde_json::from_slice::<Meta<'_>>(json).ok());
        let id = match (ids.get(i), meta) {
            (Some(id), _) if !id.is_empty() => TableId(id.clone()),
            (_, Some(meta)) if meta.writer == WRITER => TableId(meta.table.into_owned()),
            _ => TableId::from_fqn(&fqn),
        };
        let score = if score.is_finite() { *score } else { 0.0 };
        hits.push(SearchHit { id, fqn, score, text: texts.get(i).cloned().unwrap_or_default() });
    }
    hits
}
