//! Lineage around a table, and the foreign keys that we write into its edges.

use catalog_core::model::{ColumnSet, ForeignKey, Fqn, KeyEvidence, KeyStatus, OperationId};
use catalog_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::client::{Call, OmClient};
use crate::path_segment;
use crate::wire::OmReference;

/// How a line of an edge's description starts that tells a key of ours.
const LINE_START: &str = "Inferred foreign key, not data flow: ";

/// The edges into a table, with the tables at their other ends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Graph {
    pub(crate) entity: OmReference,
    #[serde(default)]
    pub(crate) nodes: Vec<OmReference>,
    #[serde(default)]
    pub(crate) upstream_edges: Vec<Edge>,
}

/// One edge.
#[derive(Deserialize, Debug, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Edge {
    #[serde(deserialize_with = "end")]
    pub(crate) from_entity: String,
    #[serde(deserialize_with = "end")]
    pub(crate) to_entity: String,
    /// Kept whole: what we do not know is sent back as it was.
    pub(crate) lineage_details: Option<Map<String, Value>>,
}

/// The id at an edge's end: servers send it bare, newer ones may send a reference.
fn end<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let id = value.as_str().or_else(|| value["id"].as_str());
    id.map(str::to_owned).ok_or_else(|| serde::de::Error::custom("an edge without an end"))
}

/// The edges into a table; `None` when the table is gone.
///
/// # Errors
/// As [`OmClient::find`].
pub(crate) async fn read(client: &OmClient, table: &Fqn) -> Result<Option<Graph>> {
    let call = Call::get("read_lineage", format!("/lineage/table/name/{}", path_segment(table)))
        .query("upstreamDepth", "1")
        .query("downstreamDepth", "0");
    client.find(call).await
}

impl Graph {
    /// The name of the table with that id.
    pub(crate) fn name_of(&self, id: &str) -> Option<Fqn> {
        let mut all = self.nodes.iter().chain(std::iter::once(&self.entity));
        all.find(|node| node.id.as_deref() == Some(id))?.fully_qualified_name.as_ref()?.parse().ok()
    }

    /// The keys of ours of which the table is the child.
    pub(crate) fn keys_of(&self, table_id: &str, table: &Fqn) -> Vec<ForeignKey> {
        let edges = self.upstream_edges.iter().filter(|edge| edge.to_entity == table_id);
        edges
            .filter_map(|edge| Some((edge, self.name_of(&edge.from_entity)?)))
            .flat_map(|(edge, parent)| edge.keys().into_iter().map(move |line| line.key(table, &parent)))
            .collect()
    }
}

/// A key as one of our lines tells it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyLine {
    pub(crate) columns: Vec<String>,
    pub(crate) parent_columns: Vec<String>,
    score: f64,
    status: KeyStatus,
    line: String,
}

impl KeyLine {
    /// The line for a key that an operation writes. The operation's first letters lead to its row in the audit log,
    /// which names the run.
    ///
    /// # Errors
    /// `InvalidInput` for columns whose names could be read in another way: with line breaks or arrows.
    pub(crate) fn of(key: &ForeignKey, operation: &OperationId) -> Result<Self> {
        let names = |side: &ColumnSet| Fqn::from_parts(side.columns.clone()).to_string();
        let change: String = operation.0.chars().take(12).collect();
        let line = format!(
            "{LINE_START}{} -> {}; score {:.2}; {}; change {change}.",
            names(&key.child),
            names(&key.parent),
            key.score,
            key.status.as_str(),
        );
        let told = Self {
            columns: key.child.columns.clone(),
            parent_columns: key.parent.columns.clone(),
            score: key.score,
            status: key.status,
            line,
        };
        let reads =
            |read: Self| (read.columns, read.parent_columns) == (told.columns.clone(), told.parent_columns.clone());
        if told.line.contains(char::is_control) || !Self::parse(&told.line).is_some_and(reads) {
            return Err(Error::new(ErrorKind::InvalidInput, "write_lineage", "a line cannot hold the columns' names")
                .with("table", &key.child.table)
                .hint("write this key as a table constraint"));
        }
        Ok(told)
    }

