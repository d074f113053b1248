//! Words of names and texts, and whether a word of a sentence stands in them.

use std::collections::HashSet;

/// Most words of evidence that are looked at.
const WORDS_MAX: usize = 4_000;

/// Lower case without the accents that French has.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            c => c,
        })
        .collect()
}

/// The folded words of a text or a name: split at everything that is no letter or digit, at the humps of camel case,
/// and between letters and digits.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let hump = c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && after.is_lowercase()));
        let turn = c.is_alphabetic() != before.is_alphabetic();
        if (hump || turn || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(fold(&word));
            word.clear();
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(fold(&word));
    }
    words
}

/// The words that a table's evidence has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    words: HashSet<String>,
}

impl Lexicon {
    /// The words of all texts and names.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let words = texts.into_iter().flat_map(words_of).take(WORDS_MAX).map(|word| stem(&word).to_owned()).collect();
        Self { words }
    }

    /// Is the word there, up to its ending?
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.contains(stem(&fold(word)))
    }

    /// Is the word there, or one that it may be the long form of: `customers` for `CUST` or `CSTMR`?
    pub(crate) fn grounds(&self, word: &str) -> bool {
        let word = fold(word);
        let wanted = stem(&word);
        self.words.contains(wanted) || self.words.iter().any(|known| stands_for(known, wanted))
    }
}

/// May `short` be an abbreviation of `long`, or a longer form of the same word? An abbreviation has three letters or
/// more, starts with the word's first letter and keeps the order of its letters.
fn stands_for(short: &str, long: &str) -> bool {
    let letters = short.chars().count();
    if letters < 3 || !short.chars().all(char::is_alphabetic) {
        return false;
    }
    if letters >= long.chars().count() {
        return long.chars().count() >= 4 && short.starts_with(long);
    }
    let mut rest = long.chars();
    short.chars().next() == long.chars().next() && short.chars().all(|c| rest.any(|other| other == c))
}

/// The word without the commonest endings of the plural, in English and French.
fn stem(word: &str) -> &str {
    let long_enough = |stem: &str| stem.len() >= 3;
    for ending in ["es", "s", "x", "e", "y", "ie"] {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| long_enough(stem)) {
            return stem.strip_suffix('i').filter(|stem| long_enough(stem)).unwrap_or(stem);
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_underscores_humps_and_digits() {
        assert_eq!(words_of("T_CUST_ADDR2"), ["t", "cust", "addr", "2"]);
        assert_eq!(words_of("loanStatusID"), ["loan", "status", "id"]);
        assert_eq!(words_of("HTTPServer d'échéance"), ["http", "server", "d", "echeance"]);
    }

    #[test]
    fn a_word_is_grounded_by_itself_its_plural_and_its_abbreviation() {
        let lexicon = Lexicon::of(["CUST_ADDR", "cities", "vehicleType", "ID"]);
        for word in ["customers", "addresses", "city", "Vehicles", "type"] {
            assert!(lexicon.grounds(word), "{word}");
        }
        for word in ["marketing", "identity", "salaries"] {
            assert!(!lexicon.grounds(word), "{word}");
        }
        assert!(lexicon.has("City") && !lexicon.has("customers"));
    }

    proptest::proptest! {
        #[test]
        fn every_word_of_a_text_is_grounded_in_it(text in "\\PC{0,40}") {
            let lexicon = Lexicon::of([text.as_str()]);
            for word in words_of(&text) {
                proptest::prop_assert!(lexicon.grounds(&word));
            }
        }
    }
}
