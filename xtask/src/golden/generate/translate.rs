//! SQL in another regime's names: word by word, since a name means one thing throughout a domain.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Domain, REGIMES};

/// The words of one domain in one regime.
#[derive(Debug)]
pub(super) struct Names<'a> {
    words: BTreeMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(domain: &'a Domain, regime: usize) -> Self {
        let tables = domain.tables.iter().map(|t| &t.names);
        let columns = domain.tables.iter().flat_map(|t| t.columns.iter().map(|c| &c.names));
        Self { words: tables.chain(columns).map(|n| (n[0].as_str(), n[regime].as_str())).collect() }
    }

    /// Adds a name of another domain, unless this one has the word already.
    pub(super) fn add(&mut self, names: &'a [String; REGIMES], regime: usize) {
        self.words.entry(&names[0]).or_insert(&names[regime]);
    }

    /// The statement with every known name in its place; literals and quoted names stay.
    pub(super) fn translate(&self, sql: &str) -> String {
        let mut out = String::with_capacity(sql.len());
        for part in parts(sql) {
            out.push_str(if part.quoted { part.text } else { self.words.get(part.text).unwrap_or(&part.text) });
        }
        out
    }
}

/// The tables of the domain that a statement in plain names reads, in the order of the domain.
pub(super) fn tables_in(sql: &str, domain: &Domain) -> Vec<usize> {
    let words = words_in(sql);
    (0..domain.tables.len()).filter(|i| words.contains(domain.tables[*i].names[0].as_str())).collect()
}

/// The names of a statement, without literals.
pub(super) fn words_in(sql: &str) -> BTreeSet<&str> {
    parts(sql).into_iter().filter(|p| !p.quoted).map(|p| p.text).collect()
}

struct Part<'a> {
    text: &'a str,
    quoted: bool,
}

/// Cuts a statement into words, quoted texts and what lies between.
fn parts(sql: &str) -> Vec<Part<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut parts, mut rest) = (Vec::new(), sql);
    while let Some(first) = rest.chars().next() {
        let quoted = first == '\'';
        let length = if quoted {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            rest.find(|c| is_word(c) || c == '\'').unwrap_or(rest.len())
        };
        let (text, after) = rest.split_at(length);
        parts.push(Part { text, quoted });
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_and_literals_stay() {
        let names = Names { words: BTreeMap::from([("customer", "CUSTMST"), ("city", "CST_CTY")]) };
        let sql = "SELECT c.city FROM customer c WHERE c.city = 'city of customer' AND customers > 1";
        assert_eq!(
            names.translate(sql),
            "SELECT c.CST_CTY FROM CUSTMST c WHERE c.CST_CTY = 'city of customer' AND customers > 1"
        );
        assert_eq!(names.translate("city 'open"), "CST_CTY 'open");
    }
}
