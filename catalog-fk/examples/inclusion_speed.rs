//! How fast the search by values is: `cargo run --release -p catalog-fk --example inclusion_speed [COLUMNS [MIB]]`.
//!
//! Columns of 100 hashes in groups of ten; a group draws from 120 values of its own, so that its members hold about
//! 83 % of each other. In a second run 40 % of the columns draw from one vocabulary of 400 values instead. Every
//! column is child and parent. Two threads. Columns are made when they are read, so that the peak is that of the
//! search. Recall is counted against comparing all pairs for 200 children.
//!
//! With a third argument, a file, the columns of the first run are also written there: little-endian, 800 bytes a
//! column.

use std::collections::HashMap;
use std::io::Write;
use std::time::Instant;

use catalog_fk::{HashColumn, HashColumns, InclusionLimits, find_inclusions};

const HASHES: usize = 100;
/// Children that are compared with every column.
const COMPARED: u32 = 200;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let columns = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let memory_mb = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(128);
    let limits = InclusionLimits { min_share: 0.8, memory_mb, ..InclusionLimits::default() };
    for percent_common in [0, 40] {
        let groups = Groups { columns, percent_common };
        if let Some(file) = arguments.next() {
            groups.write(&file)?;
        }
        run(&groups, &limits);
    }
    Ok(())
}

#[allow(clippy::print_stdout)] // an example talks to its reader
fn run(groups: &Groups, limits: &InclusionLimits) {
    let step = (groups.columns / COMPARED).max(1);
    let (mut pairs, mut kept) = (0_u64, Vec::new());
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let blocks = find_inclusions(groups, limits, |found| {
        pairs += 1;
        if found.child % step == 0 {
            kept.push((found.child, found.parent));
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let (cpu, peak) = (cpu_seconds() - cpu_start, peak_mib());
    kept.sort_unstable();
    let (expected, missed) = recall(groups, step, &kept);
    println!(
        "{{\"columns\": {}, \"percent_in_one_vocabulary\": {}, \"seconds\": {seconds:.2}, \"cpu_seconds\": {cpu:.2}, \
         \"blocks\": {blocks}, \"pairs\": {pairs}, \"missed\": {missed}, \"of\": {expected}, \"peak_mib\": {peak}}}",
        groups.columns, groups.percent_common
    );
}

/// Compares the chosen children with every column, hash by hash.
fn recall(groups: &Groups, step: u32, found: &[(u32, u32)]) -> (usize, usize) {
    let mut holders: HashMap<i64, Vec<u32>> = HashMap::new();
    for child in (0..groups.columns).step_by(step as usize) {
        for hash in groups.of(child) {
            holders.entry(hash).or_default().push(child);
        }
    }
    let (mut expected, mut missed) = (0, 0);
    let mut shared = HashMap::new();
    for parent in 0..groups.columns {
        shared.clear();
        for child in groups.of(parent).iter().filter_map(|hash| holders.get(hash)).flatten() {
            *shared.entry(*child).or_insert(0) += 1;
        }
        for (child, _) in shared.iter().filter(|(child, shared)| **child != parent && **shared * 10 >= HASHES * 8) {
            expected += 1;
            missed += usize::from(found.binary_search(&(*child, parent)).is_err());
        }
    }
    (expected, missed)
}

struct Groups {
    columns: u32,
    percent_common: u32,
}

impl Groups {
    fn of(&self, column: u32) -> Vec<i64> {
        let mut hashes = Vec::with_capacity(HASHES);
        self.read(column, &mut hashes);
        hashes
    }

    fn write(&self, file: &str) -> std::io::Result<()> {
        let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
        for column in 0..self.columns {
            for hash in self.of(column) {
                out.write_all(&hash.to_le_bytes())?;
            }
        }
        out.flush()
    }
}

impl HashColumns for Groups {
    fn count(&self) -> u32 {
        self.columns
    }

    /// 100 of the values of the column's domain, picked by a seeded generator (Knuth's algorithm S). A value's hash is
    /// random within a slice of its own of all numbers, so that hashes come in order.
    fn read(&self, column: u32, out: &mut Vec<i64>) -> HashColumn {
        let common = column % 100 < self.percent_common;
        let (domain, values) = if common { (u64::MAX, 400) } else { (u64::from(column / 10), 120) };
        let first = out.len();
        let mut state = u64::from(column).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let slice = u64::MAX / values;
        for value in 0..values {
            let wanted = (HASHES - (out.len() - first)) as u64;
            state = mixed(state);
            if (state >> 32) * (values - value) < wanted << 32 {
                let within = mixed(domain.wrapping_mul(1_000_003).wrapping_add(value)) % slice;
                out.push(i64::MIN.wrapping_add_unsigned(slice * value + within));
            }
        }
        HashColumn { complete: true, parent: true, child: true }
    }
}

/// SplitMix64's finaliser (Steele et al., OOPSLA 2014).
fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What the process has used of the processors so far, where Linux tells: in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The process's peak memory so far, where Linux tells.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
