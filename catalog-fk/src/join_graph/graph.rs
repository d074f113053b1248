//! The graph, its JSON form and its hints.

use std::collections::BTreeMap;

use catalog_core::model::{ColumnSet, EngineName, ForeignKey, Fqn, KeyStatus};
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::path::PathFinder;
use super::sql::from_clause;

/// Version of the JSON form; raised when a field changes its meaning.
const JSON_VERSION: u32 = 1;

/// Most hints for one question.
const HINTS_MAX: usize = 8;

/// Most tables in one question.
const TABLES_MAX: usize = 32;

/// A key that tables can be joined by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinEdge {
    /// The referring side.
    pub child: ColumnSet,
    /// The referred side; its columns match the child's in order.
    pub parent: ColumnSet,
    /// Probability that it is a key; 1 when declared.
    pub score: f64,
    /// Declared or confirmed; a proposed key is not in the graph.
    pub status: KeyStatus,
}

/// One join of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinStep {
    /// The side that is joined already.
    pub left: ColumnSet,
    /// The side that is added; its columns match the left ones in order.
    pub right: ColumnSet,
}

/// A way to join the tables asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinHint {
    /// The joins in order; each adds one table.
    pub steps: Vec<JoinStep>,
    /// Tables on the way that were not asked for.
    pub bridges: Vec<Fqn>,
    /// Product of the keys' probabilities.
    pub score: f64,
    /// Is there another way about as good, so that a person or the question's words have to decide
    /// (`ship_addr` or `bill_addr`)? All of them are among the hints.
    pub ambiguous: bool,
    /// The joins as a `FROM` clause for Trino, aliases `t1`, `t2`, … in the order of the steps.
    pub sql: String,
}

/// Tables and the keys between them.
///
/// ```
/// use catalog_core::model::Fqn;
/// use catalog_fk::JoinGraph;
///
/// let json = r#"{"version": 1,
///   "tables": {"dwh.shop.orders": {"catalog": "dwh", "schema": "shop", "table": "orders"}},
///   "edges": [{"child": {"table": "dwh.shop.orders", "columns": ["customer_id"]},
///              "parent": {"table": "dwh.shop.customers", "columns": ["id"]},
///              "score": 0.97, "status": "confirmed"}]}"#;
/// let graph = JoinGraph::from_json(json)?;
/// let tables: Vec<Fqn> = vec!["dwh.shop.orders".parse()?, "dwh.shop.customers".parse()?];
/// let hints = graph.hints(&tables);
/// assert_eq!(
///     hints[0].sql,
///     "FROM \"dwh\".\"shop\".\"orders\" AS t1\nJOIN \"dwh\".\"shop\".\"customers\" AS t2 ON t1.\"customer_id\" = t2.\"id\""
/// );
/// # Ok::<(), catalog_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JoinGraph {
    version: u32,
    /// The engine's name of each table; a table without one is named by the last three parts of its own name.
    tables: BTreeMap<Fqn, EngineName>,
    edges: Vec<JoinEdge>,
}

impl JoinGraph {
    /// The graph of the declared and confirmed keys among `keys`. `tables` gives the names that the SQL uses.
    pub fn new(keys: &[ForeignKey], tables: impl IntoIterator<Item = (Fqn, EngineName)>) -> Self {
        let mut edges: Vec<JoinEdge> = keys
            .iter()
            .filter(|k| k.status != KeyStatus::Proposed && k.child.columns.len() == k.parent.columns.len())
            .map(|k| JoinEdge { child: k.child.clone(), parent: k.parent.clone(), score: k.score, status: k.status })
            .collect();
        edges.sort_by(|a, b| (&a.child, &a.parent).cmp(&(&b.child, &b.parent)));
        Self { version: JSON_VERSION, tables: tables.into_iter().collect(), edges }
    }

    /// The keys.
    pub fn edges(&self) -> &[JoinEdge] {
        &self.edges
    }

    /// Reads what [`JoinGraph::to_json`] wrote.
    ///
    /// # Errors
    /// `InvalidInput` when the text is no join graph, `Unsupported` when it is of a later version.
    pub fn from_json(text: &str) -> Result<Self> {
        let bad = |cause: String| {
            Error::new(ErrorKind::InvalidInput, "read_join_graph", cause).hint("fetch /api/v1/join-graph again")
        };
        let graph: Self = serde_json::from_str(text)
            .map_err(|e| bad(format!("no join graph at line {}, column {}", e.line(), e.column())))?;
        if graph.version > JSON_VERSION {
            return Err(Error::new(ErrorKind::Unsupported, "read_join_graph", "a later version wrote it")
                .with("version", graph.version)
                .hint("update catalog-fk"));
        }
        if graph.edges.iter().any(|e| e.child.columns.is_empty() || e.child.columns.len() != e.parent.columns.len()) {
            return Err(bad("a key's two sides differ in length".to_owned()));
        }
        Ok(graph)
    }

    /// The graph as JSON: `version`, `tables`, `edges`.
    ///
    /// # Errors
    /// `Internal`, which no graph is known to cause.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|e| Error::new(ErrorKind::Internal, "write_join_graph", "a value has no JSON form").caused_by(e))
    }

    /// Ways to join these tables, best first: over as few keys as possible, sure keys before doubtful ones, through
    /// bridge tables where needed. When several are about as good, all are given (at most 8) and marked ambiguous.
    /// Empty when the keys do not connect the tables, when fewer than two are asked for, or more than 32.
    pub fn hints(&self, tables: &[Fqn]) -> Vec<JoinHint> {
        let mut asked: Vec<&Fqn> = Vec::new();
        for table in tables {
            if !asked.contains(&table) {
                asked.push(table);
            }
        }
        if asked.len() < 2 || asked.len() > TABLES_MAX {
            return Vec::new();
        }
        let finder = PathFinder::new(&self.edges);
        let trees = finder.trees(&asked, HINTS_MAX);
        let ambiguous = trees.len() > 1;
        trees.into_iter().map(|(steps, score)| self.hint(asked[0], &asked, steps, score, ambiguous)).collect()
    }

    fn hint(&self, start: &Fqn, asked: &[&Fqn], steps: Vec<JoinStep>, score: f64, ambiguous: bool) -> JoinHint {
        let bridges = steps.iter().map(|s| &s.right.table).filter(|t| !asked.contains(t)).cloned().collect();
        let sql = from_clause(start, &steps, &self.tables);
        JoinHint { steps, bridges, score, ambiguous, sql }
    }
}
