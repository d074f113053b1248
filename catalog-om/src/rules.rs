//! Which tables are wanted.

use catalog_core::model::Fqn;
use catalog_core::{Error, ErrorKind, Result};

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Service,
    Database,
    Schema,
    Table,
    Tag,
    Owner,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    subject: Subject,
    pattern: Vec<char>,
}

/// A list of rules `subject:pattern`; a table meets the list when it meets any of them.
///
/// Subjects are `service`, `database`, `schema`, `table`, `tag` and `owner`. In a pattern `*` stands for any text and
/// `?` for one character; letter case does not matter. The names of a database, schema or table are compared alone
/// and in full (`lake.sales`); a tag in full (`Tier.Tier1`), on the table itself; an owner by name.
///
/// ```
/// use catalog_om::{RuleFacts, Rules};
/// let rules = Rules::parse(&["schema:*_staging", "tag:Tier.*"]).unwrap();
/// let fqn = "lake.iceberg.sales_staging.orders".parse().unwrap();
/// assert!(rules.meets(&RuleFacts { fqn: &fqn, tags: &[], owners: &[] }));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// What rules are compared with.
#[derive(Debug, Clone, Copy)]
pub struct RuleFacts<'a> {
    /// The table's name: service, database, schema, table. In a shorter name the first parts are missing.
    pub fqn: &'a Fqn,
    /// The full names of its tags.
    pub tags: &'a [String],
    /// The names of its owners.
    pub owners: &'a [String],
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    /// `Configuration` for an unknown subject or an empty pattern.
    pub fn parse<S: AsRef<str>>(rules: &[S]) -> Result<Self> {
        rules.iter().map(|rule| Rule::parse(rule.as_ref())).collect::<Result<_>>().map(Self)
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does the table meet any of the rules?
    pub fn meets(&self, facts: &RuleFacts<'_>) -> bool {
        self.0.iter().any(|rule| rule.meets(facts))
    }

    /// Does any rule look at tags?
    pub(crate) fn need_tags(&self) -> bool {
        self.0.iter().any(|rule| rule.subject == Subject::Tag)
    }

    /// Does any rule look at owners?
    pub(crate) fn need_owners(&self) -> bool {
        self.0.iter().any(|rule| rule.subject == Subject::Owner)
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Self> {
        let bad = |why: &str| {
            Error::new(ErrorKind::Configuration, "read_rule", why).with("rule", text).hint(
                "write service:NAME, database:NAME, schema:NAME, table:NAME, tag:NAME or owner:NAME; * is any text",
            )
        };
        let (subject, pattern) = text.split_once(':').ok_or_else(|| bad("the rule names no subject"))?;
        let subject = match subject.trim().to_lowercase().as_str() {
            "service" => Subject::Service,
            "database" => Subject::Database,
            "schema" => Subject::Schema,
            "table" => Subject::Table,
            "tag" => Subject::Tag,
            "owner" => Subject::Owner,
            _ => return Err(bad("the rule's subject is unknown")),
        };
        let pattern: Vec<char> = pattern.trim().to_lowercase().chars().collect();
        if pattern.is_empty() {
            return Err(bad("the rule's pattern is empty"));
        }
        Ok(Self { subject, pattern })
    }

    fn meets(&self, facts: &RuleFacts<'_>) -> bool {
        let name = |depth_from_table: usize| {
            let parts = facts.fqn.parts();
            let Some(last) = parts.len().checked_sub(depth_from_table + 1) else { return false };
            self.fits(&parts[last]) || self.fits(&Fqn::from_parts(&parts[..=last]).to_string())
        };
        match self.subject {
            Subject::Table => name(0),
            Subject::Schema => name(1),
            Subject::Database => name(2),
            Subject::Service => name(3),
            Subject::Tag => facts.tags.iter().any(|tag| self.fits(tag)),
            Subject::Owner => facts.owners.iter().any(|owner| self.fits(owner)),
        }
    }

    /// The greedy match of a pattern with stars, in linear memory and at most quadratic time.
    fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let (mut at, mut in_pattern) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.pattern.get(in_pattern) {
                Some('*') => {
                    star = Some((in_pattern, at));
                    in_pattern += 1;
                }
                Some(c) if *c == '?' || *c == text[at] => {
                    at += 1;
                    in_pattern += 1;
                }
                _ => {
                    let Some((star_at, taken)) = star else { return false };
                    star = Some((star_at, taken + 1));
                    at = taken + 1;
                    in_pattern = star_at + 1;
                }
            }
        }
        self.pattern[in_pattern..].iter().all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meets(rule: &str) -> bool {
        let fqn: Fqn = r#"Lake.iceberg.sales."odd.name""#.parse().unwrap();
        let facts = RuleFacts { fqn: &fqn, tags: &["Tier.Tier1".into()], owners: &["data team".into()] };
        Rules::parse(&[rule]).unwrap().meets(&facts)
    }

    #[test]
    fn each_subject_is_compared_alone_and_in_full() {
        for rule in [
            "service:lake",
            "database:iceberg",
            "database:lake.iceberg",
            "schema:s?les",
            "schema:lake.*.sales",
            "table:odd*",
            "table:*.sales.\"odd.name\"",
            "tag:tier.*",
            "owner:data team",
        ] {
            assert!(meets(rule), "{rule}");
        }
        for rule in ["service:iceberg", "table:orders", "schema:sale", "tag:Tier1", "owner:data"] {
            assert!(!meets(rule), "{rule}");
        }
    }

    #[test]
    fn a_rule_that_says_nothing_is_refused() {
        for rule in ["", "sales", "schema:", "schema: ", "shema:sales"] {
            assert_eq!(Rules::parse(&[rule]).unwrap_err().kind(), ErrorKind::Configuration, "{rule}");
        }
    }

    #[test]
    fn a_short_name_has_no_service() {
        let fqn = Fqn::from_parts(["sales", "orders"]);
        let facts = RuleFacts { fqn: &fqn, tags: &[], owners: &[] };
        assert!(!Rules::parse(&["service:*"]).unwrap().meets(&facts));
        assert!(Rules::parse(&["schema:sales"]).unwrap().meets(&facts));
    }

    proptest! {
        #[test]
        fn a_pattern_cut_out_of_a_text_fits_it(before in "[a-c]{0,6}", middle in "[a-c]{0,6}", after in "[a-c]{0,6}") {
            let text = format!("{before}{middle}{after}x");
            let rule = Rule { subject: Subject::Table, pattern: format!("{before}*{after}?").chars().collect() };
            prop_assert!(rule.fits(&text));
            let exact = Rule { subject: Subject::Table, pattern: text.chars().collect() };
            prop_assert!(exact.fits(&text));
        }
    }
}
