//! Values that are split over neighbouring columns: first and last name, the parts of a phone number, a card number in
//! four pieces. No single cell gives them away, so rows are read across.

use std::borrow::Cow;

use catalog_core::model::{PiiEntity, RawSample};

use crate::column_hits::{cell_text, hits_of};
use crate::house_rules::HouseRules;
use crate::naming::ColumnWords;
use crate::recognisers::Strength;
use crate::text::{CellText, normalise};

/// Most columns that one value is split over: an IBAN in groups of four has seven or so.
const PARTS_MAX: usize = 7;
/// Rows that are read across.
const ROWS_MAX: usize = 40;
/// Fewer whole rows prove nothing.
const ROWS_MIN: usize = 3;
/// Bytes of a part.
const PART_BYTES_MAX: usize = 40;
/// Share of the rows whose parts must make up a value.
const SHARE: f64 = 0.6;

/// What the cells of a column may be a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Number,
    Word,
}

/// For each column the entity that it holds a part of, if it does.
pub(crate) fn split_entities(sample: &RawSample, names: &[ColumnWords]) -> Vec<Option<PiiEntity>> {
    let columns: Vec<Vec<Option<String>>> = (0..names.len()).map(|i| parts(sample, i)).collect();
    let kinds: Vec<Option<Part>> = columns.iter().map(|c| kind(c)).collect();
    let mut found = vec![None; names.len()];
    for first in 0..names.len() {
        let Some(kind) = kinds[first].filter(|_| found[first].is_none()) else { continue };
        let most = if kind == Part::Word { 3 } else { PARTS_MAX };
        let alike = kinds[first..].iter().take(most).take_while(|k| **k == Some(kind)).count();
        for length in (2..=alike).rev() {
            let window = first..first + length;
            let dialled = names[window.clone()].iter().any(speaks_of_phones);
            if let Some(entity) = whole_value(&columns[window.clone()], kind, dialled) {
                found[window].fill(Some(entity));
                break;
            }
        }
    }
    found
}

/// The first cells of a column, as far as they may be parts.
fn parts(sample: &RawSample, index: usize) -> Vec<Option<String>> {
    let read = |text: Cow<'_, str>| {
        let (normal, cut) = normalise(text, PART_BYTES_MAX);
        (!cut).then(|| normal.trim().to_owned())
    };
    sample.cells(index).take(ROWS_MAX).map(|cell| cell_text(cell).and_then(read)).collect()
}

/// What most cells look like: pieces of a number, or single words.
fn kind(cells: &[Option<String>]) -> Option<Part> {
    let known: Vec<&String> = cells.iter().flatten().collect();
    let most = |fits: fn(&str) -> bool| {
        known.len() >= ROWS_MIN && known.iter().filter(|c| fits(c)).count() as f64 >= 0.8 * known.len() as f64
    };
    let number = |cell: &str| {
        cell.len() <= 12
            && cell.bytes().any(|b| b.is_ascii_digit())
            && cell.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'(' | b')' | b'-' | b' '))
    };
    let word = |cell: &str| cell.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | ' ' | '.'));
    if most(number) { Some(Part::Number) } else { most(word).then_some(Part::Word) }
}

/// Does a column's name speak of phones or of a part of their numbers?
fn speaks_of_phones(name: &ColumnWords) -> bool {
    const WORDS: &[&str] =
        &["phone", "mobile", "fax", "gsm", "area", "prefix", "indicatif", "exchange", "dial", "dialling", "extension"];
    name.full.iter().any(|w| WORDS.contains(&w.as_str()))
}

/// The value that the parts of most rows make up, none of them being one alone.
fn whole_value(columns: &[Vec<Option<String>>], kind: Part, dialled: bool) -> Option<PiiEntity> {
    let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
    let mut counts: Vec<(PiiEntity, usize)> = Vec::new();
    let mut whole = 0;
    for row in 0..rows {
        let cells: Option<Vec<&str>> = columns.iter().map(|c| c[row].as_deref()).collect();
        let Some(cells) = cells else { continue };
        whole += 1;
        if let Some(entity) = joined(&cells, kind, dialled) {
            match counts.iter_mut().find(|(e, _)| *e == entity) {
                Some((_, n)) => *n += 1,
                None => counts.push((entity, 1)),
            }
        }
    }
    let enough = |n: usize| whole >= ROWS_MIN && n as f64 >= SHARE * whole as f64;
    counts.into_iter().find(|(_, n)| enough(*n)).map(|(entity, _)| entity)
}

/// The value that the parts of one row make up, from the first to the last.
fn joined(cells: &[&str], kind: Part, dialled: bool) -> Option<PiiEntity> {
    let text = cells.join(" ");
    let (first, last) = (cells[0].len(), text.len() - cells[cells.len() - 1].len());
    let hits = hits_of(&CellText::new(&text), &HouseRules::default(), None);
    let spans = hits.iter().filter(|h| h.start < first && h.end > last && h.strength >= Strength::Strong);
    spans.map(|h| h.entity).find(|entity| match entity {
        PiiEntity::Phone => dialled,
        PiiEntity::Card | PiiEntity::Iban | PiiEntity::FrNir | PiiEntity::UsSsn => kind == Part::Number,
        PiiEntity::PersonName => kind == Part::Word,
        _ => false,
    })
}
