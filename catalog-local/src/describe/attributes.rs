//! The columns that carry meaning, in the order in which a reader wants them.

use catalog_core::model::{DataType, DescribeRequest, Language};

use super::phrase::Phrase;
use super::role::is_technical;
use super::sentence::words;
use super::vocabulary::Class;

/// Most statuses that are named.
const CODES_MAX: usize = 4;
/// Longest status that is named, in characters.
const CODE_CHARS_MAX: usize = 12;

/// One column worth a mention.
pub(crate) struct Attribute {
    pub(crate) phrase: Phrase,
    /// Index of the column in the table.
    pub(crate) column: usize,
}

/// The columns of the table that are neither technical, nor keys, nor the table's own identifier, best first.
pub(crate) fn attributes(request: &DescribeRequest<'_>, name: &Phrase, native: Language) -> Vec<Attribute> {
    let keyed = |column: &str| request.keys.iter().any(|k| k.outgoing && k.columns.iter().any(|c| c == column));
    let mut found: Vec<(u8, Attribute)> = Vec::new();
    for (at, column) in request.table.columns.iter().enumerate() {
        if keyed(&column.name) || is_technical(&column.name, column.data_type) {
            continue;
        }
        let whole = Phrase::of_column(&column.name, native);
        let repeats_table = whole.words.iter().all(|w| name.words.iter().any(|n| n.en == w.en));
        let phrase = whole.without(name);
        if repeats_table || phrase.is_empty() {
            continue;
        }
        let boolean = column.data_type == DataType::Boolean;
        found.push((rank(&phrase, boolean), Attribute { phrase, column: at }));
    }
    // A stable sort: columns of one rank keep the table's order, which its author chose.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, attribute)| attribute).collect()
}

/// Lower is mentioned earlier.
fn rank(phrase: &Phrase, boolean: bool) -> u8 {
    if phrase.identifier {
        return 5;
    }
    if boolean {
        return 4;
    }
    match phrase.class() {
        Class::Measure => 0,
        Class::Category | Class::Event => 1,
        Class::Time | Class::Entity | Class::Label => 2,
        Class::Unit | Class::Contact => 3,
        Class::Modifier | Class::Foreign | Class::Text => 4,
    }
}

/// The attribute in words: a unit behind `in`, a status with its public codes where they are few and plain.
pub(crate) fn wording(attribute: &Attribute, request: &DescribeRequest<'_>, with_codes: bool) -> String {
    let language = request.language;
    let mut phrase = attribute.phrase.clone();
    let unit = if phrase.words.len() > 1 { phrase.words.pop_if(|word| word.class == Class::Unit) } else { None };
    let mut text = phrase.text(language, false);
    if let Some(unit) = unit {
        text.push_str(words(language).in_unit);
        text.push_str(unit.text(language));
    }
    if with_codes && phrase.class() == Class::Category {
        let codes = request.public_codes.get(attribute.column).map_or(&[][..], Vec::as_slice);
        let plain = |code: &String| {
            let letters = code.chars().all(char::is_alphabetic) && code.is_ascii();
            letters && (1..=CODE_CHARS_MAX).contains(&code.len()) && !Phrase::of_column(code, language).is_empty()
        };
        if (2..=CODES_MAX).contains(&codes.len()) && codes.iter().all(plain) {
            text.push_str(" (");
            // Codes come commonest first: sorted, a few inserts do not reword the sentence.
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            text.push_str(&codes.join(", "));
            text.push(')');
        }
    }
    text
}
