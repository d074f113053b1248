//! Shortest ways through the keys.

use std::collections::{BinaryHeap, HashMap};

use catalog_core::model::{ColumnSet, Fqn};

use super::graph::{JoinEdge, JoinStep};

/// Ways whose costs differ by less than this are about as good.
const TIE: f64 = 0.15;

/// Two rows that only share a parent (orders and returns of one day) are seldom what is meant: such a turn costs as
/// much as another key.
const SHARED_PARENT_COST: f64 = 1.0;

/// Longest way between two tables, in keys.
const STEPS_MAX: usize = 6;

/// A place on a way: a table, and whether it was entered from one of its children.
type Place = (usize, bool);

/// The graph by table numbers.
pub(super) struct PathFinder<'a> {
    edges: &'a [JoinEdge],
    numbers: HashMap<&'a Fqn, usize>,
    /// By table: `(edge, the other table, is the other table the parent?)`.
    neighbours: Vec<Vec<(usize, usize, bool)>>,
}

impl<'a> PathFinder<'a> {
    pub(super) fn new(edges: &'a [JoinEdge]) -> Self {
        let mut finder = Self { edges, numbers: HashMap::new(), neighbours: Vec::new() };
        for (index, edge) in edges.iter().enumerate() {
            let child = finder.number(&edge.child.table);
            let parent = finder.number(&edge.parent.table);
            if child != parent {
                finder.neighbours[child].push((index, parent, true));
                finder.neighbours[parent].push((index, child, false));
            }
        }
        finder
    }

    fn number(&mut self, table: &'a Fqn) -> usize {
        let next = self.neighbours.len();
        let number = *self.numbers.entry(table).or_insert(next);
        if number == next {
            self.neighbours.push(Vec::new());
        }
        number
    }

    /// At most `limit` trees that connect the tables, best first, each as steps from the first table and the product
    /// of the scores. Grown greedily, the nearest table first; where ways tie, one tree for each.
    pub(super) fn trees(&self, tables: &[&Fqn], limit: usize) -> Vec<(Vec<JoinStep>, f64)> {
        let Some(numbers) = tables.iter().map(|t| self.numbers.get(t).copied()).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        let mut open = vec![(vec![numbers[0]], Vec::<(usize, bool)>::new())];
        for _ in 1..numbers.len() {
            let mut grown = Vec::new();
            for (joined, walked) in open {
                if numbers.iter().all(|n| joined.contains(n)) {
                    grown.push((joined, walked));
                    continue;
                }
                for way in self.nearest(&joined, &numbers, limit) {
                    let (mut joined, mut walked) = (joined.clone(), walked.clone());
                    for (edge, to_parent) in way {
                        let edge_tables = &self.edges[edge];
                        let added = if to_parent { &edge_tables.parent.table } else { &edge_tables.child.table };
                        joined.push(self.numbers[added]);
                        walked.push((edge, to_parent));
                    }
                    grown.push((joined, walked));
                }
            }
            grown.truncate(limit);
            open = grown;
        }
        open.into_iter()
            .filter(|(joined, _)| numbers.iter().all(|n| joined.contains(n)))
            .map(|(_, walked)| self.tree(&walked))
            .collect()
    }

    fn tree(&self, walked: &[(usize, bool)]) -> (Vec<JoinStep>, f64) {
        let step = |(edge, to_parent): &(usize, bool)| {
            let JoinEdge { child, parent, .. } = &self.edges[*edge];
            let side = |set: &ColumnSet| set.clone();
            if *to_parent {
                JoinStep { left: side(child), right: side(parent) }
            } else {
                JoinStep { left: side(parent), right: side(child) }
            }
        };
        (walked.iter().map(step).collect(), walked.iter().map(|(edge, _)| self.edges[*edge].score).product())
    }

    /// The cheapest ways from any joined table to the nearest of the wanted ones (Dijkstra over places), ties
    /// included, cheapest first.
    fn nearest(&self, joined: &[usize], wanted: &[usize], limit: usize) -> Vec<Vec<(usize, bool)>> {
        let mut queue = BinaryHeap::new();
        let mut found: Vec<Vec<(usize, bool)>> = Vec::new();
        let mut best: Option<(f64, usize)> = None;
        let mut visits: HashMap<Place, usize> = HashMap::new();
        for &table in joined {
            queue.push(Walk { cost: 0.0, place: (table, false), steps: Vec::new() });
        }
        while let Some(walk) = queue.pop() {
            if best.is_some_and(|(cost, _)| walk.cost > cost + TIE) || found.len() == limit {
                break;
            }
            let (table, from_child) = walk.place;
            if wanted.contains(&table) && !joined.contains(&table) {
                if best.is_none_or(|(_, target)| target == table) {
                    best.get_or_insert((walk.cost, table));
                    found.push(walk.steps);
                }
                continue;
            }
            let visited = visits.entry(walk.place).or_default();
            *visited += 1;
            if *visited > limit || walk.steps.len() == STEPS_MAX {
                continue;
            }
            for &(edge, other, to_parent) in &self.neighbours[table] {
                let seen = joined.contains(&other) || walk.steps.iter().any(|s| self.touches(s.0, other));
                if seen {
                    continue;
                }
                let turn = if from_child && !to_parent { SHARED_PARENT_COST } else { 0.0 };
                let doubt = -self.edges[edge].score.clamp(1e-3, 1.0).ln();
                let mut steps = walk.steps.clone();
                steps.push((edge, to_parent));
                queue.push(Walk { cost: walk.cost + 1.0 + doubt + turn, place: (other, to_parent), steps });
            }
        }
        found
    }

    fn touches(&self, edge: usize, table: usize) -> bool {
        let JoinEdge { child, parent, .. } = &self.edges[edge];
        self.numbers[&child.table] == table || self.numbers[&parent.table] == table
    }
}

/// A way under construction; the cheapest is the greatest, so that a heap gives it first.
struct Walk {
    cost: f64,
    place: Place,
    steps: Vec<(usize, bool)>,
}

impl PartialEq for Walk {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Walk {}

impl PartialOrd for Walk {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Walk {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.cost.total_cmp(&self.cost).then_with(|| other.steps.cmp(&self.steps))
    }
}
