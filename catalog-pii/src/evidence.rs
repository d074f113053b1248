//! What the voters get to see.

use catalog_core::model::{CatalogTag, ColumnEvidence, MaskedSample, PiiEvidence, Table, TableProfile};
use catalog_core::ports::ScanHits;

/// Joins schema, profile, hits and masked rows. `hits` go by the table's column order, profiles by name; a column
/// without hits counts as not seen, so that the pattern side abstains on it.
pub fn evidence(table: &Table, profile: Option<&TableProfile>, hits: &[ScanHits], masked: MaskedSample) -> PiiEvidence {
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| ColumnEvidence {
            name: column.name.clone(),
            data_type: column.data_type,
            description: column.description.as_ref().map(|d| d.text.clone()),
            profile: profile.and_then(|p| p.columns.iter().find(|c| c.name == column.name)).cloned(),
            hits: hits.get(i).map(|h| h.hits.clone()).unwrap_or_default(),
            cells_seen: hits.get(i).map_or(0, |h| h.cells_seen),
            catalog_tags: Vec::new(),
        })
        .collect();
    PiiEvidence { table_name: table.fqn().name().to_owned(), columns, masked }
}

/// Adds the tags that the catalog holds on columns, by column name; names that the evidence lacks are passed over.
pub fn attach_catalog_tags(evidence: &mut PiiEvidence, tags: Vec<(String, Vec<CatalogTag>)>) {
    for (name, tags) in tags {
        if let Some(column) = evidence.columns.iter_mut().find(|c| c.name == name) {
            column.catalog_tags.extend(tags);
        }
    }
}