    fn parse(line: &str) -> Option<Self> {
        let body = line.trim().strip_prefix(LINE_START)?;
        let (names, facts) = body.rsplit_once("; score ")?;
        let mut facts = facts.split("; ");
        let score: f64 = facts.next()?.parse().ok()?;
        let status = match facts.next()? {
            "declared" => KeyStatus::Declared,
            "confirmed" => KeyStatus::Confirmed,
            _ => KeyStatus::Proposed,
        };
        // An arrow may be part of a name: the first place where both sides read as names is meant.
        let (columns, parent_columns) = names.match_indices(" -> ").find_map(|(at, arrow)| {
            let columns: Fqn = names[..at].parse().ok()?;
            let parent: Fqn = names[at + arrow.len()..].parse().ok()?;
            (columns.parts().len() == parent.parts().len()).then(|| (columns.parts().to_vec(), parent.parts().to_vec()))
        })?;
        Some(Self { columns, parent_columns, score, status, line: line.trim().to_owned() })
    }

    /// The key, without the evidence that a line has no room for.
    pub(crate) fn key(&self, child: &Fqn, parent: &Fqn) -> ForeignKey {
        ForeignKey {
            child: ColumnSet { table: child.clone(), columns: self.columns.clone() },
            parent: ColumnSet { table: parent.clone(), columns: self.parent_columns.clone() },
            score: self.score,
            status: self.status,
            orphans: None,
            vacuous: false,
            sampled: false,
            evidence: KeyEvidence::new(),
        }
    }

    /// One pair a column, as `columnsLineage` has them.
    fn pairs(&self, child: &Fqn, parent: &Fqn) -> Vec<Value> {
        let both = self.columns.iter().zip(&self.parent_columns);
        both.map(
            |(c, p)| json!({ "fromColumns": [parent.child(p).to_string()], "toColumn": child.child(c).to_string() }),
        )
        .collect()
    }
}

impl Edge {
    /// An edge that does not exist yet.
    pub(crate) fn new(from: &str, to: &str) -> Self {
        Self { from_entity: from.to_owned(), to_entity: to.to_owned(), lineage_details: None }
    }

    fn description(&self) -> &str {
        self.lineage_details.as_ref().and_then(|d| d.get("description")).and_then(Value::as_str).unwrap_or_default()
    }

    /// The keys of ours that it tells.
    pub(crate) fn keys(&self) -> Vec<KeyLine> {
        self.description().lines().filter_map(KeyLine::parse).collect()
    }

    /// Does it tell nothing but keys of ours?
    pub(crate) fn is_only_ours(&self) -> bool {
        let mut lines = self.description().lines().filter(|line| !line.trim().is_empty()).peekable();
        let details = self.lineage_details.as_ref();
        let told = |member: &str| details.is_some_and(|d| d.get(member).is_some_and(|value| !value.is_null()));
        lines.peek().is_some()
            && lines.all(|line| KeyLine::parse(line).is_some())
            && !told("sqlQuery")
            && !told("pipeline")
    }

