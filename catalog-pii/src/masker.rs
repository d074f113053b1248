//! Raw rows to masked rows: every recognised value becomes a typed placeholder, wherever in a cell it stands.

use catalog_core::model::{CellRef, MaskedSample, PiiEntity, PiiVerdict, ProfiledTable, RawSample};
use catalog_core::{Error, ErrorKind, Result};

use crate::column_hits::{cell_text, hits_of, resolve};
use crate::column_support::Support;
use crate::house_rules::HouseRules;
use crate::naming::{ColumnWords, column_words};
use crate::public_codes::codes_of;
use crate::scanner::{ScannerOptions, column_support};
use crate::split_values::split_entities;
use crate::text::{CellText, normalise, shape};

/// The placeholder of a binary cell.
pub(crate) const BINARY: &str = "<BINARY>";
/// How NULL is written in masked and redacted rows.
pub(crate) const NULL: &str = "NULL";

/// Characters of a masked cell that are kept.
const CELL_CHARS_MAX: usize = 256;
/// Bytes at the end of a cut text that are dropped, since a value may have been cut there.
const CUT_TAIL_BYTES: usize = 160;

/// Masks samples with the same recognisers and limits as the scanner. Equal values of one sample give equal
/// placeholders.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    options: ScannerOptions,
    house: HouseRules,
    shapes: bool,
}

impl Masker {
    /// A masker within these limits.
    pub fn new(options: ScannerOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// The same, and with the operator's rules.
    #[must_use]
    pub fn with_house_rules(mut self, rules: HouseRules) -> Self {
        self.house = rules;
        self
    }

    /// The same, and what no recogniser knows becomes its shape: letters `A` and `a`, digits `9`, the rest as it is
    /// (`AB-1234` → `AA-9999`). Voters then see no letter of a cell. No masked cell is a public code any more, so a
    /// redacted row holds placeholders alone.
    #[must_use]
    pub fn with_shapes(mut self) -> Self {
        self.shapes = true;
        self
    }

    /// All rows, each cell as text in Unicode form NFKC: recognised values are placeholders (`<EMAIL>`), binary is
    /// `<BINARY>`, NULL is `NULL`, long cells are cut to 256 characters. A value that is split over columns (first and
    /// last name, the parts of a phone number) is masked in each of them. Values in column names are masked too.
    pub fn mask(&self, sample: &RawSample) -> MaskedSample {
        let names: Vec<&str> = sample.column_names().collect();
        let words = column_words(names.iter().copied());
        let split = split_entities(sample, &words);
        let mut rows = vec![Vec::with_capacity(names.len()); sample.row_count()];
        for (i, name) in words.iter().enumerate() {
            let support = column_support(sample, i, name, &self.options, &self.house).with_shaped_numbers();
            for (row, cell) in rows.iter_mut().zip(sample.cells(i)) {
                row.push(match split.get(i).copied().flatten() {
                    Some(entity) if cell_text(cell).is_some() => entity.placeholder(),
                    _ => self.mask_cell(cell, &support, Some(name)),
                });
            }
        }
        MaskedSample::from_masker(names.iter().map(|n| self.mask_name(n)).collect(), rows)
    }

    /// A free text (a comment, a description) with its recognised values masked.
    pub fn mask_text(&self, text: &str) -> String {
        let mut plain = self.clone();
        plain.shapes = false;
        plain.mask_cell(CellRef::Text(text), &Support::default().with_shaped_numbers(), None)
    }

    /// The name of a table or column with e-mail addresses and numbers of persons masked. Names of persons stay: a
    /// table `martin_2024` keeps its name.
    pub fn mask_name(&self, name: &str) -> String {
        let impersonal =
            |entity| !matches!(entity, PiiEntity::PersonName | PiiEntity::PostalAddress | PiiEntity::Geolocation);
        self.mask_where(name, &Support::default(), None, false, impersonal)
    }

    /// The public codes a column, as [`public_codes`](crate::public_codes), under the operator's rules too.
    pub fn public_codes(&self, profiled: &ProfiledTable, verdicts: &[PiiVerdict]) -> Vec<Vec<String>> {
        codes_of(profiled, verdicts, &self.house)
    }

    /// Masks one made-up value of each kind with a check, and looks whether it is gone. Ask once at the start: without
    /// a working masker nothing may be sent to a model.
    ///
    /// # Errors
    /// `Internal` when a value survives.
    pub fn check(&self) -> Result<()> {
        const CANARIES: [(&str, &str); 8] = [
            ("EMAIL", "jean.dupont@example.org"),
            ("IBAN", "FR1420041010050500013M02606"),
            ("CARD", "4111111111111111"),
            ("FR_NIR", "255081416802538"),
            ("FR_NIR", "1 85 07 2A 123 456 65"),
            ("PHONE", "+33 6 12 34 56 78"),
            ("US_SSN", "536-90-4399"),
            ("CREDENTIAL", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ];
        let survivor = CANARIES.iter().find(|(_, value)| {
            let masked = self.mask_text(&format!("ref {value}, thanks"));
            !self.house.allows(value) && masked.contains(value)
        });
        survivor.map_or(Ok(()), |(kind, _)| {
            Err(Error::new(ErrorKind::Internal, "check_masker", "a made-up value survives masking").with("kind", kind))
        })
    }

    fn mask_cell(&self, cell: CellRef<'_>, support: &Support, column: Option<&ColumnWords>) -> String {
        match cell {
            CellRef::Null => NULL.to_owned(),
            CellRef::Bool(value) => value.to_string(),
            CellRef::Bytes(_) => BINARY.to_owned(),
            _ => cell_text(cell)
                .map(|text| self.mask_where(&text, support, column, self.shapes, |_| true))
                .unwrap_or_default(),
        }
    }

    fn mask_where(
        &self,
        text: &str,
        support: &Support,
        column: Option<&ColumnWords>,
        shapes: bool,
        wanted: impl Fn(PiiEntity) -> bool,
    ) -> String {
        let (normal, cut) = normalise(text, self.options.cell_bytes_max);
        let cell = CellText::new(&normal);
        let mut found = hits_of(&cell, &self.house, column);
        found.retain(|h| wanted(h.entity));
        let mut hits = resolve(&found, support);
        hits.sort_by_key(|h| h.start);
        let whole = normal.len();
        let usable = if cut { normal.floor_char_boundary(whole.saturating_sub(CUT_TAIL_BYTES)) } else { whole };
        let mut masked = String::with_capacity(whole.min(CELL_CHARS_MAX * 4));
        let keep = |masked: &mut String, rest: &str| match shapes {
            true => shape(rest, masked),
            false => masked.push_str(rest),
        };
        let mut done = 0;
        for hit in hits.iter().filter(|h| h.start < usable) {
            keep(&mut masked, &normal[done..hit.start]);
            masked.push_str(&hit.entity.placeholder());
            done = hit.end;
        }
        keep(&mut masked, normal.get(done..usable).unwrap_or(""));
        shorten(masked, cut)
    }
}

fn shorten(masked: String, cut: bool) -> String {
    match masked.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None if cut => format!("{masked}…"),
        None => masked,
    }
}
