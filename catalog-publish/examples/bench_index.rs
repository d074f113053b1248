//! Measures a vector index: `bench_index flat FOLDER` or `bench_index milvus URL`, with `TABLES` and `DIMENSION` in
//! the environment (100,000 and 768 by default). It prints seconds, rows a second, p50 and p95 of a search, the peak
//! of memory and, of the flat index, what one table more writes.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::Instant;

use catalog_core::model::{Fqn, IndexEntry, TableId};
use catalog_core::ports::VectorIndex;
use catalog_publish::FlatIndex;

const BATCH: usize = 1_000;
const SEARCHES: usize = 41;

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (tables, dimension) = (number("TABLES", 100_000), number("DIMENSION", 768));
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["flat", folder] => {
            let path = std::path::Path::new(folder).join("bench.vectors");
            let index = FlatIndex::rebuild(&path, dimension, "bench/1")?;
            measure(&index, tables, dimension).await?;
            let before = std::fs::metadata(&path)?.len();
            let started = Instant::now();
            index.upsert(&[entry(tables + 1, dimension)]).await?;
            println!(
                "one table more: {:.1} ms, {} bytes of {before}",
                started.elapsed().as_secs_f64() * 1e3,
                std::fs::metadata(&path)?.len() - before
            );
            let started = Instant::now();
            let again = FlatIndex::open(&path, dimension, "bench/1")?;
            println!("opened and checked: {:.2} s, {} tables", started.elapsed().as_secs_f64(), again.count().await?);
            std::fs::remove_file(&path)?;
        }
        #[cfg(feature = "milvus")]
        ["milvus", url] => {
            use catalog_net::EgressPolicy;
            let address = url.trim_start_matches("http://").trim_start_matches("https://");
            let (host, port) = address.rsplit_once(':').ok_or("write http://host:port")?;
            let policy = EgressPolicy::allowing([(host, port.parse()?)]);
            let mut settings = catalog_publish::MilvusSettings::new(url, "catalog_bench");
            settings.owns_collection = true;
            let index = catalog_publish::MilvusIndex::open(settings, dimension, "bench/1", &policy).await?;
            measure(&index, tables, dimension).await?;
        }
        _ => return Err("usage: bench_index flat FOLDER | milvus URL".into()),
    }
    Ok(())
}

async fn measure(index: &dyn VectorIndex, tables: usize, dimension: usize) -> Result<(), Box<dyn Error>> {
    let mut seconds = 0.0;
    for start in (0..tables).step_by(BATCH) {
        let batch: Vec<IndexEntry> = (start..(start + BATCH).min(tables)).map(|i| entry(i, dimension)).collect();
        let started = Instant::now();
        index.upsert(&batch).await?;
        seconds += started.elapsed().as_secs_f64();
    }
    println!("upsert of {tables} × {dimension}: {seconds:.1} s, {:.0} rows/s", tables as f64 / seconds);
    let mut times = Vec::with_capacity(SEARCHES);
    for i in 0..SEARCHES {
        let question = entry(i * 97, dimension);
        let started = Instant::now();
        let hits = index.search(&question.embedding, 5).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        assert!(hits.first().is_some_and(|hit| hit.id == question.id), "a table is the nearest to itself");
    }
    times.sort_by(f64::total_cmp);
    println!("search: p50 {:.1} ms, p95 {:.1} ms", times[SEARCHES / 2], times[SEARCHES * 95 / 100]);
    println!("count: {}, peak memory: {} kB", index.count().await?, peak_kb());
    Ok(())
}

/// A table whose vector is its own, and the same in every run.
fn entry(i: usize, dimension: usize) -> IndexEntry {
    let mut state = i as u64 + 1;
    let mut next = || {
        // xorshift64*: Vigna 2016, https://doi.org/10.1145/2845077
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let embedding = (0..dimension).map(|_| next()).collect();
    let fqn = Fqn::from_parts(["bank".to_owned(), "core".to_owned(), format!("table_{i:06}")]);
    IndexEntry { id: TableId::from_fqn(&fqn), fqn, text: format!("table {i}: what one sentence says of it"), embedding }
}

/// `VmHWM` of this process, where there is a /proc.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}
