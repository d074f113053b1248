//! The rules ready to use.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog_core::model::{Fqn, PiiDecision, PiiEntity, PiiVerdict, PiiVote, Verdict};
use catalog_core::{Error, ErrorKind, Result};
use regex::{Regex, RegexBuilder};

use super::config::{CustomRecogniser, HouseRulesConfig, NumberCheck};
use crate::naming::{ColumnWords, words};
use crate::recognisers::{Hit, Strength, luhn, mod97};
use crate::text::{CellText, fold};

const RECOGNISERS_MAX: usize = 200;
const PATTERN_BYTES_MAX: usize = 1000;
const PROGRAM_BYTES_MAX: usize = 1 << 20;
const VALUES_MAX: usize = 10_000;
const VALUE_BYTES_MAX: usize = 200;
const COLUMNS_MAX: usize = 10_000;

/// Compiled rules; clones share them. The default has none and costs nothing.
#[derive(Debug, Clone, Default)]
pub struct HouseRules {
    inner: Arc<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    custom: Vec<Custom>,
    allow: Vec<Vec<String>>,
    deny: Vec<Vec<String>>,
    allow_values: HashSet<String>,
    deny_values: HashMap<String, PiiEntity>,
    deny_words_max: usize,
    version: String,
}

#[derive(Debug)]
struct Custom {
    regex: Regex,
    entity: PiiEntity,
    words: Vec<String>,
    check: Option<NumberCheck>,
}

impl HouseRules {
    /// Compiles the rules.
    ///
    /// # Errors
    /// `Configuration` when a pattern is no regular expression or too large, a list is too long, or an entry is empty.
    pub fn compile(config: &HouseRulesConfig) -> Result<Self> {
        if *config == HouseRulesConfig::default() {
            return Ok(Self::default());
        }
        limit("custom", config.custom.len(), RECOGNISERS_MAX)?;
        limit("allow", config.allow.len(), COLUMNS_MAX)?;
        limit("deny", config.deny.len(), COLUMNS_MAX)?;
        let listed = config.allow_values.len() + config.deny_values.iter().map(|l| l.values.len()).sum::<usize>();
        limit("values", listed, VALUES_MAX)?;
        let custom = config.custom.iter().map(compile_one).collect::<Result<Vec<_>>>()?;
        let allow_values =
            config.allow_values.iter().map(|v| listed_value("allow_values", v)).collect::<Result<_>>()?;
        let mut deny_values = HashMap::new();
        for list in &config.deny_values {
            for value in &list.values {
                deny_values.insert(listed_value("deny_values", value)?, list.entity);
            }
        }
        let deny_words_max = deny_values.keys().map(|v: &String| v.split(' ').count()).max().unwrap_or(0);
        let written = serde_json::to_vec(config)
            .map_err(|_| Error::new(ErrorKind::Internal, "compile_house_rules", "the rules have no json form"))?;
        let rules = Rules {
            custom,
            allow: config.allow.iter().map(|p| column_pattern("allow", p)).collect::<Result<_>>()?,
            deny: config.deny.iter().map(|p| column_pattern("deny", p)).collect::<Result<_>>()?,
            allow_values,
            deny_values,
            deny_words_max,
            version: blake3::hash(&written).to_hex()[..16].to_owned(),
        };
        Ok(Self { inner: Arc::new(rules) })
    }

    /// Changes whenever the rules do; empty without rules. Part of what decides whether a table is looked at again.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// Puts the operator's word on columns in force: a denied column is flagged and an allowed one is clear, with a
    /// vote of `operator` that says so. Others stay as they are.
    pub fn rule_on_columns(&self, table: &Fqn, verdicts: &mut [PiiVerdict]) {
        for verdict in verdicts {
            let listed = |patterns: &[Vec<String>]| patterns.iter().any(|p| names(p, table, &verdict.column));
            let word = if listed(&self.inner.deny) {
                Verdict::Yes
            } else if listed(&self.inner.allow) {
                Verdict::No
            } else {
                continue;
            };
            let personal = word == Verdict::Yes;
            verdict.entity = personal.then(|| verdict.entity.unwrap_or(PiiEntity::Custom));
            verdict.decision = if personal { PiiDecision::Flagged } else { PiiDecision::Clear };
            verdict.checksum_alone = false;
            let entity = verdict.entity;
            verdict.votes.push(PiiVote { voter: "operator".to_owned(), verdict: word, score: 1.0, entity });
        }
    }

    /// What a recogniser of the house says of a column's name.
    pub(crate) fn entity_of_name(&self, column: &ColumnWords) -> Option<PiiEntity> {
        self.inner.custom.iter().find(|c| c.is_named(column)).map(|c| c.entity)
    }

    /// Appends what the house's recognisers and lists find.
    pub(crate) fn find(&self, cell: &CellText<'_>, column: Option<&ColumnWords>, hits: &mut Vec<Hit>) {
        for custom in &self.inner.custom {
            if custom.words.is_empty() || column.is_some_and(|c| custom.is_named(c)) {
                custom.find(cell, hits);
            }
        }
        if self.inner.deny_words_max > 0 {
            self.find_listed(cell, hits);
        }
    }

    /// Is the text a value that the operator allows?
    pub(crate) fn allows(&self, text: &str) -> bool {
        !self.inner.allow_values.is_empty() && self.inner.allow_values.contains(&spaced(text))
    }

