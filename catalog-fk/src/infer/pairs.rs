//! Weighed pairs of columns: the best of every child, in bounded memory.

use std::collections::HashMap;

/// Pairs that are kept of a child, the best by their own evidence. Of columns that hold 1..n each is contained in most
/// others; those beyond are remembered by their weight alone.
const KEPT_MAX: usize = 8;

/// Evidence that no witness of the graph can lift to a probability worth showing.
const HOPELESS: f64 = -12.0;

/// How many more pairs are taken in before the best are picked.
const PICK_EVERY: usize = 1 << 18;

/// A pair worth a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// Index of the referring column.
    pub(super) child: u32,
    /// Index of the referred column.
    pub(super) parent: u32,
    /// How far the child's name speaks of the parent.
    pub(super) name: f64,
    /// The evidence of the pair alone, in logits.
    pub(super) logit: f64,
}

/// The best pairs of every child.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pairs: Vec<Pair>,
    /// After which length the best are picked.
    pick_at: usize,
    /// By child, the odds of the pairs that were not kept, added up.
    dropped: HashMap<u32, f64>,
}

impl Pairs {
    /// Takes in a pair that was not taken in before.
    pub(super) fn add(&mut self, pair: Pair) {
        if pair.logit < HOPELESS {
            return;
        }
        self.pairs.push(pair);
        if self.pairs.len() >= self.pick_at.max(PICK_EVERY) {
            self.pick();
            self.pick_at = self.pairs.len() + PICK_EVERY;
        }
    }

    /// Picks the best and puts them in order. To be called before they are read.
    pub(super) fn settle(&mut self) {
        self.pick();
        self.pairs.shrink_to_fit();
        self.pairs.sort_unstable_by_key(|pair| (pair.child, pair.parent));
    }

    /// The pairs, by child and parent.
    pub(super) fn all(&self) -> &[Pair] {
        &self.pairs
    }

    /// The evidence of a pair; `None` when it is not among its child's best.
    pub(super) fn logit(&self, child: u32, parent: u32) -> Option<f64> {
        let found = self.pairs.binary_search_by_key(&(child, parent), |pair| (pair.child, pair.parent));
        found.ok().map(|at| self.pairs[at].logit)
    }

    /// The odds of the child's pairs that are not among its best.
    pub(super) fn dropped_odds(&self, child: u32) -> f64 {
        self.dropped.get(&child).copied().unwrap_or(0.0)
    }

    fn pick(&mut self) {
        self.pairs.sort_unstable_by(|a, b| {
            a.child.cmp(&b.child).then(b.logit.total_cmp(&a.logit)).then(a.parent.cmp(&b.parent))
        });
        let (mut child, mut kept) = (u32::MAX, 0);
        let dropped = &mut self.dropped;
        self.pairs.retain(|pair| {
            kept = if pair.child == child { kept + 1 } else { 1 };
            child = pair.child;
            if kept > KEPT_MAX {
                *dropped.entry(child).or_default() += pair.logit.exp();
            }
            kept <= KEPT_MAX
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(child: u32, parent: u32, logit: f64) -> Pair {
        Pair { child, parent, name: 0.0, logit }
    }

    #[test]
    fn the_best_of_each_child_are_kept_and_the_odds_of_the_rest_remembered() {
        let mut pairs = Pairs::default();
        for parent in (0..20).rev() {
            pairs.add(pair(7, parent, -f64::from(parent) / 10.0));
            pairs.add(pair(3, parent + 100, -20.0));
        }
        pairs.settle();
        assert_eq!(pairs.all().iter().map(|p| p.parent).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        let expected: f64 = (8..20).map(|p| (-f64::from(p) / 10.0).exp()).sum();
        assert!((pairs.dropped_odds(7) - expected).abs() < 1e-9);
        assert_eq!((pairs.dropped_odds(3), pairs.logit(7, 4), pairs.logit(7, 8)), (0.0, Some(-0.4), None));
    }

    #[test]
    fn a_million_pairs_of_few_children_take_the_memory_of_few() {
        let mut pairs = Pairs::default();
        for parent in 0..1_000_000 {
            pairs.add(pair(parent % 10, parent, 0.0));
        }
        assert!(pairs.pairs.capacity() <= 2 * PICK_EVERY, "{}", pairs.pairs.capacity());
        pairs.settle();
        assert_eq!(pairs.all().len(), 80);
    }
}
