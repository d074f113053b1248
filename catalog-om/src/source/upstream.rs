//! What a table is made from, by the catalog's lineage.

use catalog_core::Result;
use catalog_core::model::Fqn;
use catalog_core::ports::Upstream;

use super::distinct;
use crate::client::OmClient;
use crate::lineage::{self, Graph};
use crate::wire::said;

/// The tables one edge upstream. An edge that only tells a key that we inferred is no flow of data and left out.
pub(super) async fn of(client: &OmClient, table: &Fqn, limit: usize) -> Result<Vec<Upstream>> {
    let Some(graph) = lineage::read(client, table).await? else { return Ok(Vec::new()) };
    let Graph { entity, nodes, upstream_edges, .. } = graph;
    let ends: Vec<String> = upstream_edges
        .into_iter()
        .filter(|edge| entity.id.as_deref() == Some(edge.to_entity.as_str()) && !edge.is_only_ours())
        .map(|edge| edge.from_entity)
        .collect();
    let upstream = distinct(ends).into_iter().filter_map(|id| {
        let node = nodes.iter().find(|node| node.id.as_deref() == Some(id.as_str()))?;
        if node.kind.as_deref().is_some_and(|kind| kind != "table") {
            return None;
        }
        let fqn = node.fully_qualified_name.as_ref()?.parse().ok()?;
        Some(Upstream { fqn, description: said(node.description.as_ref()).map(str::to_owned) })
    });
    Ok(upstream.take(limit).collect())
}
