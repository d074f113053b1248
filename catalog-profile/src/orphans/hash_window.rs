//! The distinct hashes of one part of the hash space, in bounded memory.

/// Collects the distinct hashes in `from..until`. When more than `capacity` arrive, the larger half is let go and
/// `until` moves down to where it began: whatever the data, the window ends up holding every hash of a smaller part
/// of the space, and the rest is left for the next pass.
pub(super) struct HashWindow {
    from: u128,
    /// First hash that no longer belongs to the window; `None` for the end of the space.
    until: Option<u128>,
    capacity: usize,
    /// Sorted and distinct up to `clean`, then as they came.
    hashes: Vec<u128>,
    clean: usize,
}

/// Below this many hashes the buffer is not tidied.
const BUFFER_MIN: usize = 1024;

impl HashWindow {
    /// An empty window. At least two hashes fit.
    pub(super) fn new(from: u128, until: Option<u128>, capacity: usize) -> Self {
        Self { from, until, capacity: capacity.max(2), hashes: Vec::new(), clean: 0 }
    }

    pub(super) fn insert(&mut self, hash: u128) {
        if !self.covers(hash) {
            return;
        }
        let full = (self.clean * 2).max(BUFFER_MIN).min(self.capacity);
        if self.hashes.len() >= full {
            self.tidy();
            if !self.covers(hash) {
                return;
            }
        }
        self.hashes.push(hash);
    }

    fn covers(&self, hash: u128) -> bool {
        hash >= self.from && self.until.is_none_or(|until| hash < until)
    }

    /// Sorts, removes repetition, and narrows the window when it is more than half full: then the next round of
    /// sorting is far away, and a push costs constant time on average.
    fn tidy(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        let half = self.capacity / 2;
        if self.hashes.len() > half {
            self.until = Some(self.hashes[half]);
            self.hashes.truncate(half);
        }
        self.clean = self.hashes.len();
    }

    /// The distinct hashes in order, and where the window ends now.
    pub(super) fn finish(mut self) -> (Vec<u128>, Option<u128>) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        (self.hashes, self.until)
    }
}

/// How many of the `child` hashes `parent` lacks; both are sorted and distinct.
pub(super) fn count_orphans(child: &[u128], parent: &[u128]) -> u64 {
    let mut parents = parent.iter().copied().peekable();
    let mut orphans = 0;
    for hash in child {
        while parents.next_if(|p| p < hash).is_some() {}
        orphans += u64::from(parents.peek() != Some(hash));
    }
    orphans
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Reading the same stream again for each window sees every hash exactly once.
        #[test]
        fn windows_side_by_side_cover_the_space_once(stream in prop::collection::vec(0_u128..5_000, 0..4_000), capacity in 2_usize..2_500) {
            let (mut from, mut seen) = (0, Vec::new());
            loop {
                let mut window = HashWindow::new(from, None, capacity);
                stream.iter().for_each(|hash| window.insert(*hash));
                let (hashes, until) = window.finish();
                prop_assert!(hashes.len() <= capacity);
                seen.extend(hashes);
                match until {
                    Some(until) => {
                        prop_assert!(until > from);
                        from = until;
                    }
                    None => break,
                }
            }
            let expected: Vec<u128> = stream.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn orphans_are_the_difference_of_sets(child: BTreeSet<u8>, parent: BTreeSet<u8>) {
            let wide = |set: &BTreeSet<u8>| set.iter().map(|v| u128::from(*v)).collect::<Vec<_>>();
            prop_assert_eq!(count_orphans(&wide(&child), &wide(&parent)), child.difference(&parent).count() as u64);
        }
    }
}
