//! Which query ids were seen lately.

use std::collections::{HashSet, VecDeque};

/// The latest ids, each as 64 bits of its BLAKE3 hash: about 30 bytes an id.
pub(super) struct RecentIds {
    known: HashSet<u64>,
    order: VecDeque<u64>,
    most: usize,
}

impl RecentIds {
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashSet::new(), order: VecDeque::new(), most: most.max(1) }
    }

    /// False when the id was seen before and is still remembered.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        let hash = blake3::hash(id.as_bytes());
        let mut short = [0; 8];
        short.copy_from_slice(&hash.as_bytes()[..8]);
        self.insert_hash(u64::from_le_bytes(short))
    }

    /// The same for an id that was hashed before.
    pub(super) fn insert_hash(&mut self, short: u64) -> bool {
        if !self.known.insert(short) {
            return false;
        }
        if self.order.len() == self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(short);
        true
    }

    /// The latest `most` hashes, oldest first.
    pub(super) fn latest(&self, most: usize) -> Vec<u64> {
        self.order.iter().skip(self.order.len().saturating_sub(most)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_forgotten_when_too_many_follow() {
        let mut ids = RecentIds::new(2);
        assert!(ids.insert("a") && !ids.insert("a"));
        assert!(ids.insert("b") && ids.insert("c"));
        assert!(ids.insert("a"), "the oldest is forgotten");
        assert_eq!(ids.known.len(), 2);
    }
}
