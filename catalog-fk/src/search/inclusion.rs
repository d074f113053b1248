//! Which columns hold the values of which: an inverted index over hashes, never all pairs.

/// Limits of an inclusion search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InclusionLimits {
    /// Smallest share of the child's comparable hashes that the parent must hold, 0 to 1.
    pub min_share: f64,
    /// Hashes held by more parents than this are not followed: they tell nothing (the number 1 is in every table).
    pub postings_max: usize,
    /// Most parents a child, those sharing most first.
    pub parents_max: usize,
}

impl Default for InclusionLimits {
    fn default() -> Self {
        Self { min_share: 0.75, postings_max: 2_000, parents_max: 32 }
    }
}

/// Parents by hash. Memory: 4 bytes a posting and about 16 a distinct hash; 16 more a posting while it is built.
pub struct InclusionIndex {
    /// Distinct hashes with their bytes swapped, ascending: the smallest hashes of large columns crowd at one end of
    /// the order, and swapped they are even.
    keys: Vec<u64>,
    /// Where a key's parents start in `parents`; one more entry than keys.
    starts: Vec<u32>,
    /// Dense numbers of parents, by key.
    parents: Vec<u32>,
    /// By the leading bits of a key: the first key that has them; one more entry than buckets.
    buckets: Vec<u32>,
    bucket_bits: u32,
    /// By dense number: the caller's id, the hash up to which the parent is known completely, its number of hashes.
    known: Vec<(u32, i64, u32)>,
}

/// Counters reused from child to child.
#[derive(Default)]
pub struct InclusionScratch {
    shared: Vec<u32>,
    touched: Vec<u32>,
    followed: Vec<i64>,
}

impl InclusionIndex {
    /// Indexes the parents: `(id, its hashes ascending, are they all of the column's?)`. Parents beyond 2³² postings
    /// are left out.
    pub fn new<'a>(columns: impl Iterator<Item = (u32, &'a [i64], bool)>) -> Self {
        let mut postings: Vec<(u64, u32)> = Vec::new();
        let mut known = Vec::new();
        for (id, hashes, complete) in columns {
            if postings.len() + hashes.len() > u32::MAX as usize {
                break;
            }
            let number = known.len() as u32;
            postings.extend(hashes.iter().map(|h| ((*h as u64).swap_bytes(), number)));
            let bound = if complete { i64::MAX } else { hashes.last().copied().unwrap_or(i64::MIN) };
            known.push((id, bound, hashes.len() as u32));
        }
        postings.sort_unstable();
        let (mut keys, mut starts) = (Vec::new(), Vec::new());
        for (at, (key, _)) in postings.iter().enumerate() {
            if keys.last() != Some(key) {
                keys.push(*key);
                starts.push(at as u32);
            }
        }
        starts.push(postings.len() as u32);
        let parents = postings.into_iter().map(|(_, number)| number).collect();
        let bucket_bits = keys.len().max(2).ilog2();
        let mut buckets = vec![0_u32; (1 << bucket_bits) + 1];
        for key in &keys {
            buckets[(key >> (64 - bucket_bits)) as usize + 1] += 1;
        }
        for at in 1..buckets.len() {
            buckets[at] += buckets[at - 1];
        }
        Self { keys, starts, parents, buckets, bucket_bits, known }
    }

    /// The parents that hold the hash.
    fn holders(&self, hash: i64) -> &[u32] {
        let key = (hash as u64).swap_bytes();
        let bucket = (key >> (64 - self.bucket_bits)) as usize;
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        match self.keys[from..to].binary_search(&key) {
            Ok(at) => &self.parents[self.starts[from + at] as usize..self.starts[from + at + 1] as usize],
            Err(_) => &[],
        }
    }

    /// The parents that hold at least `min_share` of the child's hashes, as `(id, shared hashes)`, most first and the
    /// smaller parent first among equals. Only hashes below the parent's bound count, and none that is too common:
    /// a child of nothing but common hashes finds no parent here.
    pub fn parents_of(
        &self,
        child: &[i64],
        limits: InclusionLimits,
        scratch: &mut InclusionScratch,
    ) -> Vec<(u32, u32)> {
        scratch.shared.resize(self.known.len(), 0);
        scratch.followed.clear();
        for hash in child {
            let group = self.holders(*hash);
            if group.len() > limits.postings_max {
                continue;
            }
            scratch.followed.push(*hash);
            for &number in group {
                let count = &mut scratch.shared[number as usize];
                if *count == 0 {
                    scratch.touched.push(number);
                }
                *count += 1;
            }
        }
        let mut found = Vec::new();
        for number in scratch.touched.drain(..) {
            let shared = std::mem::take(&mut scratch.shared[number as usize]);
            let (id, bound, size) = self.known[number as usize];
            let comparable = scratch.followed.partition_point(|h| *h <= bound);
            if f64::from(shared) >= limits.min_share * comparable as f64 {
                found.push((std::cmp::Reverse(shared), size, id));
            }
        }
        found.sort_unstable();
        found.truncate(limits.parents_max);
        found.into_iter().map(|(shared, _, id)| (id, shared.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(columns: &[Vec<i64>], child: &[i64], limits: InclusionLimits) -> Vec<u32> {
        let index = InclusionIndex::new(columns.iter().enumerate().map(|(i, c)| (i as u32, c.as_slice(), true)));
        index.parents_of(child, limits, &mut InclusionScratch::default()).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn too_common_hashes_are_not_followed() {
        let columns = vec![vec![1, 2, 3]; 5];
        let limits = InclusionLimits { postings_max: 4, ..InclusionLimits::default() };
        assert!(search(&columns, &[1, 2, 3], limits).is_empty());
    }

    #[test]
    fn hashes_beyond_a_sketch_do_not_count_against_it() {
        let sketch = [10_i64, 20, 30];
        let index = InclusionIndex::new([(7, sketch.as_slice(), false)].into_iter());
        let mut scratch = InclusionScratch::default();
        let child = [20, 30, 40, 50, 60];
        assert_eq!(index.parents_of(&child, InclusionLimits::default(), &mut scratch), [(7, 2)]);
    }

    proptest! {
        #[test]
        fn the_search_finds_what_comparing_all_pairs_finds(
            sets in prop::collection::vec(prop::collection::btree_set(0_i64..40, 0..20), 1..30)
        ) {
            let columns: Vec<Vec<i64>> = sets.iter().map(|s| s.iter().copied().collect()).collect();
            let limits = InclusionLimits { min_share: 0.8, postings_max: usize::MAX, parents_max: usize::MAX };
            for child in &columns {
                let mut found = search(&columns, child, limits);
                found.sort_unstable();
                let expected: Vec<u32> = (0..columns.len()).filter(|p| {
                    let shared = child.iter().filter(|h| columns[*p].contains(h)).count();
                    shared > 0 && shared as f64 >= 0.8 * child.len() as f64
                }).map(|p| p as u32).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
