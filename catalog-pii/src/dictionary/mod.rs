//! Word lists behind the recognisers of names, addresses and health, looked up in lower case without accents.

mod given_names;
mod surnames;
mod words;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::text::fold;

const GIVEN: u8 = 1;
const AMBIGUOUS: u8 = 2;
const SURNAME: u8 = 4;
const STREET: u8 = 8;
const IMPERSONAL: u8 = 16;
const TITLE: u8 = 32;
const PARTICLE: u8 = 64;
const HEALTH: u8 = 128;
/// Origins and religions are asked for alone, in columns of their name.
static ORIGINS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| words::ORIGIN_WORDS.split_whitespace().collect());
static RELIGIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words::RELIGION_WORDS.split_whitespace().collect());

/// Every listed word with the lists that it stands in.
static LISTS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let lists = [
        (given_names::GIVEN_NAMES, GIVEN),
        (given_names::AMBIGUOUS_GIVEN_NAMES, GIVEN | AMBIGUOUS),
        (surnames::SURNAMES, SURNAME),
        (words::STREET_WORDS, STREET),
        (words::IMPERSONAL_WORDS, IMPERSONAL),
        (words::TITLES, TITLE),
        (words::NAME_PARTICLES, PARTICLE),
        (words::HEALTH_WORDS, HEALTH),
    ];
    let mut map = HashMap::with_capacity(4096);
    for (list, flag) in lists {
        for word in list.split_whitespace() {
            *map.entry(word).or_insert(0) |= flag;
        }
    }
    map
});

fn flags(folded: &str) -> u8 {
    LISTS.get(folded).copied().unwrap_or(0)
}

/// The word in lower case without accents and without punctuation around it.
fn plain(word: &str) -> Cow<'_, str> {
    fold(word.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// What the dictionaries say of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WordSense {
    /// A given name.
    pub(crate) given: bool,
    /// A family name, by list or by ending.
    pub(crate) surname: bool,
    /// A given name that is an ordinary word too.
    pub(crate) ambiguous: bool,
    /// A word of firms, places and things.
    pub(crate) impersonal: bool,
    /// A form of address.
    pub(crate) title: bool,
    /// A small word inside family names.
    pub(crate) particle: bool,
    /// A kind of street.
    pub(crate) street: bool,
}

/// Looks up one word in any case, with or without accents. A hyphenated word is a name when its parts are.
pub(crate) fn sense(word: &str) -> WordSense {
    let word = plain(word);
    let found = flags(&word);
    let compound = word.contains(['-', '\'']);
    let mut parts = word.split(['-', '\'']).filter(|p| !p.is_empty()).map(flags);
    let given = found & GIVEN != 0 || compound && parts.clone().all(|f| f & GIVEN != 0);
    let ending = !compound && word.len() >= 6 && surnames::SURNAME_ENDINGS.iter().any(|e| word.ends_with(e));
    WordSense {
        given,
        surname: found & SURNAME != 0 || ending || compound && parts.any(|f| f & SURNAME != 0),
        ambiguous: found & AMBIGUOUS != 0,
        impersonal: found & IMPERSONAL != 0,
        title: found & TITLE != 0,
        particle: found & PARTICLE != 0,
        street: is_street(&word, found),
    }
}

/// Does the word name a kind of street, alone or by its ending?
pub(crate) fn is_street_word(word: &str) -> bool {
    let word = plain(word);
    is_street(&word, flags(&word))
}

fn is_street(word: &str, found: u8) -> bool {
    found & STREET != 0 || word.len() > 6 && words::STREET_ENDINGS.iter().any(|e| word.ends_with(e))
}

/// Is it a word of racial or ethnic origin?
pub(crate) fn is_origin_word(word: &str) -> bool {
    ORIGINS.contains(plain(word).as_ref())
}

/// Is it a word of a religion?
pub(crate) fn is_religion_word(word: &str) -> bool {
    RELIGIONS.contains(plain(word).as_ref())
}

/// Is it a word of a diagnosis or a finding?
pub(crate) fn is_health_word(word: &str) -> bool {
    let word = plain(word);
    flags(&word) & HEALTH != 0 || word.len() > 6 && words::HEALTH_ENDINGS.iter().any(|e| word.ends_with(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_hide_a_name() {
        for word in ["François", "FRANCOIS", "francois", "Jean-Pierre", "JEAN-PIERRE"] {
            assert!(sense(word).given, "{word}");
        }
        assert!(sense("Gonçalves").surname && sense("LEFÈVRE").surname);
    }

    #[test]
    fn a_street_ending_makes_a_street() {
        assert!(is_street_word("Theodor-Heuss-Straße") && is_street_word("Ullevålsveien") && is_street_word("RUE"));
        assert!(!is_street_word("Paris"));
    }
}
