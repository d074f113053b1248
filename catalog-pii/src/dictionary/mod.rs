//! Word lists behind the recognisers of names, addresses and health, looked up in lower case without accents.

mod given_names;
mod surnames;
mod words;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::fold;

type Words = LazyLock<HashSet<&'static str>>;

static GIVEN: Words = LazyLock::new(|| given_names::GIVEN_NAMES.split_whitespace().collect());
static AMBIGUOUS: Words = LazyLock::new(|| given_names::AMBIGUOUS_GIVEN_NAMES.split_whitespace().collect());
static SURNAMES: Words = LazyLock::new(|| surnames::SURNAMES.split_whitespace().collect());
static STREET: Words = LazyLock::new(|| words::STREET_WORDS.split_whitespace().collect());
static IMPERSONAL: Words = LazyLock::new(|| words::IMPERSONAL_WORDS.split_whitespace().collect());
static TITLES: Words = LazyLock::new(|| words::TITLES.split_whitespace().collect());
static PARTICLES: Words = LazyLock::new(|| words::NAME_PARTICLES.split_whitespace().collect());
static HEALTH: Words = LazyLock::new(|| words::HEALTH_WORDS.split_whitespace().collect());

/// What the dictionaries say of one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WordSense {
    /// A given name.
    pub(crate) given: bool,
    /// A family name, by list or by ending.
    pub(crate) surname: bool,
    /// A name that is an ordinary word too.
    pub(crate) ambiguous: bool,
    /// A word of firms, places and things.
    pub(crate) impersonal: bool,
    /// A form of address.
    pub(crate) title: bool,
    /// A small word inside family names.
    pub(crate) particle: bool,
}

/// Looks up one word in any case, with or without accents. A hyphenated word is a name when its parts are.
pub(crate) fn sense(word: &str) -> WordSense {
    let folded = fold(word);
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let parts = || word.split(['-', '\'']).filter(|p| !p.is_empty());
    let given = GIVEN.contains(word) || (word.contains('-') && parts().all(|p| GIVEN.contains(p)));
    let surname = SURNAMES.contains(word)
        || (word.contains(['-', '\'']) && parts().any(|p| SURNAMES.contains(p)))
        || (word.len() >= 6 && surnames::SURNAME_ENDINGS.iter().any(|e| word.ends_with(e)));
    WordSense {
        given,
        surname,
        ambiguous: AMBIGUOUS.contains(word),
        impersonal: IMPERSONAL.contains(word) && !SURNAMES.contains(word),
        title: TITLES.contains(word),
        particle: PARTICLES.contains(word),
    }
}

/// Does the word name a kind of street, alone or by its ending?
pub(crate) fn is_street_word(word: &str) -> bool {
    let folded = fold(word);
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    STREET.contains(word) || (word.len() > 6 && words::STREET_ENDINGS.iter().any(|e| word.ends_with(e)))
}

/// Is it a word of a diagnosis, a finding, a religion or an origin?
pub(crate) fn is_health_word(word: &str) -> bool {
    let folded = fold(word);
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    HEALTH.contains(word) || (word.len() > 6 && words::HEALTH_ENDINGS.iter().any(|e| word.ends_with(e)))
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
