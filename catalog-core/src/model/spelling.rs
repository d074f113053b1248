//! Names spelled out with the operator's glossary: `SBNAM` becomes `subscriber nam` where `SB*` means `subscriber`.

use std::collections::HashMap;

use super::{Fqn, GlossaryTerm};

/// Most words of a meaning that can stand in a name's place; a longer one explains.
const WORDS_MAX: usize = 4;
/// Longest such meaning, in characters.
const CHARS_MAX: usize = 40;
/// Fewest letters of a term that stands for the beginning of a name's part.
const BEGINNING_MIN: usize = 2;

impl GlossaryTerm {
    /// The term without the level or table that it is kept to: `energy.BP*` is `BP*` in the tables below `energy`.
    /// Anywhere else it stays as it is, and so fits at most a name that has the dot itself (`address.city`).
    pub fn word_in(&self, fqn: &Fqn) -> &str {
        let kept = self.term.rsplit_once('.');
        let kept = kept.filter(|(level, _)| fqn.parts().iter().any(|have| have.eq_ignore_ascii_case(level)));
        kept.map_or(&self.term, |(_, word)| word)
    }

    /// Can the meaning stand in a name's place? One to four words of letters.
    pub fn spells(&self) -> bool {
        let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
        (1..=WORDS_MAX).contains(&self.meaning.split_whitespace().count())
            && self.meaning.chars().count() <= CHARS_MAX
            && self.meaning.chars().all(letters)
    }
}

/// The short meanings of a glossary, for the names of one table. A term is a whole name, a part of one (`CUST` in
/// `CUST_ADDR`), or with a star the beginning of a part (`SB*` in `SBNAM`); upper and lower case are one. Terms that
/// are kept to a level or a table come before those of everywhere, and longer beginnings before shorter ones.
#[derive(Debug, Default)]
pub struct Spelling<'a> {
    whole: HashMap<String, &'a str>,
    beginnings: HashMap<String, &'a str>,
    longest: usize,
}

impl<'a> Spelling<'a> {
    /// What the glossary says for the names of a table.
    pub fn of(glossary: &'a [GlossaryTerm], fqn: &Fqn) -> Self {
        let mut this = Self::default();
        let (kept, everywhere): (Vec<_>, Vec<_>) =
            glossary.iter().filter(|entry| entry.spells()).partition(|entry| entry.term.contains('.'));
        for entry in everywhere.into_iter().chain(kept) {
            let (word, meaning) = (entry.word_in(fqn), entry.meaning.trim());
            match word.strip_suffix('*').map(str::to_lowercase) {
                Some(beginning) if beginning.chars().count() >= BEGINNING_MIN => {
                    this.longest = this.longest.max(beginning.chars().count());
                    this.beginnings.insert(beginning, meaning);
                }
                Some(_) => {}
                None => drop(this.whole.insert(word.to_lowercase(), meaning)),
            }
        }
        this
    }

    /// Does it say nothing?
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.beginnings.is_empty()
    }

    /// The name in words, its known parts spelled out; `None` when none of them is known.
    pub fn spell(&self, name: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        if let Some(meaning) = self.whole.get(&name.to_lowercase()) {
            return Some((*meaning).to_owned());
        }
        let mut known = false;
        let mut words = Vec::new();
        for part in parts(name) {
            let spelled = self.part(&part);
            known |= spelled.is_some();
            words.push(spelled.unwrap_or(part));
        }
        known.then(|| words.join(" "))
    }

    /// What of the name the glossary does not know, part by part.
    pub fn unknown(&self, name: &str) -> Vec<String> {
        if self.whole.contains_key(&name.to_lowercase()) {
            return Vec::new();
        }
        let unknown = |part: String| match self.known(&part) {
            Some((_, rest)) => (!rest.is_empty() && !self.whole.contains_key(rest)).then(|| rest.to_owned()),
            None => Some(part),
        };
        parts(name).into_iter().filter_map(unknown).collect()
    }

    fn part(&self, part: &str) -> Option<String> {
        let (meaning, rest) = self.known(part)?;
        match self.whole.get(rest).copied().unwrap_or(rest) {
            "" => Some(meaning.to_owned()),
            rest => Some(format!("{meaning} {rest}")),
        }
    }

    /// The meaning of a part, or of its longest known beginning with what is left.
    fn known<'p>(&self, part: &'p str) -> Option<(&'a str, &'p str)> {
        if let Some(meaning) = self.whole.get(part) {
            return Some((meaning, ""));
        }
        let cuts: Vec<usize> = part.char_indices().map(|(at, _)| at).chain([part.len()]).collect();
        (BEGINNING_MIN..=self.longest).rev().filter_map(|length| cuts.get(length)).find_map(|&cut| {
            let (beginning, rest) = part.split_at(cut);
            Some((*self.beginnings.get(beginning)?, rest))
        })
    }
}

