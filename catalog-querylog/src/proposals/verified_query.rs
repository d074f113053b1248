//! A query that a steward may accept, and its entry in a semantic model.

use catalog_core::model::{Fqn, Language, MinedQuery};

use super::layout::laid_out;

/// Longest name of an entry, in characters.
const NAME_CHARS_MAX: usize = 60;

/// Letters with accents, and what a name has instead.
const ACCENTS: [(&str, char); 6] = [("àâä", 'a'), ("éèêë", 'e'), ("îï", 'i'), ("ôö", 'o'), ("ùûü", 'u'), ("ç", 'c')];

/// Everything that an entry under `verified_queries:` says. It holds no cell value beyond public codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedQuery {
    /// A name made from the question: `total_balance_by_city`.
    pub name: String,
    /// The question in natural language.
    pub question: String,
    /// Its language.
    pub language: Language,
    /// The query in normal form.
    pub sql: String,
    /// Names and types of its parameters.
    pub parameters: Vec<(String, String)>,
    /// The tables that it reads.
    pub tables: Vec<Fqn>,
    /// Its joins: `account.customer_id = customer.customer_id`.
    pub joins: Vec<String>,
    /// Hash of the normal form.
    pub fingerprint: String,
}

impl VerifiedQuery {
    /// The entry of a mined query with that question.
    pub fn of(query: &MinedQuery, question: &str, language: Language) -> Self {
        Self {
            name: name(question, &query.fingerprint),
            question: question.to_owned(),
            language,
            sql: query.sql.clone(),
            parameters: query.parameters.clone(),
            tables: query.tables.clone(),
            joins: query.join_conditions.clone(),
            fingerprint: query.fingerprint.clone(),
        }
    }

    /// What marks the entry as this query, whatever its name.
    pub(super) fn mark(&self) -> String {
        let short: String = self.fingerprint.chars().take(16).collect();
        format!("querylog:{short}")
    }

    /// The entry as lines of YAML, each indented by `indent` spaces.
    pub(super) fn yaml_lines(&self, indent: usize) -> Vec<String> {
        let language = match self.language {
            Language::En => "en",
            Language::Fr => "fr",
        };
        let mut lines = vec![
            format!("- name: {}", quoted(&self.name)),
            format!("  question: {}", quoted(&self.question)),
            format!("  language: {language}"),
            "  sql: |-".to_owned(),
        ];
        lines.extend(laid_out(&self.sql).iter().map(|line| format!("    {}", line.trim_start())));
        if !self.parameters.is_empty() {
            lines.push("  parameters:".to_owned());
            for (name, kind) in &self.parameters {
                lines.push(format!("    - name: {}", quoted(name)));
                lines.push(format!("      type: {}", quoted(kind)));
            }
        }
        lines.push("  tables:".to_owned());
        lines.extend(self.tables.iter().map(|table| format!("    - {}", quoted(&table.to_string()))));
        if !self.joins.is_empty() {
            lines.push("  joins:".to_owned());
            lines.extend(self.joins.iter().map(|join| format!("    - {}", quoted(join))));
        }
        lines.push(format!("  source: {}", quoted(&self.mark())));
        lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect()
    }
}

/// A YAML scalar in double quotes: JSON's strings are such scalars.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The question's words in lower case without accents, joined by `_`.
fn name(question: &str, fingerprint: &str) -> String {
    let mut name = String::new();
    for c in question.chars().flat_map(char::to_lowercase) {
        let plain = ACCENTS.iter().find(|(accented, _)| accented.contains(c)).map_or(c, |(_, plain)| *plain);
        if plain.is_ascii_alphanumeric() {
            name.push(plain);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
        if name.len() >= NAME_CHARS_MAX {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() { fingerprint.chars().take(12).collect::<String>() } else { name.to_owned() }
}
