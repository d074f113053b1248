//! An inverted index over the hashes of a block of parents: 9 bytes a hash.

use super::inclusion::{HashColumns, InclusionLimits};

/// Bytes of a hash in the index: its entry, and its share of the buckets' starts.
const HASH_BYTES: usize = 9;

/// A bucket holds four to eight hashes on average: about a cache line.
const HASHES_PER_BUCKET: usize = 8;

/// Instead of a parent: too many parents hold the hash.
const COMMON: u32 = u32::MAX;

/// Instead of a parent: the bucket ends here.
const END: u32 = u32::MAX - 1;

/// A hash that a parent holds. The bucket knows the leading bits of the hash, `tag` the next 32: together at least
/// 40 bits and in a full block 53, so that a wrong match is rarer than one in a million columns.
#[derive(Clone, Copy, Default)]
struct Entry {
    tag: u32,
    /// A number in [`Block::parents`], [`COMMON`] or [`END`].
    parent: u32,
}

/// What is known of a parent.
struct Parent {
    column: u32,
    /// Up to this hash the parent's values are known completely.
    bound: i64,
    size: u32,
}

/// The parents of consecutive columns, by hash.
pub(super) struct Block {
    /// Where each bucket ends in `entries`; it starts where the one before ends.
    ends: Vec<u32>,
    entries: Vec<Entry>,
    bucket_bits: u32,
    parents: Vec<Parent>,
    /// The first column behind the block.
    pub(super) next: u32,
}

/// Counters reused from child to child.
#[derive(Default)]
pub(super) struct Scratch {
    shared: Vec<u32>,
    touched: Vec<u32>,
    followed: Vec<i64>,
}

impl Block {
    /// Indexes parents from column `first` on, as many as fit into the memory, at least one.
    pub(super) fn new(columns: &impl HashColumns, first: u32, limits: &InclusionLimits) -> Self {
        let (parents, hashes, next) = Self::choose(columns, first, limits);
        // At least 8 bits, at most 31: the rest of the key has to hold a tag.
        let buckets = (hashes / HASHES_PER_BUCKET).next_power_of_two().clamp(1 << 8, 1 << 31);
        let mut block = Self {
            ends: vec![0; buckets],
            entries: vec![Entry::default(); hashes],
            bucket_bits: buckets.ilog2(),
            parents,
            next,
        };
        block.fill(columns, limits);
        block
    }

    /// The parents of the next block, the number of their hashes, and the column behind them.
    fn choose(columns: &impl HashColumns, first: u32, limits: &InclusionLimits) -> (Vec<Parent>, usize, u32) {
        let parent_bytes = size_of::<Parent>() + limits.threads.max(1) * size_of::<u32>();
        // Places in the index are 32 bits wide.
        let bytes_max = limits.memory_mb.saturating_mul(1 << 20).min(HASH_BYTES.saturating_mul(u32::MAX as usize));
        let (mut parents, mut hashes, mut bytes) = (Vec::new(), Vec::new(), 0);
        let (mut total, mut column) = (0, first);
        while column < columns.count() {
            hashes.clear();
            let role = columns.read(column, &mut hashes);
            if role.parent {
                bytes += parent_bytes + hashes.len() * HASH_BYTES;
                if bytes > bytes_max && !parents.is_empty() {
                    break;
                }
                total += hashes.len();
                let bound = if role.complete { i64::MAX } else { hashes.last().copied().unwrap_or(i64::MIN) };
                parents.push(Parent { column, bound, size: hashes.len() as u32 });
            }
            column += 1;
        }
        parents.shrink_to_fit();
        (parents, total, column)
    }

    /// Counts the hashes of each bucket, then puts them there. Each thread has a share of the buckets to itself and
    /// reads all parents.
    fn fill(&mut self, columns: &impl HashColumns, limits: &InclusionLimits) {
        let (bits, parents) = (self.bucket_bits, &self.parents);
        let share = self.ends.len().div_ceil(limits.threads.max(1));
        std::thread::scope(|scope| {
            for (part, counts) in self.ends.chunks_mut(share).enumerate() {
                scope.spawn(move || {
                    let buckets = part * share..part * share + counts.len();
                    for_each_hash(columns, parents, |_, hash| {
                        let bucket = place(hash, bits).0;
                        if buckets.contains(&bucket) {
                            counts[bucket - buckets.start] += 1;
                        }
                    });
                });
            }
        });
        let mut start = 0;
        for end in &mut self.ends {
            start += std::mem::replace(end, start);
        }
        std::thread::scope(|scope| {
            let mut rest = self.entries.as_mut_slice();
            let mut taken = 0;
            let mut shares = self.ends.chunks_mut(share).enumerate().peekable();
            while let Some((part, ends)) = shares.next() {
                let until = shares.peek().map_or(start, |(_, after)| after[0]);
                let (entries, others) = std::mem::take(&mut rest).split_at_mut((until - taken) as usize);
                let first_entry = std::mem::replace(&mut taken, until);
                rest = others;
                scope.spawn(move || {
                    let buckets = part * share..part * share + ends.len();
                    for_each_hash(columns, parents, |parent, hash| {
                        let (bucket, tag) = place(hash, bits);
                        if buckets.contains(&bucket) {
                            let at = &mut ends[bucket - buckets.start];
                            entries[(*at - first_entry) as usize] = Entry { tag, parent };
                            *at += 1;
                        }
                    });
                    drop_common(ends, first_entry, entries, limits.postings_max);
                });
            }
        });
    }

