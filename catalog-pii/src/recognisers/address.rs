//! Postal addresses down to the street: a house number beside a word that names a kind of street (`12 rue de la
//! Paix`, `8210 111 ST NW`, `Hauptstraße 5`, `Av. Brigadeiro Faria Lima, 2170`), or a post box.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::dictionary::{is_street_word, sense};
use crate::text::{CellText, fold};

/// An address is read within one clause of at most this many words.
const CLAUSE_WORDS_MAX: usize = 10;

struct Word<'a> {
    start: usize,
    text: &'a str,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn is_house_number(&self) -> bool {
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &self.text[digits..];
        (1..=5).contains(&digits)
            && (rest.len() <= 1 && rest.bytes().all(|b| b.is_ascii_alphabetic())
                || matches!(fold(rest).as_ref(), "bis" | "ter" | "th" | "st" | "nd" | "rd")
                || rest.starts_with(['-', '/'])
                    && rest[1..].bytes().all(|b| b.is_ascii_alphanumeric())
                    && rest.len() < 7)
    }

    fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let words = words(cell.text);
    let mut next_free = 0;
    for (at, word) in words.iter().enumerate() {
        if at < next_free || !(is_street_word(word.text) || is_box(&words, at)) {
            continue;
        }
        let Some((first, last)) = around(&words, at) else { continue };
        hits.push(Hit {
            start: words[first].start,
            end: words[last].end(),
            entity: PiiEntity::PostalAddress,
            strength: if word.text.len() > 1 { Strength::Strong } else { Strength::Weak },
        });
        next_free = last + 1;
    }
    let short = words.len() <= 14 && cell.text.len() <= 160;
    if next_free > 0 && short && words[0].is_house_number() {
        // The rest of a short cell is the address's town and code.
        hits.extend(whole(cell, PiiEntity::PostalAddress, Strength::Strong));
    } else if next_free == 0 && short && has_plain_form(&words) {
        hits.extend(whole(cell, PiiEntity::PostalAddress, Strength::Weak));
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    for part in text.split_inclusive([' ', ',', ';', '"', '\n', '\t', '(', ')', '{', '}', '[', ']', '=', ':']) {
        let word = part.trim_end_matches([' ', ',', ';', '"', '\n', '\t', '(', ')', '{', '}', '[', ']', '=', ':']);
        if !word.is_empty() {
            words.push(Word { start, text: word });
        }
        start += part.len();
    }
    words
}

/// `PO Box 12`, `BP 40`, `Postfach 7`.
fn is_box(words: &[Word<'_>], at: usize) -> bool {
    let word = fold(words[at].text);
    let boxed = matches!(word.as_ref(), "bp" | "postfach" | "pobox" | "p.o.box")
        || word == "box" && at > 0 && matches!(fold(words[at - 1].text).as_ref(), "po" | "p.o." | "p.o");
    boxed && words.get(at + 1).is_some_and(Word::is_house_number)
}

/// The first and last word of the address around a street word: it needs a house number within the clause, before
/// the street or after it.
fn around(words: &[Word<'_>], at: usize) -> Option<(usize, usize)> {
    let from = at.saturating_sub(CLAUSE_WORDS_MAX / 2);
    let upto = (at + CLAUSE_WORDS_MAX / 2).min(words.len() - 1);
    let before = (from..at).rev().find(|i| words[*i].is_house_number());
    let after = (at + 1..=upto).find(|i| words[*i].is_house_number());
    // "rue de la Paix": the words after a French street word are its name.
    let name_end = (at + 1..=upto)
        .take_while(|i| words[*i].is_capitalised() || sense(words[*i].text).particle || words[*i].text.len() <= 3)
        .last()
        .unwrap_or(at);
    match (before, after) {
        (Some(number), _)
            if (number + 1..at).all(|i| {
                !words[i].text.starts_with(char::is_lowercase) || at == number + 1 || sense(words[i].text).particle
            }) =>
        {
            // The earliest number of "8210 111 ST" is the house's.
            let first = if number > 0 && words[number - 1].is_house_number() { number - 1 } else { number };
            Some((first, name_end))
        }
        (_, Some(number)) => {
            Some((at.saturating_sub(usize::from(at > 0 && words[at - 1].is_capitalised())), number.max(name_end)))
        }
        _ => is_box(words, at).then_some((at, at + 1)),
    }
}

/// A house number and one to four capitalised words, in either order.
fn has_plain_form(words: &[Word<'_>]) -> bool {
    let named = |words: &[Word<'_>]| {
        !words.is_empty()
            && words.iter().all(|w| w.is_capitalised() || sense(w.text).particle || w.is_house_number())
            && words.iter().any(|w| w.is_capitalised() && w.text.chars().count() > 2)
    };
    match words {
        [number, rest @ ..] if number.is_house_number() => named(rest),
        [rest @ .., number] if number.is_house_number() => named(rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::strongest;

    #[test]
    fn addresses_of_many_countries_are_found() {
        for text in [
            "123 Main St",
            "12 rue de la Paix, 75002 Paris",
            "12 RUE DE LA PAIX",
            "8210 111 ST NW",
            "Theodor-Heuss-Straße 34",
            "Ullevålsveien 14",
            "Av. Brigadeiro Faria Lima, 2170",
            "PO Box 123",
            "Please deliver to 25 London Road, Manchester, after noon",
        ] {
            assert_eq!(strongest(text, "POSTAL_ADDRESS"), Some(Strength::Strong), "{text}");
        }
    }

    #[test]
    fn towns_measures_and_sentences_are_not_addresses() {
        for text in ["Paris", "San Francisco", "5 items in stock", "Way to go", "2 drives failed", "Order 66"] {
            assert!(strongest(text, "POSTAL_ADDRESS") <= Some(Strength::Weak), "{text}");
        }
    }
}
