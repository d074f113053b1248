//! The words that names are made of, in English and French, and their abbreviations.

use std::collections::HashMap;
use std::sync::LazyLock;

use catalog_core::model::Language;

use super::inflect::{singular_en, singular_fr};
use super::split::fold;

/// What a column named by the word carries; decides how early a description mentions it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Label,
    Category,
    Measure,
    Time,
    Text,
    Contact,
    Entity,
    Event,
    Modifier,
    Unit,
    /// Not in the vocabulary.
    Foreign,
}

/// How sure the reading of a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// A pronounceable word that the vocabulary lacks, kept as it stands.
    Raw,
    /// Expanded from a skeleton or a two-letter abbreviation.
    Guessed,
    /// In the vocabulary or the abbreviation tables.
    Known,
}

/// One understood word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// In English, lower case, singular where it has one.
    pub(crate) en: String,
    /// In French, with accents.
    pub(crate) fr: String,
    pub(crate) class: Class,
    pub(crate) certainty: Certainty,
}

impl Word {
    pub(crate) fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }
}

struct Entry {
    en: &'static str,
    class: Class,
}

/// An entry's index, and its French as the look-up table spells it: several French words may share an entry.
type Found = (usize, &'static str);

/// The vocabulary with its look-up tables; built once from the files in `data/`.
pub(crate) struct Vocabulary {
    entries: Vec<Entry>,
    english: HashMap<&'static str, Found>,
    french: HashMap<String, Found>,
    short_english: HashMap<&'static str, Found>,
    short_french: HashMap<&'static str, Found>,
    /// Skeleton, whole or cut to four letters, to the first word of the vocabulary that has it.
    skeletons: HashMap<String, Found>,
}

/// The one vocabulary.
pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::build);

const WORDS: &str = include_str!("data/vocabulary.txt");
const SHORT_EN: &str = include_str!("data/abbreviations_en.txt");
const SHORT_FR: &str = include_str!("data/abbreviations_fr.txt");

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn class_of(section: &str) -> Option<Class> {
    Some(match section {
        "[label]" => Class::Label,
        "[category]" => Class::Category,
        "[measure]" => Class::Measure,
        "[time]" => Class::Time,
        "[text]" => Class::Text,
        "[contact]" => Class::Contact,
        "[entity]" => Class::Entity,
        "[event]" => Class::Event,
        "[modifier]" => Class::Modifier,
        "[unit]" => Class::Unit,
        _ => return None,
    })
}

/// First letter and consonants, as legacy schemas cut names: `customer` to `cstmr`.
fn skeleton(word: &str) -> String {
    word.char_indices().filter(|(i, c)| *i == 0 || !"aeiou".contains(*c)).map(|(_, c)| c).collect()
}

impl Vocabulary {
    fn build() -> Self {
        let mut this = Self {
            entries: Vec::new(),
            english: HashMap::new(),
            french: HashMap::new(),
            short_english: HashMap::new(),
            short_french: HashMap::new(),
            skeletons: HashMap::new(),
        };
        let mut class = None;
        for line in lines(WORDS) {
            if line.starts_with('[') {
                class = class_of(line);
                continue;
            }
            for (left, right) in line.split(", ").filter_map(|pair| pair.split_once('=')) {
                match class {
                    Some(class) => this.add(left, right, class),
                    None => {
                        if let Some(&(at, _)) = this.english.get(right) {
                            this.french.insert(fold(left), (at, left));
                        }
                    }
                }
            }
        }
        this.short_english = abbreviations(SHORT_EN, |word| this.find_english(word));
        this.short_french = abbreviations(SHORT_FR, |word| this.find_french(&fold(word)));
        this.index_skeletons();
        this
    }

    fn add(&mut self, en: &'static str, fr: &'static str, class: Class) {
        let at = self.entries.len();
        self.entries.push(Entry { en, class });
        self.english.entry(en).or_insert((at, fr));
        self.french.entry(fold(fr)).or_insert((at, fr));
    }

    fn index_skeletons(&mut self) {
        // Whole skeletons first: STT is `state`, and only then the start of `statement`.
        for cut in [usize::MAX, 4] {
            for entry in &self.entries {
                let form: String = skeleton(entry.en).chars().take(cut).collect();
                if let Some(&found) = self.english.get(entry.en).filter(|_| form.len() >= 3) {
                    self.skeletons.entry(form).or_insert(found);
                }
            }
        }
    }

    fn find_english(&self, word: &str) -> Option<Found> {
        self.english.get(word).or_else(|| self.english.get(singular_en(word).as_str())).copied()
    }

    fn find_french(&self, folded: &str) -> Option<Found> {
        self.french.get(folded).or_else(|| self.french.get(&singular_fr(folded))).copied()
    }

