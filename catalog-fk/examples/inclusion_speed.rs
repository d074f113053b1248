//! How fast the search by values is: `cargo run --release -p catalog-fk --example inclusion_speed [COLUMNS]`.
//!
//! Columns of 100 hashes in groups of ten; a group draws from 120 values of its own, so that its members hold about
//! 83 % of each other. In a second run 40 % of the columns draw from one vocabulary of 400 values instead. Every
//! column is child and parent. Two threads. Recall is counted against comparing all pairs for every 499th child.

use std::time::Instant;

use catalog_fk::{InclusionIndex, InclusionLimits, InclusionScratch};

const HASHES: u64 = 100;
const THREADS: usize = 2;

#[allow(clippy::print_stdout)] // an example talks to its reader
fn main() {
    let columns = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000_u64);
    let limits = InclusionLimits { min_share: 0.8, ..InclusionLimits::default() };
    for skewed in [0, 40] {
        let data: Vec<Vec<i64>> = (0..columns).map(|c| column(c, c % 100 < skewed)).collect();
        let start = Instant::now();
        let index = InclusionIndex::new(data.iter().enumerate().map(|(i, c)| (i as u32, c.as_slice(), true)));
        let built = start.elapsed();
        let pairs = search(&index, &data, limits);
        let all = start.elapsed();
        let (expected, missed) = recall(&data, &pairs);
        println!(
            "{columns} columns, {skewed} % in one vocabulary: build {built:.2?}, all {all:.2?}, {} pairs, \
             {missed} of {expected} missed, peak {} MiB",
            pairs.len(),
            peak_mib()
        );
    }
}

fn search(index: &InclusionIndex, data: &[Vec<i64>], limits: InclusionLimits) -> Vec<(u32, u32)> {
    let part = data.len().div_ceil(THREADS);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                scope.spawn(move || {
                    let mut scratch = InclusionScratch::default();
                    let mut pairs = Vec::new();
                    for (child, hashes) in data.iter().enumerate().skip(worker * part).take(part) {
                        let found = index.parents_of(hashes, limits, &mut scratch);
                        pairs.extend(found.into_iter().map(|(p, _)| (child as u32, p)).filter(|(c, p)| c != p));
                    }
                    pairs
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    })
}

fn recall(data: &[Vec<i64>], pairs: &[(u32, u32)]) -> (usize, usize) {
    let (mut expected, mut missed) = (0, 0);
    for child in (0..data.len()).step_by(499) {
        for parent in (0..data.len()).filter(|p| *p != child) {
            let shared = data[child].iter().filter(|h| data[parent].binary_search(h).is_ok()).count();
            if shared * 10 >= data[child].len() * 8 {
                expected += 1;
                let pair = (child as u32, parent as u32);
                missed += usize::from(pairs.binary_search_by_key(&pair.0, |p| p.0).is_err() || !pairs.contains(&pair));
            }
        }
    }
    (expected, missed)
}

/// 100 of the values of the column's domain, picked by a seeded generator.
fn column(number: u64, common: bool) -> Vec<i64> {
    let (domain, values) = if common { (u64::MAX, 400) } else { (number / 10, 120) };
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut left: Vec<u64> = (0..values).collect();
    let mut hashes: Vec<i64> = (0..HASHES)
        .map(|_| {
            state = mixed(state);
            let value = left.swap_remove((state % left.len() as u64) as usize);
            mixed(domain.wrapping_mul(1_000_003).wrapping_add(value)) as i64
        })
        .collect();
    hashes.sort_unstable();
    hashes
}

/// SplitMix64's finaliser (Steele et al., OOPSLA 2014).
fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The process's peak memory so far, where Linux tells.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
