//! A uniform sample of a stream of unknown length.

use catalog_core::model::{RawCell, RawSample, SampleMethod};

/// Keeps `rows_max` rows of a stream, each with the same chance (Vitter, "Random sampling with a reservoir", 1985,
/// algorithm R), within a number of bytes. The same stream and seed keep the same rows.
pub(super) struct Reservoir {
    rows: Vec<Vec<RawCell>>,
    rows_max: usize,
    bytes: usize,
    bytes_max: usize,
    seen: u64,
    random: u64,
    truncated: bool,
}

impl Reservoir {
    pub(super) fn new(rows_max: usize, bytes_max: usize, seed: u64) -> Self {
        Self { rows: Vec::new(), rows_max, bytes: 0, bytes_max, seen: 0, random: seed, truncated: false }
    }

    /// Offers the stream's next row; `read` runs only when the row is kept. `false` when the byte limit is reached
    /// and the stream should end.
    pub(super) fn offer<E>(&mut self, read: impl FnOnce() -> Result<Vec<RawCell>, E>) -> Result<bool, E> {
        self.seen += 1;
        let slot = if self.rows.len() < self.rows_max {
            None
        } else {
            let slot = usize::try_from(self.next_random() % self.seen).unwrap_or(usize::MAX);
            if slot >= self.rows_max {
                return Ok(true);
            }
            Some(slot)
        };
        let row = read()?;
        self.bytes += row_bytes(&row);
        match slot {
            None => self.rows.push(row),
            Some(slot) => {
                let old = std::mem::replace(&mut self.rows[slot], row);
                self.bytes -= row_bytes(&old);
            }
        }
        self.truncated = self.bytes > self.bytes_max;
        Ok(!self.truncated)
    }

    /// Rows offered so far.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The sample. `complete` says that the stream came to its end: then it is a full scan when every row was kept,
    /// a uniform reservoir otherwise. A stream that was left early gives the first rows' sample, which is biased.
    pub(super) fn into_sample<'a>(self, columns: impl Iterator<Item = &'a str>, complete: bool) -> RawSample {
        let method = match (complete, self.seen <= self.rows_max as u64) {
            (true, true) => SampleMethod::FullScan,
            (true, false) => SampleMethod::Reservoir,
            (false, _) => SampleMethod::Limit,
        };
        let mut sample = RawSample::new(columns, method);
        for row in self.rows {
            sample.push_row(row);
        }
        if self.truncated {
            sample.mark_truncated();
        }
        sample
    }

    /// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Roughly what a row occupies.
pub(super) fn row_bytes(row: &[RawCell]) -> usize {
    row.iter().map(|c| c.as_ref().byte_len()).sum()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use catalog_core::model::CellRef;

    use super::*;

    fn sample_of(rows: i64, rows_max: usize) -> Vec<i64> {
        let mut reservoir = Reservoir::new(rows_max, 1 << 20, 7);
        for i in 0..rows {
            reservoir.offer(|| Ok::<_, Infallible>(vec![RawCell::Int(i)])).unwrap();
        }
        let sample = reservoir.into_sample(["n"].into_iter(), true);
        sample.cells(0).map(|c| if let CellRef::Int(i) = c { i } else { -1 }).collect()
    }

    #[test]
    fn the_sample_is_spread_over_the_stream_and_repeatable() {
        let kept = sample_of(100_000, 1000);
        assert_eq!(kept.len(), 1000);
        let late = kept.iter().filter(|i| **i >= 50_000).count();
        assert!((400..600).contains(&late), "{late} of 1000 rows come from the second half");
        assert_eq!(kept, sample_of(100_000, 1000));
    }

    #[test]
    fn a_short_stream_is_a_full_scan_and_a_stream_left_early_is_not_called_uniform() {
        let full = Reservoir::new(10, 100, 7).into_sample([].into_iter(), true);
        assert_eq!(full.method(), SampleMethod::FullScan);
        let cut = Reservoir::new(10, 100, 7).into_sample([].into_iter(), false);
        assert_eq!(cut.method(), SampleMethod::Limit);
    }

    #[test]
    fn the_byte_limit_ends_the_stream_and_is_said() {
        let mut reservoir = Reservoir::new(10, 10, 7);
        let row = || Ok::<_, Infallible>(vec![RawCell::Text("eight by".into())]);
        assert!(reservoir.offer(row).unwrap());
        assert!(!reservoir.offer(row).unwrap());
        assert!(reservoir.into_sample(["t"].into_iter(), false).truncated());
    }
}
