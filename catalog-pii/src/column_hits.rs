//! From the hits of single cells to what counts in a column.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use catalog_core::model::{CellRef, PiiEntity};

use crate::naming::{ColumnWords, TableSense, suggest};
use crate::recognisers::{Hit, Strength, find_all};
use crate::text::CellText;

/// A cell as text for the recognisers; `None` for what holds no text: NULL, booleans, binary and empty strings.
pub(crate) fn cell_text(cell: CellRef<'_>) -> Option<Cow<'_, str>> {
    match cell {
        CellRef::Text(text) => (!text.trim().is_empty()).then_some(Cow::Borrowed(text)),
        CellRef::Int(n) => Some(Cow::Owned(n.to_string())),
        CellRef::Real(n) => Some(Cow::Owned(n.to_string())),
        CellRef::Null | CellRef::Bool(_) | CellRef::Bytes(_) => None,
    }
}

/// All hits of one cell, strongest first and then longest.
pub(crate) fn hits_of(cell: &CellText<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    find_all(cell, &mut hits);
    hits.sort_by(|a, b| b.strength.cmp(&a.strength).then((b.end - b.start).cmp(&(a.end - a.start))));
    hits
}

/// The hits that count under `support` and do not overlap a stronger or longer one. `hits` come strongest first.
pub(crate) fn resolve(hits: &[Hit], support: &Support) -> Vec<Hit> {
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits.iter().filter(|h| support.counts(h)) {
        if kept.iter().all(|k| hit.end <= k.start || k.end <= hit.start) {
            kept.push(*hit);
        }
    }
    kept
}

/// How much of a cell hits of one entity cover.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// None.
    Nothing,
    /// Some of it.
    Part,
    /// All its letters and digits, or nearly.
    Whole,
}

/// Share of a cell's letters and digits that hits must cover to be the whole cell.
const WHOLE_CELL_SHARE: f64 = 0.85;

/// How much of the cell its hits of `entity` cover.
pub(crate) fn coverage(text: &str, hits: &[Hit], entity: PiiEntity) -> Coverage {
    let weight = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let mut covered = 0;
    for hit in hits.iter().filter(|h| h.entity == entity) {
        covered += weight(&text[hit.start..hit.end]).max(1);
    }
    let all = weight(text).max(1);
    match covered {
        0 => Coverage::Nothing,
        n if n as f64 >= WHOLE_CELL_SHARE * all as f64 => Coverage::Whole,
        _ => Coverage::Part,
    }
}

/// Which uncertain hits count in a column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Support {
    weak: Vec<PiiEntity>,
    shaped: Vec<PiiEntity>,
}

impl Support {
    /// Does the hit count?
    pub(crate) fn counts(&self, hit: &Hit) -> bool {
        match hit.strength {
            Strength::Proven | Strength::Strong => true,
            Strength::Shaped => self.shaped.contains(&hit.entity),
            Strength::Weak => self.weak.contains(&hit.entity),
        }
    }

    /// The same, and numbers of a telling form count without their column.
    pub(crate) fn with_shaped_numbers(mut self) -> Self {
        self.shaped.extend([PiiEntity::Phone, PiiEntity::NationalId]);
        self
    }
}

/// Share of telling cells that makes a column of that kind without any help from its name.
fn majority(entity: PiiEntity) -> f64 {
    match entity {
        PiiEntity::PersonName => 0.35,
        _ => 0.6,
    }
}

/// Share of dictionary names above which other capitalised words of the column count as names too, when the
/// column's name says so and when it does not.
const NAMES_WITH_CONTEXT: f64 = 0.1;
const NAMES_WITHOUT_CONTEXT: f64 = 0.5;

/// How clear a column's name must be (`last_name`) for values that only look like names to count, whatever the
/// dictionaries know; how many of them must look so; and how much they must vary.
const CERTAIN_NAME: f64 = 0.95;
const NAME_LIKE_SHARE: f64 = 0.9;
const VARIED_SHARE: f64 = 0.5;

/// Distinct values from which names in a column of another name are no accident (seasons, weekdays, months).
const SEVERAL_VALUES: usize = 5;

/// Gathers, over the cells of one column, whether its uncertain hits have support.
#[derive(Default)]
pub(crate) struct SupportCount {
    cells: usize,
    name_like: usize,
    distinct: HashSet<u64>,
    telling: [usize; 3],
}

/// The entities that have hits of strength `Shaped`.
const SHAPED_ENTITIES: [PiiEntity; 3] = [PiiEntity::Phone, PiiEntity::NationalId, PiiEntity::PersonName];

impl SupportCount {
    /// Counts one cell.
    pub(crate) fn add(&mut self, text: &str, hits: &[Hit]) {
        self.cells += 1;
        self.name_like += usize::from(hits.iter().any(|h| h.entity == PiiEntity::PersonName));
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.distinct.insert(hasher.finish());
        for (entity, whole) in SHAPED_ENTITIES.iter().zip(&mut self.telling) {
            let telling = hits.iter().any(|h| {
                h.entity == *entity && h.strength >= Strength::Shaped && {
                    coverage(text, std::slice::from_ref(h), *entity) == Coverage::Whole
                }
            });
            *whole += usize::from(telling);
        }
    }

    /// What counts in a column of that name.
    pub(crate) fn conclude(&self, column: &ColumnWords) -> Support {
        let about_persons = TableSense { about_person: true, ..TableSense::default() };
        let suggestion = suggest(column, about_persons);
        let named = suggestion.map(|s| s.entity);
        let certain = suggestion.is_some_and(|s| s.score >= CERTAIN_NAME);
        let of = |n: usize| n as f64 / self.cells.max(1) as f64;
        let varied = certain && of(self.name_like) >= NAME_LIKE_SHARE && of(self.distinct.len()) >= VARIED_SHARE;
        let several = self.distinct.len() >= SEVERAL_VALUES;
        let mut support = Support::default();
        for (entity, whole) in SHAPED_ENTITIES.iter().zip(&self.telling) {
            let share = of(*whole);
            let by_name = named == Some(*entity);
            let person = *entity == PiiEntity::PersonName;
            if by_name || share >= majority(*entity) && (several || !person) {
                support.shaped.push(*entity);
            }
            let names = match by_name {
                true => varied || share >= NAMES_WITH_CONTEXT,
                false => several && share >= NAMES_WITHOUT_CONTEXT,
            };
            if (person && names) || (!person && by_name) {
                support.weak.push(*entity);
            }
        }
        if let Some(entity) = named.filter(|e| !SHAPED_ENTITIES.contains(e)) {
            support.weak.push(entity);
        }
        support
    }
}