    fn word(&self, (at, fr): Found, certainty: Certainty) -> Word {
        let entry = &self.entries[at];
        Word { en: entry.en.to_owned(), fr: fr.to_owned(), class: entry.class, certainty }
    }

    /// The full word in either language, no abbreviation.
    pub(crate) fn full_word(&self, token: &str, native: Language) -> Option<Word> {
        let found = match native {
            Language::En => self.find_english(token).or_else(|| self.find_french(token)),
            Language::Fr => self.find_french(token).or_else(|| self.find_english(token)),
        };
        found.map(|found| self.word(found, Certainty::Known))
    }

    /// What a token most likely stands for: a word, an abbreviation, a skeleton, or itself when it can be read.
    /// `native` is the language that the schema is named in. `None`: opaque.
    pub(crate) fn read(&self, token: &str, native: Language) -> Option<Word> {
        if let Some(word) = self.full_word(token, native) {
            return Some(word);
        }
        let certainty = if token.len() <= 2 { Certainty::Guessed } else { Certainty::Known };
        let (own, other) = match native {
            Language::En => (&self.short_english, &self.short_french),
            Language::Fr => (&self.short_french, &self.short_english),
        };
        if let Some(&found) = own.get(token) {
            return Some(self.word(found, certainty));
        }
        let vowelless = !token.chars().skip(1).any(|c| "aeiou".contains(c));
        if vowelless
            && token.len() >= 3
            && let Some(&found) = self.skeletons.get(token)
        {
            return Some(self.word(found, Certainty::Guessed));
        }
        // The other language's abbreviation only for what can be no word of this one: `four` is not `fournisseur`.
        if let Some(&found) = other.get(token).filter(|_| vowelless || native == Language::Fr) {
            return Some(self.word(found, Certainty::Guessed));
        }
        readable(token).then(|| Word {
            en: singular_en(token),
            fr: if native == Language::Fr { singular_fr(token) } else { singular_en(token) },
            class: Class::Foreign,
            certainty: Certainty::Raw,
        })
    }

    /// Splits words written together (`tradecount`) when every part is a word of the vocabulary; else the token.
    pub(crate) fn segment(&self, token: &str) -> Vec<String> {
        let word = |part: &str| self.find_english(part).is_some() || self.find_french(part).is_some();
        let known = |part: &str| word(part) || (part.len() >= 4 && self.short_english.contains_key(part));
        // `authorship` is no ship.
        if token.ends_with("ship") || token.ends_with("ships") {
            return vec![token.to_owned()];
        }
        if token.len() < 6 || token.len() > 40 || !token.is_ascii() || known(token) {
            return vec![token.to_owned()];
        }
        for suffix in ["id", "ids", "no", "cd", "dt"] {
            if let Some(head) = token.strip_suffix(suffix).filter(|head| head.len() >= 4 && known(head)) {
                return vec![head.to_owned(), suffix.to_owned()];
            }
        }
        // A mark of the application before a word: `sbcustomer`.
        for mark in 2..=3 {
            let (head, tail) = token.split_at(mark);
            if tail.len() >= 6
                && (known(tail) || self.segment(tail).len() > 1)
                && !head.chars().any(|c| "aeiouy".contains(c))
            {
                return vec![head.to_owned(), tail.to_owned()];
            }
        }
        (4..=token.len().saturating_sub(4))
            .map(|at| token.split_at(at))
            .find(|(head, tail)| known(head) && (known(tail) || (tail.len() > 7 && self.segment(tail).len() > 1)))
            .map_or_else(
                || vec![token.to_owned()],
                |(head, tail)| {
                    let mut parts = vec![head.to_owned()];
                    parts.extend(self.segment(tail));
                    parts
                },
            )
    }

    /// Which language the tokens are in, by the words and abbreviations that only one of them has.
    pub(crate) fn language_of<'a>(&self, tokens: impl Iterator<Item = &'a str>) -> Language {
        let (mut only_en, mut only_fr) = (0, 0);
        for token in tokens {
            let en = self.find_english(token).is_some() || self.short_english.contains_key(token);
            let fr = self.find_french(token).is_some() || self.short_french.contains_key(token);
            only_en += u32::from(en && !fr);
            only_fr += u32::from(fr && !en);
        }
        // One French-looking token is chance.
        if only_fr > only_en && only_fr >= 2 { Language::Fr } else { Language::En }
    }
}

