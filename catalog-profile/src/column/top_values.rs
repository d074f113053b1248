//! The commonest values of a column in bounded memory.

use catalog_core::model::{CellRef, RawCell};

use super::held::cut;

/// Values that are counted at the same time. A column of at most so many distinct values is counted exactly.
pub(super) const COUNTED_MAX: usize = 512;

/// Values that are reported.
const REPORTED_MAX: usize = 100;

const EMPTY: u16 = u16::MAX;

/// Counts values by their hash. When the table is full, the median count is taken from every value and those that
/// drop to nothing leave (Misra and Gries 1982; with the median, Anderson et al., IMC 2017), so that a count is a
/// lower bound and each row costs constant time. `F` is whatever the caller wants to remember of a value.
pub(super) struct TopValues<F> {
    /// Index into `entries` by the hash's low bits, with linear probing; at most half full.
    slots: Vec<u16>,
    entries: Vec<Entry<F>>,
    purged: bool,
}

struct Entry<F> {
    hash: i64,
    count: u64,
    facts: F,
    /// The value; once values are purged, kept from the second sighting on, so that a column of keys copies none.
    held: Option<RawCell>,
}

impl<F: Copy> TopValues<F> {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; 32], entries: Vec::new(), purged: false }
    }

    /// Counts the value once more and gives what is remembered of it; `None` when it is not in the table.
    pub(super) fn recount(&mut self, hash: i64, cell: CellRef<'_>) -> Option<F> {
        let entry = match self.slots[self.find(hash)] {
            EMPTY => return None,
            index => &mut self.entries[usize::from(index)],
        };
        entry.count += 1;
        if entry.held.is_none() {
            entry.held = Some(cut(cell).to_owned());
        }
        Some(entry.facts)
    }

    /// Takes in a value that [`TopValues::recount`] did not find.
    pub(super) fn insert(&mut self, hash: i64, cell: CellRef<'_>, facts: F) {
        if self.entries.len() == COUNTED_MAX {
            self.purge();
        }
        let held = (!self.purged).then(|| cut(cell).to_owned());
        self.entries.push(Entry { hash, count: 1, facts, held });
        if self.entries.len() * 2 > self.slots.len() {
            let wider = self.slots.len() * 2;
            self.rebuild(wider);
        } else {
            let slot = self.find(hash);
            self.slots[slot] = (self.entries.len() - 1) as u16;
        }
    }

    /// The commonest values, commonest first, and whether they are all the values there are.
    pub(super) fn finish(mut self) -> (Vec<(RawCell, u64)>, bool) {
        let complete = !self.purged && self.entries.len() <= REPORTED_MAX;
        self.entries.sort_by(|a, b| b.count.cmp(&a.count).then(a.hash.cmp(&b.hash)));
        let mut top: Vec<(RawCell, u64)> =
            self.entries.into_iter().filter_map(|e| e.held.map(|cell| (cell, e.count))).take(REPORTED_MAX).collect();
        // Collecting reuses the room of all entries: a wide table would keep it for every column.
        top.shrink_to_fit();
        (top, complete)
    }

    /// The slot that holds the hash, or the free one where it belongs.
    fn find(&self, hash: i64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                EMPTY => return slot,
                index if self.entries[usize::from(index)].hash == hash => return slot,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn purge(&mut self) {
        self.purged = true;
        let mut counts: Vec<u64> = self.entries.iter().map(|e| e.count).collect();
        let (_, median, _) = counts.select_nth_unstable(COUNTED_MAX / 2);
        let median = *median;
        self.entries.retain_mut(|entry| {
            entry.count = entry.count.saturating_sub(median);
            entry.count > 0
        });
        self.rebuild(self.slots.len());
    }

    fn rebuild(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, EMPTY);
        for index in 0..self.entries.len() {
            let slot = self.find(self.entries[index].hash);
            self.slots[slot] = index as u16;
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog_fk::fingerprint::hash_canonical;
    use proptest::prelude::*;

    use super::*;

    fn count(values: impl Iterator<Item = i64>) -> (Vec<(i64, u64)>, bool) {
        let mut top = TopValues::new();
        for value in values {
            let (hash, cell) = (hash_canonical(&value.to_string()), CellRef::Int(value));
            if top.recount(hash, cell).is_none() {
                top.insert(hash, cell, ());
            }
        }
        let (top, complete) = top.finish();
        let as_int = |cell: RawCell| if let RawCell::Int(v) = cell { v } else { i64::MIN };
        (top.into_iter().map(|(cell, count)| (as_int(cell), count)).collect(), complete)
    }

    #[test]
    fn a_small_domain_is_counted_exactly() {
        let (top, complete) = count((0..1000).map(|i| i * i % 7));
        assert!(complete);
        let mut values: Vec<i64> = top.iter().map(|(v, _)| *v).collect();
        values.sort_unstable();
        assert_eq!(values, [0, 1, 2, 4]);
        assert_eq!(top.iter().map(|(_, n)| n).sum::<u64>(), 1000);
    }

    #[test]
    fn a_heavy_value_survives_a_stream_of_keys() {
        let (top, complete) = count((0..50_000).map(|i| if i % 10 == 0 { -1 } else { i }));
        assert!(!complete);
        assert_eq!(top[0].0, -1);
        assert!(top[0].1 <= 5_000 && top[0].1 > 4_500, "a close lower bound: {}", top[0].1);
    }

    #[test]
    fn a_stream_of_keys_copies_no_more_values_than_fit() {
        let mut top = TopValues::new();
        for value in 0..10_000_i64 {
            top.insert(hash_canonical(&value.to_string()), CellRef::Int(value), ());
            assert!(top.entries.len() <= COUNTED_MAX && top.slots.len() <= 2 * COUNTED_MAX);
        }
        assert!(top.entries.iter().all(|entry| entry.held.is_none()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_count_is_never_too_high(values in prop::collection::vec(0_i64..2_000, 0..4_000)) {
            let (top, complete) = count(values.iter().copied());
            for (value, counted) in top {
                let real = values.iter().filter(|v| **v == value).count() as u64;
                prop_assert!(counted <= real && (!complete || counted == real));
            }
        }
    }
}