    fn find_listed(&self, cell: &CellText<'_>, hits: &mut Vec<Hit>) {
        let mut parts = Vec::new();
        let mut start = 0;
        for part in cell.text.split_inclusive(|c: char| c.is_whitespace() || ",;:\"'()[]{}<>=".contains(c)) {
            let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
            if !word.is_empty() {
                parts.push((start, start + word.len()));
            }
            start += part.len();
        }
        for first in 0..parts.len() {
            let upto = (first + self.inner.deny_words_max).min(parts.len());
            for last in (first..upto).rev() {
                let (start, end) = (parts[first].0, parts[last].1);
                if let Some(entity) = self.inner.deny_values.get(&spaced(&cell.text[start..end])) {
                    hits.push(Hit { start, end, entity: *entity, strength: Strength::Strong });
                    break;
                }
            }
        }
    }
}

impl Custom {
    fn is_named(&self, column: &ColumnWords) -> bool {
        let all = column.full.iter().chain(column.stripped.iter().flatten());
        let mut all = all.filter(|w| !w.is_empty());
        !self.words.is_empty() && all.any(|w| self.words.contains(w))
    }

    fn find(&self, cell: &CellText<'_>, hits: &mut Vec<Hit>) {
        for found in self.regex.find_iter(cell.text).filter(|f| !f.is_empty()) {
            let digits: Vec<u8> = found.as_str().bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
            let strength = match self.check {
                None => Strength::Strong,
                Some(NumberCheck::Luhn) if digits.len() >= 2 && luhn(&digits) => Strength::Proven,
                Some(NumberCheck::Mod97) if mod97(&digits) => Strength::Proven,
                Some(_) => continue,
            };
            hits.push(Hit { start: found.start(), end: found.end(), entity: self.entity, strength });
        }
    }
}

fn compile_one(custom: &CustomRecogniser) -> Result<Custom> {
    let bad = |why: &str| {
        Error::new(ErrorKind::Configuration, "compile_house_rules", why)
            .with("recogniser", &custom.name)
            .hint("patterns have the syntax of the regex crate, without look-around and back-references")
    };
    if custom.name.trim().is_empty() || custom.pattern.is_empty() {
        return Err(bad("a recogniser needs a name and a pattern"));
    }
    if custom.pattern.len() > PATTERN_BYTES_MAX {
        return Err(bad("the pattern is longer than 1000 bytes"));
    }
    let built = RegexBuilder::new(&custom.pattern).size_limit(PROGRAM_BYTES_MAX).build();
    let regex = built.map_err(|_| bad("the pattern is no regular expression, or a too large one"))?;
    if regex.is_match("") {
        return Err(bad("the pattern matches nothing at all, so it would match everywhere"));
    }
    let spelled = custom.words.iter().flat_map(|w| words(w)).collect();
    Ok(Custom { regex, entity: custom.entity, words: spelled, check: custom.check })
}

fn limit(list: &'static str, entries: usize, entries_max: usize) -> Result<()> {
    if entries <= entries_max {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Configuration, "compile_house_rules", "a list of the house rules is too long")
        .with("list", list)
        .with("entries", entries)
        .with("entries_max", entries_max))
}

fn listed_value(list: &'static str, value: &str) -> Result<String> {
    let folded = spaced(value);
    if folded.is_empty() || folded.len() > VALUE_BYTES_MAX {
        return Err(Error::new(ErrorKind::Configuration, "compile_house_rules", "a listed value is empty or too long")
            .with("list", list)
            .with("bytes_max", VALUE_BYTES_MAX));
    }
    Ok(folded)
}

/// Folded, with one space between words.
fn spaced(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn column_pattern(list: &'static str, pattern: &str) -> Result<Vec<String>> {
    let parts: Vec<String> = pattern.split('.').map(|p| p.trim().to_lowercase()).collect();
    if parts.iter().any(String::is_empty) {
        return Err(Error::new(
            ErrorKind::Configuration,
            "compile_house_rules",
            "a column's pattern has an empty part",
        )
        .with("list", list)
        .with("pattern", pattern)
        .hint("write schema.table.column; * stands for any text"));
    }
    Ok(parts)
}

/// Does the pattern name the column? Its parts are compared from the column back to the catalog.
fn names(pattern: &[String], table: &Fqn, column: &str) -> bool {
    let full: Vec<String> = table.parts().iter().map(|p| p.to_lowercase()).chain([column.to_lowercase()]).collect();
    pattern.len() <= full.len() && pattern.iter().rev().zip(full.iter().rev()).all(|(p, text)| wild(p, text))
}

/// Does the text fit the pattern, in which `*` stands for any text?
fn wild(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_parts_count_from_the_column_back() {
        let table = Fqn::from_parts(["Shop", "Sales", "Customers"]);
        for pattern in ["phone", "customers.phone", "sales.customers.ph*", "*.*.customers.phone", "c*s.*one", "*"] {
            assert!(names(&column_pattern("allow", pattern).unwrap(), &table, "Phone"), "{pattern}");
        }
        for pattern in ["phon", "orders.phone", "a.b.c.d.phone", "sales.*.fax", "phone*x"] {
            assert!(!names(&column_pattern("allow", pattern).unwrap(), &table, "Phone"), "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_compiled_is_refused_by_name() {
        let rule = |pattern: &str| CustomRecogniser {
            name: "badge".into(),
            pattern: pattern.into(),
            entity: PiiEntity::Custom,
            words: Vec::new(),
            check: None,
        };
        for pattern in ["(", "", "a*", r"(?=x)", r"\w{900}{900}", &"x".repeat(1001)] {
            let config = HouseRulesConfig { custom: vec![rule(pattern)], ..HouseRulesConfig::default() };
            let error = HouseRules::compile(&config).unwrap_err();
            assert!(error.kind() == ErrorKind::Configuration && error.to_string().contains("badge"), "{error}");
        }
        let config = HouseRulesConfig { allow: vec!["a..b".into()], ..HouseRulesConfig::default() };
        assert!(HouseRules::compile(&config).is_err());
    }
}
