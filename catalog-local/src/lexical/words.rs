//! Text to weighted words: split, folded, stop words dropped, abbreviations and the other language added.

use crate::describe::{Certainty, VOCABULARY, singular_en, tokens};

/// Longest text that is read, in characters.
const TEXT_CHARS_MAX: usize = 64 * 1024;
/// Weight of what an abbreviation or a French word stands for, beside 1 for the word as written.
const EXPANSION_WEIGHT: f32 = 0.5;

/// Words that tell no table from another: grammar, and the words of asking, in English and French.
const STOP: &[&str] = &[
    "a", "about", "above", "all", "along", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before",
    "below", "between", "both", "but", "by", "can", "compute", "could", "did", "display", "do", "does", "each",
    "every", "find", "for", "from", "get", "give", "had", "has", "have", "her", "his", "how", "i", "if", "in", "into",
    "is", "it", "its", "least", "less", "list", "many", "me", "more", "most", "much", "must", "my", "no", "not", "of",
    "on", "one", "only", "or", "order", "ordered", "other", "our", "out", "over", "please", "return", "row", "rows",
    "per", "same", "show", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "to", "under", "up", "us", "use", "was", "we", "were", "what", "when", "where", "which",
    "who", "whom", "whose", "why", "will", "with", "within", "without", "would", "you", "your", "linked", "links",
    "id", "ids", "au", "aux", "avec", "ce", "ces", "cette", "chaque", "combien", "comment", "d", "dans", "de", "des",
    "donne", "du", "elle", "en", "entre", "est", "et", "etaient", "etait", "fait", "il", "ils", "l", "la", "le", "les",
    "leur", "leurs", "liste", "lister", "ligne", "mon", "nous", "ont", "ou", "par", "pas", "plus", "pour", "qu",
    "quand", "que", "quel", "quelle", "quelles", "quels", "qui", "s", "sa", "se", "ses", "son", "sont", "sur", "tous",
    "tout", "toutes", "un", "une", "vous", "lien",
];

/// A word as a feature, and how much it counts.
pub(crate) struct WeightedWord {
    pub(crate) text: String,
    pub(crate) weight: f32,
}

/// Endings that a stem loses, with the fewest letters that must be left.
const ENDINGS: &[(&str, usize)] =
    &[("ing", 4), ("ed", 4), ("er", 5), ("or", 5), ("ment", 4), ("ion", 4), ("ly", 4), ("e", 4), ("y", 4)];

/// A light English stemmer: the plural, then one ending. Documents and questions both pass through it, so it need
/// not give words.
fn stem(word: &str) -> String {
    let word = singular_en(word);
    let stem = ENDINGS
        .iter()
        .find_map(|(ending, left)| word.strip_suffix(ending).filter(|stem| stem.len() >= *left && stem.is_ascii()));
    let Some(stem) = stem else { return word };
    match stem.as_bytes() {
        // `shipped` and `ship`, but `pass` and `sell`.
        [.., a, b] if a == b && !matches!(b, b's' | b'l') => stem[..stem.len() - 1].to_owned(),
        _ => stem.to_owned(),
    }
}

/// The words of a text in order. An abbreviation brings its expansion, a French word its English.
pub(crate) fn weighted_words(text: &str) -> Vec<WeightedWord> {
    let cut: String = text.chars().take(TEXT_CHARS_MAX).collect();
    let pieces: Vec<String> = cut.split(|c: char| !(c.is_alphanumeric() || c == '_')).flat_map(tokens).collect();
    let native = VOCABULARY.language_of(pieces.iter().map(String::as_str));
    let mut words = Vec::new();
    for piece in pieces.iter().filter(|piece| !STOP.contains(&piece.as_str())) {
        let written = stem(piece);
        if let Some(word) = VOCABULARY.read(piece, native).filter(|word| word.certainty > Certainty::Raw) {
            let meant = stem(&word.en);
            if meant != written {
                words.push(WeightedWord { text: meant, weight: EXPANSION_WEIGHT });
            }
        }
        words.push(WeightedWord { text: written, weight: 1.0 });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        weighted_words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn identifiers_and_prose_give_the_same_words() {
        assert_eq!(
            words("CustomerOrders"),
            words("the customer's orders").into_iter().filter(|w| w != "s").collect::<Vec<_>>()
        );
        assert_eq!(
            words("loan_amount"),
            words("What is the amount of each loan?").into_iter().rev().collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_abbreviation_brings_its_expansion() {
        assert!(words("T_CUST_ACCT").contains(&stem("customer")));
        assert!(words("numéro de téléphone du client, prénom").contains(&stem("customer")));
    }
}
