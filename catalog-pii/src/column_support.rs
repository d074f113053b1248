//! Which uncertain hits count in a column: by what most of its cells are, or by what its name says.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use catalog_core::model::PiiEntity;

use crate::column_hits::{Coverage, coverage};
use crate::naming::{ColumnWords, TableSense, suggest};
use crate::recognisers::{Hit, Strength, birth_year};

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
        // One number in ten passes its check by accident.
        PiiEntity::CompanyNumber => 0.9,
        _ => 0.6,
    }
}

/// Share of dictionary names above which other capitalised words of the column count as names too, when the
/// column's name says so and when it does not.
const NAMES_WITH_CONTEXT: f64 = 0.1;
const NAMES_WITHOUT_CONTEXT: f64 = 0.5;

/// How clear a column's name must be (`last_name`) for values that only look like names to be masked, whatever the
/// dictionaries know; how many of them must look so; and how much they must vary.
const CERTAIN_NAME: f64 = 0.95;
const NAME_LIKE_SHARE: f64 = 0.9;
const VARIED_SHARE: f64 = 0.5;

/// Distinct values from which names in a column of another name are no accident (seasons, weekdays, months).
const SEVERAL_VALUES: usize = 5;

/// The entities that have hits of strength `Shaped`.
const SHAPED_ENTITIES: [PiiEntity; 4] =
    [PiiEntity::Phone, PiiEntity::NationalId, PiiEntity::CompanyNumber, PiiEntity::PersonName];

/// Kinds whose weak form fits fewer than one column in twenty of any name (measured with `form_selectivity`, see the
/// benchmarks): under a name that speaks of the kind such a form is evidence of its own. The forms of user names,
/// passwords, document and contract numbers and body measures fit far more columns, and are none.
const SELECTIVE: &[PiiEntity] = &[
    PiiEntity::Bic,
    PiiEntity::Card,
    PiiEntity::DeviceId,
    PiiEntity::IpAddress,
    PiiEntity::MacAddress,
    PiiEntity::Geolocation,
    PiiEntity::Phone,
    PiiEntity::PostalAddress,
    PiiEntity::UsSsn,
    PiiEntity::Health,
    PiiEntity::Origin,
];

/// Years between the first and the last date from which a column of days may be births: orders and contracts are
/// seldom so far apart.
const BIRTH_SPAN_YEARS: u16 = 20;

/// Share of cells that must be hashes or tokens for a column named after a secret to hold one.
const OPAQUE_SHARE: f64 = 0.9;

/// A hash or a token: one long word of letters and digits. UUIDs are not: they name things.
fn is_opaque(text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let uuid = text.len() == 36 && text.matches('-').count() == 4;
    let word = text.bytes().all(|b| b.is_ascii_graphic());
    (16..=512).contains(&text.len()) && word && !uuid && digits >= 2 && letters >= 4
}

/// Gathers, over the cells of one column, whether its uncertain hits have support.
#[derive(Default)]
pub(crate) struct SupportCount {
    cells: usize,
    name_like: usize,
    distinct: HashSet<u64>,
    telling: [usize; 4],
    births: Option<(u16, u16)>,
    opaque: usize,
}

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
        self.opaque += usize::from(is_opaque(text));
        if hits.iter().any(|h| h.entity == PiiEntity::BirthDate)
            && let Some(year) = birth_year(text)
        {
            let (first, last) = self.births.unwrap_or((year, year));
            self.births = Some((first.min(year), last.max(year)));
        }
    }

    /// What counts whatever the column's name.
    pub(crate) fn by_values(&self) -> Support {
        self.conclude(None, false)
    }

    /// What counts in a column of that name, and is evidence beside it: values whose form few other columns have.
    pub(crate) fn by_evidence(&self, column: &ColumnWords) -> Support {
        match self.named(column) {
            Some((entity, _)) if self.is_evidence(entity) => self.conclude(Some(entity), false),
            _ => self.by_values(),
        }
    }

    /// What is masked in a column of that name: no less than what counts, and whatever the name allows.
    pub(crate) fn by_name(&self, column: &ColumnWords) -> Support {
        match self.named(column) {
            Some((entity, score)) => self.conclude(Some(entity), score >= CERTAIN_NAME),
            None => self.by_values(),
        }
    }

    fn named(&self, column: &ColumnWords) -> Option<(PiiEntity, f64)> {
        let about_persons = TableSense { about_person: true, ..TableSense::default() };
        suggest(column, about_persons).map(|s| (s.entity, s.score))
    }

    fn is_evidence(&self, entity: PiiEntity) -> bool {
        match entity {
            // A tenth of the cells must be names that the dictionaries know.
            PiiEntity::PersonName => true,
            PiiEntity::BirthDate => self.births.is_some_and(|(first, last)| last - first >= BIRTH_SPAN_YEARS),
            PiiEntity::Credential => self.opaque as f64 >= OPAQUE_SHARE * self.cells as f64,
            other => SELECTIVE.contains(&other),
        }
    }

    fn conclude(&self, named: Option<PiiEntity>, certain: bool) -> Support {
        let of = |n: usize| n as f64 / self.cells.max(1) as f64;
        let varied = certain && of(self.name_like) >= NAME_LIKE_SHARE && of(self.distinct.len()) >= VARIED_SHARE;
        let several = self.distinct.len() >= SEVERAL_VALUES;
        let mut support = Support::default();
        for (entity, whole) in SHAPED_ENTITIES.iter().zip(&self.telling) {
            let share = of(*whole);
            let by_name = named == Some(*entity);
            let alone = matches!(entity, PiiEntity::PersonName | PiiEntity::CompanyNumber);
            if by_name || share >= majority(*entity) && (several || !alone) {
                support.shaped.push(*entity);
            }
            let names = match by_name {
                true => varied || share >= NAMES_WITH_CONTEXT,
                false => several && share >= NAMES_WITHOUT_CONTEXT,
            };
            let person = *entity == PiiEntity::PersonName;
            // Among telephone numbers a plain run of digits is one too.
            let among_phones = *entity == PiiEntity::Phone && share >= majority(PiiEntity::Phone);
            if (person && names) || (!person && by_name) || among_phones {
                support.weak.push(*entity);
            }
        }
        if let Some(entity) = named.filter(|e| !SHAPED_ENTITIES.contains(e)) {
            support.weak.push(entity);
        }
        support
    }
}