fn abbreviations(text: &'static str, find: impl Fn(&'static str) -> Option<Found>) -> HashMap<&'static str, Found> {
    let mut map = HashMap::new();
    for (word, shorts) in lines(text).filter_map(|line| line.split_once(": ")) {
        if let Some(found) = find(word) {
            for short in shorts.split(", ") {
                map.entry(short).or_insert(found);
            }
        }
    }
    map
}

/// Consonants that English and French words start with, two at a time.
const ONSETS: &str = "bl br ch cl cr dr dw fl fr gh gl gn gr kn kr ph pl pn pr ps rh sc sh sk sl sm sn sp sq st sv sw \
                      th tr ts tw wh wr";

/// Could a person read the token as a word? ASCII letters, a vowel, a start that words have, no pile of consonants,
/// no letter thrice.
fn readable(token: &str) -> bool {
    let bytes = token.as_bytes();
    let vowel = |b: &u8| b"aeiouy".contains(b);
    let starts_like_a_word = |token: &str| {
        let (first, rest) = token.as_bytes().split_at(2);
        first.iter().any(vowel) || (ONSETS.split(' ').any(|onset| token.starts_with(onset)) && rest.iter().any(vowel))
    };
    (3..=20).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_lowercase)
        && bytes.iter().any(vowel)
        && starts_like_a_word(token)
        && !bytes.windows(5).any(|w| !w.iter().any(vowel))
        && !bytes.windows(3).any(|w| w[0] == w[1] && w[1] == w[2])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn en(token: &str, native: Language) -> Option<String> {
        VOCABULARY.read(token, native).map(|w| w.en)
    }

    #[test]
    fn no_word_and_no_abbreviation_stands_twice() {
        let mut seen = HashSet::new();
        for (word, _) in lines(WORDS).flat_map(|l| l.split(", ")).filter_map(|p| p.split_once('=')) {
            assert!(seen.insert(word), "{word} stands twice");
        }
        for text in [SHORT_EN, SHORT_FR] {
            let mut seen = HashSet::new();
            for short in lines(text).filter_map(|l| l.split_once(": ")).flat_map(|(_, s)| s.split(", ")) {
                assert!(seen.insert(short), "{short} stands twice");
            }
        }
    }

    #[test]
    fn every_abbreviation_leads_to_a_word() {
        for (word, _) in lines(SHORT_EN).filter_map(|l| l.split_once(": ")) {
            assert!(VOCABULARY.find_english(word).is_some(), "{word} is not in the vocabulary");
        }
        for (word, _) in lines(SHORT_FR).filter_map(|l| l.split_once(": ")) {
            assert!(VOCABULARY.find_french(&fold(word)).is_some(), "{word} is not in the vocabulary");
        }
    }

    #[test]
    fn abbreviations_and_skeletons_are_expanded() {
        for (token, word) in [
            ("cust", "customer"),
            ("acct", "account"),
            ("qty", "quantity"),
            ("nbr", "number"),
            ("trnsctn", "transaction"),
            ("trns", "transaction"),
            ("cstm", "customer"),
            ("addr", "address"),
            ("customers", "customer"),
            ("mvt", "movement"),
        ] {
            assert_eq!(en(token, Language::En).as_deref(), Some(word), "{token}");
        }
        for (token, word) in
            [("cli", "customer"), ("mt", "amount"), ("lib", "label"), ("ech", "maturity"), ("nais", "birth")]
        {
            assert_eq!(en(token, Language::Fr).as_deref(), Some(word), "{token}");
        }
    }

    #[test]
    fn an_english_word_is_no_french_abbreviation() {
        assert_eq!(en("four", Language::En).as_deref(), Some("four"));
    }

    #[test]
    fn opaque_tokens_mean_nothing() {
        for token in ["c", "x", "zqk", "qqq", "xxxxxx", "sbtxid", "txamount"] {
            assert_eq!(en(token, Language::En), None, "{token}");
        }
    }

    #[test]
    fn words_written_together_are_split() {
        assert_eq!(VOCABULARY.segment("customerid"), ["customer", "id"]);
        assert_eq!(VOCABULARY.segment("accountbalance"), ["account", "balance"]);
        assert_eq!(VOCABULARY.segment("carpet"), ["carpet"]);
        assert_eq!(VOCABULARY.segment("restaurant"), ["restaurant"]);
        assert_eq!(VOCABULARY.segment("authorship"), ["authorship"]);
        assert_eq!(VOCABULARY.segment("sbcustomer"), ["sb", "customer"]);
    }

    #[test]
    fn french_schemas_are_recognised() {
        let fr = ["cli", "adr", "lib", "voie", "ville"];
        assert_eq!(VOCABULARY.language_of(fr.into_iter()), Language::Fr);
        assert_eq!(VOCABULARY.language_of(["customer", "street", "city"].into_iter()), Language::En);
    }
}
