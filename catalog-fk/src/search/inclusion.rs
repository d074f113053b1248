//! Which columns hold the values of which: an inverted index over hashes, never all pairs, in bounded memory.

use super::block::{Block, Scratch};

/// Children that a thread takes at a time.
const CHILDREN_AT_ONCE: u32 = 4_096;

/// Columns that are read by number, several times and by several threads.
pub trait HashColumns: Sync {
    /// How many columns there are, numbered from 0.
    fn count(&self) -> u32;

    /// Appends a column's hashes to `out`, ascending and each once, and says what part the column plays. The same
    /// number always gives the same.
    fn read(&self, column: u32, out: &mut Vec<i64>) -> HashColumn;
}

/// What part a column plays in the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashColumn {
    /// Are its hashes those of all its values, and not only the smallest?
    pub complete: bool,
    /// May it be a parent? Only key candidates should be.
    pub parent: bool,
    /// May it be a child?
    pub child: bool,
}

/// Limits of an inclusion search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InclusionLimits {
    /// Smallest share of the child's comparable hashes that the parent must hold, 0 to 1.
    pub min_share: f64,
    /// Hashes held by more parents of a block than this are not followed: they tell nothing (the number 1 is in every
    /// table).
    pub postings_max: usize,
    /// Most parents a child in each block, those sharing most first.
    pub parents_max: usize,
    /// Memory of the index, in MiB. Where the parents need more, they are searched block by block and every child is
    /// read once a block. A hash takes 9 bytes: 128 MiB hold 140,000 parents of 100 hashes. Columns and results are
    /// the caller's and come on top.
    pub memory_mb: usize,
    /// Threads to search with.
    pub threads: usize,
}

impl Default for InclusionLimits {
    fn default() -> Self {
        Self { min_share: 0.75, postings_max: 2_000, parents_max: 32, memory_mb: 128, threads: 2 }
    }
}

/// A child and a parent that holds most of its hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inclusion {
    /// The child's number.
    pub child: u32,
    /// The parent's number; never the child's.
    pub parent: u32,
    /// How many of the child's hashes the parent holds.
    pub shared: u32,
}

/// Finds all inclusions and gives how many blocks they took.
///
/// Block by block, and in each by child in order, a child's parents sharing most first; the smaller parent and then
/// the lower number first among equals. The order does not depend on the number of threads. A child of nothing but
/// common hashes finds no parent.
///
/// Blocks hold parents rather than ranges of hashes: all that a pair shares then meets in one block, and no counts
/// have to be kept from one to the next.
pub fn find_inclusions<C: HashColumns>(
    columns: &C,
    limits: &InclusionLimits,
    mut found: impl FnMut(Inclusion),
) -> usize {
    let mut scratches: Vec<Scratch> = Vec::new();
    scratches.resize_with(limits.threads.max(1), Scratch::default);
    let (mut blocks, mut next) = (0, 0);
    while next < columns.count() {
        let block = Block::new(columns, next, limits);
        let mut first = 0;
        while first < columns.count() {
            let round: Vec<Vec<Inclusion>> = std::thread::scope(|scope| {
                let workers: Vec<_> = scratches
                    .iter_mut()
                    .zip((first..columns.count()).step_by(CHILDREN_AT_ONCE as usize))
                    .map(|(scratch, from)| {
                        let block = &block;
                        scope.spawn(move || search(columns, block, from, limits, scratch))
                    })
                    .collect();
                workers.into_iter().map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
            });
            first = first.saturating_add(CHILDREN_AT_ONCE * round.len() as u32);
            round.into_iter().flatten().for_each(&mut found);
        }
        next = block.next;
        blocks += 1;
    }
    blocks
}

