//! Foreign keys as lineage edges.

use catalog_core::model::{FieldPath, FieldValue, Fqn, Operation};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::Method;

use super::OmPublisher;
use super::current::Snapshot;
use super::labels::wrong_value;
use crate::client::Call;
use crate::lineage::{Edge, Graph, KeyLine};
use crate::path_segment;
use crate::wire::OmTable;

impl OmPublisher {
    /// Writes the keys of the operations into the edges into the table. Edges carry no version, so what somebody else
    /// writes into the same edge at the same moment can be lost; everything that was read is kept.
    pub(super) async fn write_keys(&self, snapshot: &Snapshot, operations: &[Operation]) -> Result<()> {
        let Some(graph) = &snapshot.graph else { return Ok(()) };
        let child = &snapshot.fqn;
        let mut edges = own_edges(graph, &snapshot.table.id);
        for operation in operations {
            let FieldPath::ForeignKey { columns } = &operation.field else { continue };
            let wanted = match &operation.after {
                None => None,
                Some(FieldValue::Key(key)) => Some((&key.parent.table, KeyLine::of(key, &operation.id)?)),
                Some(_) => return Err(wrong_value("a key")),
            };
            for edge in &mut edges {
                edge.keys.retain(|key| key.columns != *columns);
            }
            if let Some((parent, line)) = wanted {
                let at = match edges.iter().position(|edge| edge.parent == *parent) {
                    Some(at) => at,
                    None => {
                        edges.push(self.new_edge(parent, &snapshot.table.id).await?);
                        edges.len() - 1
                    }
                };
                edges[at].keys.push(line);
            }
        }
        for edge in edges.into_iter().filter(|edge| edge.keys != edge.edge.keys()) {
            match edge.edge.with_keys(&edge.keys, child, &edge.parent) {
                Some(edge) => {
                    let body = edge.to_json();
                    self.client.done(Call::new("write_lineage", Method::Put, "/lineage").json(&body)).await?;
                }
                None => self.delete_edge(&edge.edge).await?,
            }
        }
        Ok(())
    }

    async fn new_edge(&self, parent: &Fqn, child_id: &str) -> Result<KeyEdge> {
        let call = Call::get("read_parent", format!("/tables/name/{}", path_segment(parent)));
        let found: Option<OmTable> = self.client.find(call).await?;
        let id = found.map(|table| table.id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "write_lineage", "the catalog does not hold the key's parent")
                .with("parent", parent)
        })?;
        Ok(KeyEdge { parent: parent.clone(), edge: Edge::new(&id, child_id), keys: Vec::new() })
    }

    async fn delete_edge(&self, edge: &Edge) -> Result<()> {
        let path = format!("/lineage/table/{}/table/{}", edge.from_entity, edge.to_entity);
        // Gone already is as good.
        match self.client.done(Call::new("delete_lineage", Method::Delete, path)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// An edge with the keys that it is to tell.
struct KeyEdge {
    parent: Fqn,
    edge: Edge,
    keys: Vec<KeyLine>,
}

fn own_edges(graph: &Graph, table_id: &str) -> Vec<KeyEdge> {
    let into = graph.upstream_edges.iter().filter(|edge| edge.to_entity == table_id);
    into.filter_map(|edge| {
        let parent = graph.name_of(&edge.from_entity)?;
        Some(KeyEdge { parent, edge: edge.clone(), keys: edge.keys() })
    })
    .collect()
}
