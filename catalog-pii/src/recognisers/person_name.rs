//! Names of persons by dictionary and structure, in any case, with or without accents.
//!
//! One word of the dictionary in a whole cell is a shape (towns and brands have such names too); a given name beside
//! a family name counts alone; other capitalised words need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::dictionary::{WordSense, sense};
use crate::text::CellText;

/// A longer cell is read as free text.
const NAME_WORDS_MAX: usize = 5;

#[derive(Clone, Copy)]
struct Word<'a> {
    start: usize,
    text: &'a str,
    sense: WordSense,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    fn is_initial(&self) -> bool {
        let mut letters = self.text.chars();
        self.is_capitalised() && (self.text.chars().count() == 1 || letters.nth(1) == Some('.') && self.text.len() <= 5)
    }

    fn is_name(&self) -> bool {
        self.sense.given || self.sense.surname
    }
}

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let words = words(cell.text);
    if words.is_empty() || words.len() > 800 {
        return;
    }
    let plain = cell.features.digits == 0 && words.len() <= NAME_WORDS_MAX && only_name_characters(cell.text);
    if plain {
        if let Some(strength) = judge_cell(&words) {
            hits.extend(whole(cell, PiiEntity::PersonName, strength));
        }
    } else {
        find_in_text(cell.text, &words, hits);
    }
}

fn only_name_characters(text: &str) -> bool {
    text.trim().chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | ',' | '"'))
}

/// Words of letters with inner hyphens and apostrophes; initials keep their full stop.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    let apart = |c: char| !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.'));
    for part in text.split_inclusive(apart) {
        let word = part.trim_end_matches(apart);
        let trimmed = word.trim_start_matches(['-', '\'', '.']);
        let at = start + word.len() - trimmed.len();
        let trimmed = if trimmed.chars().count() > 3 { trimmed.trim_end_matches(['-', '\'', '.']) } else { trimmed };
        if trimmed.chars().any(char::is_alphabetic) {
            words.push(Word { start: at, text: trimmed, sense: sense(trimmed) });
        }
        start += part.len();
    }
    words
}

/// How sure it is that these few words are a person's name and nothing else.
fn judge_cell(words: &[Word<'_>]) -> Option<Strength> {
    let titled = words.len() > 1 && words[0].sense.title;
    let words = if titled { &words[1..] } else { words };
    let core: Vec<&Word<'_>> = words.iter().filter(|w| !w.sense.particle && !w.is_initial()).collect();
    if core.is_empty() || core.iter().any(|w| is_ordinary(w, core.len() == 1)) {
        return None;
    }
    let capitalised = core.iter().all(|w| w.is_capitalised());
    let given = core.iter().filter(|w| w.sense.given && !w.sense.ambiguous).count();
    let names = core.iter().filter(|w| w.is_name()).count();
    let firm = core.iter().any(|w| w.is_name() && !w.sense.ambiguous);
    let any_given = core.iter().any(|w| w.sense.given);
    let initials = words.len() - core.len();
    let letters = core[0].text.chars().count();
    match core.len() {
        _ if titled && capitalised => Some(Strength::Strong),
        1 if initials > 0 && core[0].is_name() => Some(Strength::Shaped),
        1 if core[0].is_name() && !core[0].sense.ambiguous && letters >= 2 => Some(Strength::Shaped),
        1 => (capitalised && letters >= 2).then_some(Strength::Weak),
        2..=4 if names == core.len() && firm && any_given => Some(Strength::Strong),
        2..=4 if given > 0 && capitalised => Some(Strength::Shaped),
        2..=4 if names > 0 && capitalised => Some(Strength::Weak),
        2..=3 if capitalised => Some(Strength::Weak),
        _ => None,
    }
}

/// A word of firms, places, things and streets. Beside other words a family name outweighs that (`Jack White`).
fn is_ordinary(word: &Word<'_>, alone: bool) -> bool {
    (word.sense.impersonal || word.sense.street) && (alone || !word.is_name())
}

/// Names inside a sentence, JSON or a list: a title and a capitalised word, or a given name and a capitalised word
/// that is no ordinary one.
fn find_in_text(text: &str, words: &[Word<'_>], hits: &mut Vec<Hit>) {
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let adjoining = |i: usize| {
            words.get(i + 1).is_some_and(|next| {
                let gap = &text[words[i].end()..next.start];
                gap == " " || gap == "." || gap == ". " || gap == ", "
            })
        };
        let starts_name = word.sense.given && !word.sense.ambiguous && (word.is_capitalised() || text.len() < 200)
            || word.sense.given && word.is_capitalised();
        let mut last = at;
        if (word.sense.title && word.is_capitalised() || starts_name) && adjoining(at) {
            while last < at + 3 && adjoining(last) {
                let next = &words[last + 1];
                let fits = next.is_name() && (next.is_capitalised() == word.is_capitalised())
                    || next.is_initial()
                    || next.sense.particle && words.get(last + 2).is_some_and(Word::is_name)
                    || next.is_capitalised() && word.is_capitalised() && !next.sense.impersonal && !next.sense.street;
                if !fits {
                    break;
                }
                last += 1;
            }
        }
        let follows_comma = last > at && text[words[at].end()..words[at + 1].start].contains(',');
        let street = words.get(last + 1).is_some_and(|w| w.sense.street && adjoining(last));
        let both = words[at..=last].iter().filter(|w| w.is_name()).count() >= 2 || word.sense.title;
        if last > at && !street && (both || !word.sense.ambiguous && word.is_capitalised() && !follows_comma) {
            hits.push(Hit {
                start: word.start,
                end: words[last].end(),
                entity: PiiEntity::PersonName,
                strength: Strength::Strong,
            });
            at = last;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::{found, strongest};

    #[test]
    fn full_names_count_in_any_case_and_without_accents() {
        for text in
            ["Jean Dupont", "JEAN DUPONT", "DUPONT Jean", "Dupont, Jean", "jean dupont", "Mme Lefèvre", "Dr. Xyzzy"]
        {
            assert_eq!(strongest(text, "PERSON_NAME"), Some(Strength::Strong), "{text}");
        }
        for text in ["François", "Köhler", "J. Smith"] {
            assert_eq!(strongest(text, "PERSON_NAME"), Some(Strength::Shaped), "{text}");
        }
    }

    #[test]
    fn firms_places_and_months_are_no_persons() {
        for text in
            ["Martin & Sons Ltd", "Banque Martin", "April", "Martin Luther King Street", "Saint Denis", "United States"]
        {
            assert!(strongest(text, "PERSON_NAME") <= Some(Strength::Weak), "{text}");
        }
    }

    #[test]
    fn a_name_inside_a_sentence_is_found() {
        let hits = found("Please call Jean Dupont or Mme Durand before 5 pm.", "PERSON_NAME");
        assert_eq!(hits.len(), 2);
    }
}