/// The inclusions of one worker's children.
fn search(
    columns: &impl HashColumns,
    block: &Block,
    from: u32,
    limits: &InclusionLimits,
    scratch: &mut Scratch,
) -> Vec<Inclusion> {
    let (mut found, mut hashes) = (Vec::new(), Vec::new());
    for child in from..from.saturating_add(CHILDREN_AT_ONCE).min(columns.count()) {
        hashes.clear();
        if columns.read(child, &mut hashes).child {
            let parents = block.parents_of(&hashes, limits, scratch).into_iter();
            found.extend(parents.filter(|(_, parent)| *parent != child).map(|(shared, parent)| Inclusion {
                child,
                parent,
                shared,
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Columns in memory; the flag says whether the hashes are all.
    struct Sets(Vec<(Vec<i64>, bool)>);

    impl HashColumns for Sets {
        fn count(&self) -> u32 {
            self.0.len() as u32
        }

        fn read(&self, column: u32, out: &mut Vec<i64>) -> HashColumn {
            let (hashes, complete) = &self.0[column as usize];
            out.extend_from_slice(hashes);
            HashColumn { complete: *complete, parent: true, child: true }
        }
    }

    fn whole(sets: &[Vec<i64>]) -> Sets {
        Sets(sets.iter().map(|s| (s.clone(), true)).collect())
    }

    fn pairs(columns: &Sets, limits: InclusionLimits) -> (Vec<(u32, u32)>, usize) {
        let mut found = Vec::new();
        let blocks = find_inclusions(columns, &limits, |i| found.push((i.child, i.parent)));
        found.sort_unstable();
        (found, blocks)
    }

    const ALL: InclusionLimits =
        InclusionLimits { min_share: 0.8, postings_max: usize::MAX, parents_max: usize::MAX, memory_mb: 1, threads: 2 };

    #[test]
    fn too_common_hashes_are_not_followed() {
        let columns = whole(&vec![vec![1, 2, 3]; 5]);
        assert_eq!(pairs(&columns, InclusionLimits { postings_max: 5, ..ALL }).0.len(), 20);
        assert!(pairs(&columns, InclusionLimits { postings_max: 4, ..ALL }).0.is_empty());
    }

    #[test]
    fn a_rare_hash_beside_common_ones_still_counts() {
        let mut sets = vec![vec![1, 2, 3]; 5];
        sets[0].push(9);
        sets[3].push(9);
        assert_eq!(pairs(&whole(&sets), InclusionLimits { postings_max: 2, ..ALL }).0, [(0, 3), (3, 0)]);
    }

    #[test]
    fn hashes_beyond_a_sketch_do_not_count_against_it() {
        let columns = Sets(vec![(vec![10, 20, 30], false), (vec![20, 30, 40, 50, 60], true)]);
        assert_eq!(pairs(&columns, ALL).0, [(1, 0)]);
    }

    #[test]
    fn parents_that_do_not_fit_together_are_searched_in_blocks_with_the_same_result() {
        let sets: Vec<Vec<i64>> = (0..3_000_i64).map(|c| (0..100).map(|v| (c / 3) << 20 | v << 2).collect()).collect();
        let (columns, expected) = (whole(&sets), 3_000 * 2);
        let (small, blocks) = pairs(&columns, ALL);
        let (large, one) = pairs(&columns, InclusionLimits { memory_mb: 64, threads: 3, ..ALL });
        assert!(small == large && small.len() == expected);
        assert_eq!((blocks, one), (3, 1));
    }

    #[test]
    fn only_columns_in_their_part_are_found() {
        struct Parts;
        impl HashColumns for Parts {
            fn count(&self) -> u32 {
                3
            }
            fn read(&self, column: u32, out: &mut Vec<i64>) -> HashColumn {
                out.extend([1, 2, 3]);
                HashColumn { complete: true, parent: column == 2, child: column == 0 }
            }
        }
        let mut found = Vec::new();
        find_inclusions(&Parts, &ALL, |i| found.push(i));
        assert_eq!(found, [Inclusion { child: 0, parent: 2, shared: 3 }]);
    }

    proptest! {
        #[test]
        fn the_search_finds_what_comparing_all_pairs_finds(
            sets in prop::collection::vec((prop::collection::btree_set(0_i64..40, 0..20), any::<bool>()), 1..30),
            min_share in 0.05_f64..=1.0,
        ) {
            let columns = Sets(sets.iter().map(|(s, complete)| (s.iter().copied().collect(), *complete)).collect());
            let found = pairs(&columns, InclusionLimits { min_share, ..ALL }).0;
            let mut expected = Vec::new();
            for (c, (child, _)) in columns.0.iter().enumerate() {
                for (p, (parent, complete)) in columns.0.iter().enumerate().filter(|(p, _)| *p != c) {
                    let bound = if *complete { Some(i64::MAX) } else { parent.last().copied() };
                    let comparable = child.iter().filter(|h| Some(**h) <= bound).count();
                    let shared = child.iter().filter(|h| parent.contains(h)).count();
                    if shared > 0 && shared as f64 >= min_share * comparable as f64 {
                        expected.push((c as u32, p as u32));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
