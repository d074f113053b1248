//! Random numbers that are the same on every platform: integers alone, from a seed and a name.

/// `SplitMix64`, as published by Steele, Lea and Flood (2014). Small, fast, and good enough for made-up rows.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// A stream of its own for each name, so that a new table leaves the other tables' rows as they are.
    pub(super) fn new(seed: u64, name: &str) -> Self {
        Self(fnv(name.as_bytes()) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`; 0 when `n` is 0. The bias of the modulus is far below what a sample could show.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.next() % n }
    }

    /// Both ends included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.saturating_sub(low).max(0) as u64 + 1) as i64
    }

    /// Many small values and few large ones: each doubling of the range is equally likely.
    pub(super) fn skewed(&mut self, low: i64, high: i64) -> i64 {
        if low < 0 && high > 0 {
            // On both sides of 0, each side as often as it is wide.
            return if self.between(low, high) < 0 { -self.skewed(1, -low) } else { self.skewed(0, high) };
        }
        let span = high.saturating_sub(low).max(0) as u64 + 1;
        let doublings = u64::from(64 - span.leading_zeros());
        let reach = span >> self.below(doublings.min(7));
        low + self.below(reach.max(1)) as i64
    }

    /// True in so many of ten thousand cases.
    pub(super) fn chance(&mut self, of_ten_thousand: u32) -> bool {
        of_ten_thousand > 0 && self.below(10_000) < u64::from(of_ten_thousand)
    }

    pub(super) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len() as u64) as usize).copied().unwrap_or_default()
    }

    /// So many digits, the first not 0.
    pub(super) fn digits(&mut self, n: u32) -> String {
        (0..n).map(|i| char::from(b'0' + if i == 0 { 1 + self.below(9) } else { self.below(10) } as u8)).collect()
    }

    pub(super) fn hex(&mut self, n: usize) -> String {
        let mut text = String::new();
        while text.len() < n {
            text.push_str(&format!("{:016x}", self.next()));
        }
        text.truncate(n);
        text
    }
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// Chooses among `n` so that few are chosen often, as customers and products are: rank r with weight 1 / (r + n/40 + 3).
#[derive(Debug, Clone)]
pub(super) struct Zipf {
    cumulative: Vec<u64>,
    stride: u64,
}

impl Zipf {
    pub(super) fn new(n: usize) -> Self {
        let flat = n as u64 / 40 + 3;
        let mut sum = 0;
        let cumulative = (0..n as u64)
            .map(|rank| {
                sum += (1 << 40) / (rank + flat);
                sum
            })
            .collect();
        // The favourites lie scattered, not at the start: a stride without common factor permutes the ranks.
        let stride = [7_919_u64, 6_277, 1].into_iter().find(|s| !(n as u64).is_multiple_of(*s)).unwrap_or(1);
        Self { cumulative, stride }
    }

    pub(super) fn pick(&self, random: &mut Random) -> Option<usize> {
        let at = random.below(*self.cumulative.last()?);
        let rank = self.cumulative.partition_point(|sum| *sum <= at) as u64;
        Some(((rank * self.stride + 11) % self.cumulative.len() as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_own_stream_and_the_same_each_time() {
        let numbers = |seed, name| (0..3).map(|_| Random::new(seed, name).next()).collect::<Vec<_>>();
        assert_eq!(numbers(1, "a"), numbers(1, "a"));
        assert_ne!(numbers(1, "a"), numbers(1, "b"));
        assert_ne!(numbers(1, "a"), numbers(2, "a"));
    }

    #[test]
    fn numbers_stay_inside_their_range() {
        let mut random = Random::new(1, "range");
        for _ in 0..1_000 {
            assert!((-3..=4).contains(&random.between(-3, 4)));
            assert!((10..=1_000).contains(&random.skewed(10, 1_000)));
            assert!((-50..=90).contains(&random.skewed(-50, 90)));
        }
        assert_eq!((random.between(5, 5), random.below(0), random.digits(9).len()), (5, 0, 9));
    }

    #[test]
    fn few_are_chosen_often_and_every_choice_exists() {
        let (mut random, zipf) = (Random::new(1, "zipf"), Zipf::new(1_000));
        let mut counts = vec![0_u32; 1_000];
        for _ in 0..20_000 {
            counts[zipf.pick(&mut random).unwrap()] += 1;
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        assert!(counts[..100].iter().sum::<u32>() > 20_000 / 3, "the first tenth is not favoured");
        assert!(counts.iter().filter(|c| **c > 0).count() > 900, "too few are chosen at all");
        assert!(Zipf::new(0).pick(&mut random).is_none());
    }
}