    /// The parents of this block that hold at least `min_share` of the child's hashes, as `(shared hashes, column)`:
    /// most first, the smaller parent first among equals. Only hashes below the parent's bound count, and none that is
    /// too common.
    pub(super) fn parents_of(&self, child: &[i64], limits: &InclusionLimits, scratch: &mut Scratch) -> Vec<(u32, u32)> {
        scratch.shared.resize(self.parents.len(), 0);
        scratch.followed.clear();
        // A parent lacks at most this many of the child's hashes, so it holds one of any that are more.
        let lacking_max = child.len() - ((limits.min_share * child.len() as f64) as usize).min(child.len()) + 1;
        for &hash in child {
            if scratch.followed.len() > lacking_max && scratch.touched.is_empty() {
                return Vec::new();
            }
            self.follow(hash, scratch);
        }
        let mut found = Vec::new();
        for number in scratch.touched.drain(..) {
            let shared = std::mem::take(&mut scratch.shared[number as usize]);
            let Parent { column, bound, size } = self.parents[number as usize];
            let comparable = scratch.followed.partition_point(|h| *h <= bound);
            if f64::from(shared) >= limits.min_share * comparable as f64 {
                found.push((std::cmp::Reverse(shared), size, column));
            }
        }
        found.sort_unstable();
        found.truncate(limits.parents_max);
        found.into_iter().map(|(shared, _, column)| (shared.0, column)).collect()
    }

    /// Counts the hash for every parent that holds it, unless it is too common.
    #[inline]
    fn follow(&self, hash: i64, scratch: &mut Scratch) {
        let (bucket, tag) = place(hash, self.bucket_bits);
        let start = if bucket == 0 { 0 } else { self.ends[bucket - 1] };
        for entry in &self.entries[start as usize..self.ends[bucket] as usize] {
            if entry.parent == END {
                break;
            }
            if entry.tag != tag {
                continue;
            }
            if entry.parent == COMMON {
                return;
            }
            let count = &mut scratch.shared[entry.parent as usize];
            if *count == 0 {
                scratch.touched.push(entry.parent);
            }
            *count += 1;
        }
        scratch.followed.push(hash);
    }
}

/// The bucket of a hash and its tag. Multiplied (Knuth's golden ratio) because the smallest hashes of large columns
/// crowd at one end of the order.
#[inline]
fn place(hash: i64, bucket_bits: u32) -> (usize, u32) {
    let key = (hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let key = (key ^ (key >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    ((key >> (64 - bucket_bits)) as usize, ((key << bucket_bits) >> 32) as u32)
}

fn for_each_hash(columns: &impl HashColumns, parents: &[Parent], mut each: impl FnMut(u32, i64)) {
    let mut hashes = Vec::new();
    for (number, parent) in parents.iter().enumerate() {
        hashes.clear();
        columns.read(parent.column, &mut hashes);
        for hash in &hashes {
            each(number as u32, *hash);
        }
    }
}

/// Leaves one mark of each hash that more than `postings_max` parents hold.
fn drop_common(ends: &[u32], first_entry: u32, entries: &mut [Entry], postings_max: usize) {
    let mut start = 0;
    for end in ends {
        let end = (end - first_entry) as usize;
        let bucket = &mut entries[std::mem::replace(&mut start, end)..end];
        if bucket.len() <= postings_max {
            continue;
        }
        bucket.sort_unstable_by_key(|entry| (entry.tag, entry.parent));
        let (mut read, mut write) = (0, 0);
        while read < bucket.len() {
            let tag = bucket[read].tag;
            let run = bucket[read..].iter().take_while(|entry| entry.tag == tag).count();
            let kept = if run > postings_max {
                bucket[write] = Entry { tag, parent: COMMON };
                1
            } else {
                bucket.copy_within(read..read + run, write);
                run
            };
            (read, write) = (read + run, write + kept);
        }
        bucket[write..].fill(Entry { tag: 0, parent: END });
    }
}
