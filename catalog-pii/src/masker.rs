//! Raw rows to masked rows: every recognised value becomes a typed placeholder, wherever in a cell it stands.

use catalog_core::model::{CellRef, MaskedSample, PiiEntity, RawSample};

use crate::column_hits::{cell_text, hits_of, resolve};
use crate::column_support::Support;
use crate::naming::column_words;
use crate::scanner::{ScannerOptions, column_support};
use crate::text::{CellText, normalise};

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
}

impl Masker {
    /// A masker within these limits.
    pub fn new(options: ScannerOptions) -> Self {
        Self { options }
    }

    /// All rows, each cell as text in Unicode form NFKC: recognised values are placeholders (`<EMAIL>`), binary is
    /// `<BINARY>`, NULL is `NULL`, long cells are cut to 256 characters. Values in column names are masked too.
    pub fn mask(&self, sample: &RawSample) -> MaskedSample {
        let names: Vec<&str> = sample.column_names().collect();
        let mut rows = vec![Vec::with_capacity(names.len()); sample.row_count()];
        for (i, name) in column_words(names.iter().copied()).iter().enumerate() {
            let support = self.masking_support(column_support(sample, i, name, &self.options));
            for (row, cell) in rows.iter_mut().zip(sample.cells(i)) {
                row.push(self.mask_cell(cell, &support));
            }
        }
        MaskedSample::from_masker(names.iter().map(|n| self.mask_name(n)).collect(), rows)
    }

    /// A free text (a comment, a description) with its recognised values masked.
    pub fn mask_text(&self, text: &str) -> String {
        self.mask_cell(CellRef::Text(text), &self.masking_support(Support::default()))
    }

    /// The name of a table or column with e-mail addresses and numbers of persons masked. Names of persons stay: a
    /// table `martin_2024` keeps its name.
    pub fn mask_name(&self, name: &str) -> String {
        mask_where(name, self.options.cell_bytes_max, &Support::default(), |entity| {
            !matches!(entity, PiiEntity::PersonName | PiiEntity::PostalAddress | PiiEntity::Geolocation)
        })
    }

    /// Beyond what counts in the column, telling phone and identity numbers are masked wherever they stand.
    fn masking_support(&self, column: Support) -> Support {
        column.with_shaped_numbers()
    }

    fn mask_cell(&self, cell: CellRef<'_>, support: &Support) -> String {
        match cell {
            CellRef::Null => NULL.to_owned(),
            CellRef::Bool(value) => value.to_string(),
            CellRef::Bytes(_) => BINARY.to_owned(),
            _ => cell_text(cell)
                .map(|text| mask_where(&text, self.options.cell_bytes_max, support, |_| true))
                .unwrap_or_default(),
        }
    }
}

fn mask_where(text: &str, bytes_max: usize, support: &Support, wanted: impl Fn(PiiEntity) -> bool) -> String {
    let (normal, cut) = normalise(text, bytes_max);
    let cell = CellText::new(&normal);
    let mut found = hits_of(&cell);
    found.retain(|h| wanted(h.entity));
    let mut hits = resolve(&found, support);
    hits.sort_by_key(|h| h.start);
    let usable =
        if cut { normal.floor_char_boundary(normal.len().saturating_sub(CUT_TAIL_BYTES)) } else { normal.len() };
    let mut masked = String::with_capacity(normal.len().min(CELL_CHARS_MAX * 4));
    let mut done = 0;
    for hit in hits.iter().filter(|h| h.start < usable) {
        masked.push_str(&normal[done..hit.start]);
        masked.push_str(&hit.entity.placeholder());
        done = hit.end;
    }
    masked.push_str(normal.get(done..usable).unwrap_or(""));
    shorten(masked, cut)
}

fn shorten(masked: String, cut: bool) -> String {
    match masked.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None if cut => format!("{masked}…"),
        None => masked,
    }
}