/// The parts of a name in lower case: split at what is no letter or digit, and at the humps of camel case.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            parts.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glossary(terms: &[(&str, &str)]) -> Vec<GlossaryTerm> {
        let term = |(term, meaning): &(&str, &str)| GlossaryTerm { term: (*term).into(), meaning: (*meaning).into() };
        terms.iter().map(term).collect()
    }

    fn spelled(terms: &[(&str, &str)], name: &str) -> Option<String> {
        Spelling::of(&glossary(terms), &Fqn::from_parts(["lake", "telecom", "SUBM"])).spell(name)
    }

    #[test]
    fn a_name_is_spelled_out_whole_by_part_and_by_the_beginning_of_a_part() {
        let terms = [("KUNNR", "customer"), ("CUST", "customer"), ("SB*", "subscriber"), ("NAM", "name"), ("B*", "no")];
        for (name, words) in [
            ("kunnr", Some("customer")),
            ("CUST_ADDR", Some("customer addr")),
            ("custAddr", Some("customer addr")),
            ("SBNAM", Some("subscriber name")),
            ("SBDOB_2", Some("subscriber dob 2")),
            ("SB", Some("subscriber")),
            ("S", None),
            ("ADDR", None),
            ("", None),
        ] {
            assert_eq!(spelled(&terms, name).as_deref(), words, "{name}");
        }
    }

    #[test]
    fn what_the_glossary_does_not_know_is_told_part_by_part() {
        let glossary = glossary(&[("SB*", "subscriber"), ("NAM", "name"), ("KUNNR", "customer")]);
        let spelling = Spelling::of(&glossary, &Fqn::from_parts(["telecom", "SUBM"]));
        for (name, unknown) in
            [("SBNAM", &[][..]), ("SBDOB_NAM", &["dob"]), ("kunnr", &[]), ("KUNNR_X1", &["x1"]), ("", &[])]
        {
            assert_eq!(spelling.unknown(name), unknown, "{name}");
        }
    }

    #[test]
    fn a_term_of_the_tables_own_level_comes_before_one_of_everywhere() {
        let terms = [("telecom.ST", "site"), ("ST", "status"), ("energy.LN", "line"), ("telecom.SBX*", "extra")];
        assert_eq!(spelled(&terms, "ST_CD").as_deref(), Some("site cd"));
        assert_eq!(spelled(&terms, "LN_CD"), None);
        assert_eq!(spelled(&[("address.city", "town")], "Address.City").as_deref(), Some("town"));
        assert_eq!(spelled(&[("subm.ID", "number")], "SB_ID").as_deref(), Some("sb number"));
        assert_eq!(spelled(&[("SB*", "subscriber"), ("SBX*", "extra")], "SBXA").as_deref(), Some("extra a"));
    }

    #[test]
    fn a_meaning_that_explains_stands_in_no_name() {
        for meaning in ["", "the days since the last payment fell due", "see https://wiki", "1 of 2", &"x".repeat(50)] {
            assert_eq!(spelled(&[("DPD", meaning)], "DPD"), None, "{meaning}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_breaks_it(name in "\\PC{0,30}", term in "\\PC{0,6}\\*?", meaning in "[a-zé]{1,8}") {
            let terms = glossary(&[(&term, &meaning)]);
            let spelling = Spelling::of(&terms, &Fqn::from_parts(["a", "b"]));
            if let Some(spelled) = spelling.spell(&name) {
                proptest::prop_assert!(spelled.contains(&meaning));
            }
        }
    }
}
