//! Hit shares a column: the only part of the crate that turns raw cells into evidence.

use std::borrow::Cow;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{EntityHits, PiiEntity, RawSample};
use catalog_core::ports::{RawScanner, ScanHits};

use crate::column_hits::{Coverage, cell_text, coverage, hits_of, resolve};
use crate::column_support::{Support, SupportCount};
use crate::house_rules::HouseRules;
use crate::naming::{ColumnWords, column_words};
use crate::recognisers::{Hit, Strength};
use crate::text::{CellText, normalise};

/// Limits of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerOptions {
    /// Bytes of a cell that are looked at.
    pub cell_bytes_max: usize,
    /// Cells of a column that are looked at.
    pub cells_max: usize,
}

impl Default for ScannerOptions {
    /// 4 KiB of a cell, 1,000 cells of a column.
    fn default() -> Self {
        Self { cell_bytes_max: 4096, cells_max: 1000 }
    }
}

/// Scans with the recognisers of this crate. A column's name is context: it makes values of a telling form count (a
/// number that may be a phone in a column named `phone`), it never makes a hit by itself. Values of a form that many
/// columns have (user names, contract numbers) are given apart, as hits that only the name makes count.
#[derive(Debug, Clone, Default)]
pub struct PatternScanner {
    options: ScannerOptions,
    house: HouseRules,
}

impl PatternScanner {
    /// A scanner within these limits.
    pub fn new(options: ScannerOptions) -> Self {
        Self { options, house: HouseRules::default() }
    }

    /// The same, and with the operator's rules.
    #[must_use]
    pub fn with_house_rules(mut self, rules: HouseRules) -> Self {
        self.house = rules;
        self
    }

    /// As [`RawScanner::scan`], without a runtime: the work is pure computation.
    pub fn scan_now(&self, sample: &RawSample) -> Vec<ScanHits> {
        column_words(sample.column_names())
            .iter()
            .enumerate()
            .map(|(i, name)| self.scan_column(sample, i, name))
            .collect()
    }

    fn scan_column(&self, sample: &RawSample, index: usize, name: &ColumnWords) -> ScanHits {
        let cells = read_column(sample, index, name, &self.options, &self.house);
        let count = count_support(&cells);
        let evidence = tally(&cells, &count.by_evidence(name));
        let by_name = tally(&cells, &count.by_name(name));
        let share = |n: usize| n as f64 / cells.len().max(1) as f64;
        let mut hits: Vec<EntityHits> = by_name
            .iter()
            .map(|named| {
                let found = evidence.iter().find(|t| t.entity == named.entity);
                let whole = found.map_or(0, |t| t.whole);
                EntityHits {
                    entity: named.entity,
                    whole_cell_share: share(whole),
                    inside_share: share(found.map_or(0, |t| t.inside)),
                    checksum: found.is_some_and(|t| t.proven),
                    hinted_share: if named.whole > whole { share(named.whole) } else { 0.0 },
                }
            })
            .collect();
        hits.sort_by_key(|h| h.entity);
        ScanHits { hits, cells_seen: cells.len() }
    }
}

#[async_trait]
impl RawScanner for PatternScanner {
    async fn scan(&self, sample: &RawSample) -> Result<Vec<ScanHits>> {
        Ok(self.scan_now(sample))
    }
}

struct EntityTally {
    entity: PiiEntity,
    whole: usize,
    inside: usize,
    proven: bool,
}

/// Counts, for every entity, the cells that hold a value under `support`.
fn tally(cells: &[SeenCell<'_>], support: &Support) -> Vec<EntityTally> {
    let mut tally = Vec::new();
    for cell in cells {
        count(&cell.text, &resolve(&cell.hits, support), &mut tally);
    }
    tally
}

fn count(text: &str, hits: &[Hit], tally: &mut Vec<EntityTally>) {
    for (i, hit) in hits.iter().enumerate() {
        if hits[..i].iter().any(|h| h.entity == hit.entity) {
            continue;
        }
        let at = tally.iter().position(|t| t.entity == hit.entity).unwrap_or_else(|| {
            tally.push(EntityTally { entity: hit.entity, whole: 0, inside: 0, proven: true });
            tally.len() - 1
        });
        tally[at].inside += 1;
        tally[at].whole += usize::from(coverage(text, hits, hit.entity) == Coverage::Whole);
        tally[at].proven &= hits.iter().all(|h| h.entity != hit.entity || h.strength == Strength::Proven);
    }
}

/// Which uncertain hits count in the column, judged by its name and its cells.
pub(crate) fn column_support(
    sample: &RawSample,
    index: usize,
    name: &ColumnWords,
    options: &ScannerOptions,
    house: &HouseRules,
) -> Support {
    count_support(&read_column(sample, index, name, options, house)).by_name(name)
}

fn count_support(cells: &[SeenCell<'_>]) -> SupportCount {
    let mut count = SupportCount::default();
    for cell in cells {
        count.add(&cell.text, &cell.hits);
    }
    count
}

/// A non-empty cell with its unresolved hits.
struct SeenCell<'a> {
    text: Cow<'a, str>,
    hits: Vec<Hit>,
}

fn read_column<'a>(
    sample: &'a RawSample,
    index: usize,
    name: &ColumnWords,
    options: &ScannerOptions,
    house: &HouseRules,
) -> Vec<SeenCell<'a>> {
    let cells = sample.cells(index).take(options.cells_max).filter_map(cell_text);
    cells
        .map(|raw| {
            let (text, _) = normalise(raw, options.cell_bytes_max);
            let hits = hits_of(&CellText::new(&text), house, Some(name));
            SeenCell { text, hits }
        })
        .collect()
}
