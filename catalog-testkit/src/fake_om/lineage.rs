//! Lineage: edges between tables, and the graph around one.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::exchange::{Answer, Request};
use super::kind::{Kind, reference, text};
use super::stand_in::StandIn;

/// What is known of an edge: description, query, source, columns.
pub(super) type Edge = Value;

/// Graphs deeper than this are not followed.
const DEPTH_MAX: usize = 10;

impl StandIn {
    pub(super) fn lineage_of(&mut self, request: &Request, rest: &[&str]) -> Result<Answer, Answer> {
        match (request.method.as_str(), rest) {
            ("PUT", []) => self.put_edge(&request.body_json()?),
            ("GET", ["table", "name", fqn]) => {
                let table = self.find_by_name(Kind::Table, fqn, false)?;
                Ok(self.graph(request, table))
            }
            ("GET", ["table", id]) => {
                let table = self.find_by_id(Kind::Table, id, false)?;
                Ok(self.graph(request, table))
            }
            ("DELETE", ["table", from, "table", to]) => {
                let removed = self.lineage.remove(&((*from).to_owned(), (*to).to_owned()));
                removed.map(|_| Answer::empty()).ok_or_else(|| Answer::not_found("lineage", &format!("{from} {to}")))
            }
            _ => Err(Answer::error(404, "HTTP 404 Not Found")),
        }
    }

    fn put_edge(&mut self, body: &Value) -> Result<Answer, Answer> {
        let edge = &body["edge"];
        for end in ["fromEntity", "toEntity"] {
            if edge[end]["type"] != "table" {
                return Err(Answer::not_found(text(&edge[end], "type"), text(&edge[end], "id")));
            }
            self.find_by_id(Kind::Table, text(&edge[end], "id"), false)?;
        }
        let details = match &edge["lineageDetails"] {
            Value::Object(given) => given.clone(),
            _ => Map::new(),
        };
        for columns in details.get("columnsLineage").and_then(Value::as_array).into_iter().flatten() {
            let from = columns["fromColumns"].as_array().into_iter().flatten().filter_map(Value::as_str);
            for column in from.chain(columns["toColumn"].as_str()) {
                self.check_column(column)?;
            }
        }
        let mut details = Value::Object(details);
        if details["source"].is_null() {
            details["source"] = json!("Manual");
        }
        let ends = (text(&edge["fromEntity"], "id").to_owned(), text(&edge["toEntity"], "id").to_owned());
        self.lineage.insert(ends, details);
        Ok(Answer::empty())
    }

    fn graph(&self, request: &Request, table: &Value) -> Answer {
        let depth = |name: &str| request.param(name).and_then(|d| d.parse().ok()).unwrap_or(1usize).min(DEPTH_MAX);
        let id = text(table, "id");
        let (upstream, above) = self.follow(id, depth("upstreamDepth"), |from, to| (to, from));
        let (downstream, below) = self.follow(id, depth("downstreamDepth"), |from, to| (from, to));
        let nodes: BTreeSet<&str> = above.into_iter().chain(below).filter(|node| *node != id).collect();
        let nodes: Vec<Value> = nodes
            .into_iter()
            .filter_map(|node| self.store.by_id(Kind::Table, node))
            .map(|stored| reference(Kind::Table, &stored.entity))
            .collect();
        Answer::json(
            200,
            json!({
                "entity": reference(Kind::Table, table),
                "nodes": nodes,
                "upstreamEdges": upstream,
                "downstreamEdges": downstream,
            }),
        )
    }

    /// Edges and tables met on the way from a table; `along` turns an edge's ends into where it starts and leads.
    fn follow<'a>(
        &'a self,
        start: &'a str,
        depth: usize,
        along: impl Fn(&'a str, &'a str) -> (&'a str, &'a str),
    ) -> (Vec<Value>, Vec<&'a str>) {
        let (mut edges, mut met, mut front) = (Vec::new(), vec![start], vec![start]);
        for _ in 0..depth {
            let mut next = Vec::new();
            for ((from, to), details) in &self.lineage {
                let (starts, leads) = along(from, to);
                if front.contains(&starts) {
                    edges.push(json!({ "fromEntity": from, "toEntity": to, "lineageDetails": details }));
                    if !met.contains(&leads) {
                        met.push(leads);
                        next.push(leads);
                    }
                }
            }
            front = next;
        }
        (edges, met)
    }
}
