//! The language of a sentence, told by its little words.

use catalog_core::model::Language;

use super::Rejection;
use super::wording::words;

const ENGLISH: &[&str] = &[
    "the", "of", "and", "for", "with", "in", "to", "by", "per", "from", "each", "one", "their", "that", "which", "are",
    "is", "its", "this", "into", "row", "linked", "links",
];
const FRENCH: &[&str] = &[
    "le", "la", "les", "des", "du", "de", "et", "pour", "avec", "par", "une", "un", "en", "dans", "chaque", "leur",
    "leurs", "qui", "est", "sont", "aux", "au", "ligne", "relie", "cette", "ce",
];

/// Refuses another script, and a sentence with more little words of the other language than of its own.
pub(super) fn check(text: &str, language: Language) -> Result<(), Rejection> {
    let latin = |c: char| {
        !c.is_alphabetic()
            || c.is_ascii()
            || matches!(u32::from(c), 0xAA | 0xBA | 0xC0..=0x24F | 0x1E00..=0x1EFF | 0x2019)
    };
    if !text.chars().all(latin) {
        return Err(Rejection::WrongLanguage);
    }
    let words = words(text);
    let count = |list: &[&str]| words.iter().filter(|word| list.contains(&word.as_str())).count();
    let (own, other) = match language {
        Language::En => (count(ENGLISH), count(FRENCH)),
        Language::Fr => (count(FRENCH), count(ENGLISH)),
    };
    if other >= 2 && other > own { Err(Rejection::WrongLanguage) } else { Ok(()) }
}