    /// The edge with `keys` as its keys of ours; everything else that it tells stays. `None` when nothing is left.
    pub(crate) fn with_keys(&self, keys: &[KeyLine], child: &Fqn, parent: &Fqn) -> Option<Self> {
        if keys.is_empty() && (self.is_only_ours() || self.lineage_details.is_none()) {
            return None;
        }
        let mut details = self.lineage_details.clone().unwrap_or_default();
        let others = self.description().lines().filter(|line| KeyLine::parse(line).is_none()).map(str::to_owned);
        let lines: Vec<String> = others.chain(keys.iter().map(|key| key.line.clone())).collect();
        details.insert("description".to_owned(), json!(lines.join("\n")));
        let ours: Vec<Value> = self.keys().iter().flat_map(|key| key.pairs(child, parent)).collect();
        let held = details.get("columnsLineage").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut pairs: Vec<Value> = held.into_iter().filter(|pair| !ours.contains(pair)).collect();
        for pair in keys.iter().flat_map(|key| key.pairs(child, parent)) {
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        details.insert("columnsLineage".to_owned(), Value::Array(pairs));
        // Ingestion deletes and rewrites edges of its own sources, never manual ones.
        if details.get("source").is_none_or(Value::is_null) {
            details.insert("source".to_owned(), json!("Manual"));
        }
        Some(Self { lineage_details: Some(details), ..self.clone() })
    }

    /// The request that writes it.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "edge": {
            "fromEntity": { "id": self.from_entity, "type": "table" },
            "toEntity": { "id": self.to_entity, "type": "table" },
            "lineageDetails": self.lineage_details,
        }})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fqn(name: &str) -> Fqn {
        Fqn::from_parts(["lake", "iceberg", "sales", name])
    }

    fn key(columns: &[&str], parent_columns: &[&str]) -> ForeignKey {
        let side = |table: &str, columns: &[&str]| ColumnSet {
            table: fqn(table),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        ForeignKey {
            child: side("orders", columns),
            parent: side("customers", parent_columns),
            score: 0.93,
            status: KeyStatus::Confirmed,
            orphans: Some(0),
            vacuous: false,
            sampled: false,
            evidence: KeyEvidence::new(),
        }
    }

    fn line(columns: &[&str], parent_columns: &[&str]) -> KeyLine {
        KeyLine::of(&key(columns, parent_columns), &OperationId("0123456789abcdef".into())).unwrap()
    }

    fn with(edge: &Edge, keys: &[KeyLine]) -> Option<Edge> {
        edge.with_keys(keys, &fqn("orders"), &fqn("customers"))
    }

    #[test]
    fn a_line_says_that_the_key_is_inferred_how_sure_it_is_and_where_it_comes_from() {
        assert_eq!(
            line(&["customer_id"], &["id"]).line,
            "Inferred foreign key, not data flow: customer_id -> id; score 0.93; confirmed; change 0123456789ab."
        );
    }

    #[test]
    fn keys_are_added_and_taken_out_again_and_nothing_of_ours_is_left() {
        let (one, two) = (line(&["customer_id"], &["id"]), line(&["a", "b"], &["x", "y"]));
        let edge = with(&Edge::new("parent", "child"), &[one.clone(), two.clone()]).unwrap();
        assert_eq!(edge.keys(), [one, two.clone()]);
        assert!(edge.is_only_ours());
        assert_eq!(edge.lineage_details.as_ref().unwrap()["columnsLineage"].as_array().unwrap().len(), 3);
        let edge = with(&edge, std::slice::from_ref(&two)).unwrap();
        assert_eq!(edge.keys(), [two]);
        assert_eq!(edge.lineage_details.as_ref().unwrap()["columnsLineage"].as_array().unwrap().len(), 2);
        assert!(with(&edge, &[]).is_none());
    }

    #[test]
    fn what_others_say_of_an_edge_stays() {
        let others = json!({
            "sqlQuery": "insert", "source": "QueryLineage", "description": "Nightly load.", "pipeline": null,
            "columnsLineage": [{"fromColumns": ["a"], "toColumn": "b", "function": "sum"}],
        });
        let edge = Edge { lineage_details: others.as_object().cloned(), ..Edge::new("parent", "child") };
        let ours = with(&edge, &[line(&["customer_id"], &["id"])]).unwrap();
        assert!(!ours.is_only_ours());
        assert_eq!(ours.lineage_details.as_ref().unwrap()["source"], "QueryLineage");
        let back = with(&ours, &[]).unwrap();
        assert_eq!(back.lineage_details, edge.lineage_details);
    }

    proptest! {
        #[test]
        fn every_line_that_can_be_written_is_read_back(
            pairs in prop::collection::vec(("[^\\p{Cc}]{1,8}|[;.> -]{1,6}", "[^\\p{Cc}]{1,8}"), 1..3),
        ) {
            let (columns, parents): (Vec<&str>, Vec<&str>) = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
            if let Ok(line) = KeyLine::of(&key(&columns, &parents), &OperationId("0".into())) {
                let read = KeyLine::parse(&line.line).unwrap();
                prop_assert_eq!((read.columns, read.parent_columns), (line.columns, line.parent_columns));
            } else {
                prop_assert!(columns.concat().contains('>') || parents.concat().contains('>'));
            }
        }

        #[test]
        fn any_description_is_read_without_panic(text in "(Inferred foreign key, not data flow: )?.{0,60}") {
            let _ = KeyLine::parse(&text);
        }
    }
}
