//! Fully qualified names, quoted by OpenMetadata's rule.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// Levels of a name that every database has and that say nothing of a table.
const EMPTY_LEVELS: &[&str] = &[
    "",
    "main",
    "public",
    "dbo",
    "csv",
    "default",
    "information_schema",
    "raw",
    "landing",
    "staging",
    "bronze",
    "silver",
    "gold",
    "curated",
];

/// A fully qualified name: parts joined by dots, a part that holds a dot or a quote written in double quotes with
/// inner quotes doubled (`svc.db."odd.name v2"`). Parsing and printing are inverse to each other. Copies share their
/// text: keys, candidates and graphs name every table many times over.
///
/// ```
/// use catalog_core::model::Fqn;
/// let f: Fqn = r#"svc.db."odd.name v2".t"#.parse().unwrap();
/// assert_eq!(f.parts(), ["svc", "db", "odd.name v2", "t"]);
/// assert_eq!(f.to_string(), r#"svc.db."odd.name v2".t"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fqn {
    parts: Arc<[String]>,
}

impl Fqn {
    /// A name from its unquoted parts. At least one part is expected; empty parts print as `""`.
    pub fn from_parts<I, S>(parts: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self { parts: parts.into_iter().map(Into::into).collect() }
    }

    /// The unquoted parts, outermost first.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The last part: the table's own name.
    pub fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// This name without its last part: the schema of a table.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self { parts: self.parts[..self.parts.len().saturating_sub(1)].into() }
    }

    /// The levels above the table that say something of what it holds, outermost first: service, database, schema,
    /// without those that every database has.
    pub fn telling_levels(&self) -> impl Iterator<Item = &str> {
        let levels = &self.parts[..self.parts.len().saturating_sub(1)];
        levels.iter().map(String::as_str).filter(|level| !EMPTY_LEVELS.contains(&level.to_lowercase().as_str()))
    }

    /// This name with one more part below it: a column of a table.
    #[must_use]
    pub fn child(&self, part: impl Into<String>) -> Self {
        Self { parts: self.parts.iter().cloned().chain([part.into()]).collect() }
    }
}

impl fmt::Display for Fqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            if part.is_empty() || part.contains(['.', '"']) {
                write!(f, "\"{}\"", part.replace('"', "\"\""))?;
            } else {
                f.write_str(part)?;
            }
        }
        Ok(())
    }
}

impl FromStr for Fqn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| {
            Error::new(ErrorKind::InvalidInput, "parse_name", why)
                .with("name", text)
                .hint("write parts joined by dots and put a part with a dot or a quote into double quotes")
        };
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        loop {
            let mut part = String::new();
            if chars.peek() == Some(&'"') {
                chars.next();
                loop {
                    match chars.next() {
                        Some('"') if chars.peek() == Some(&'"') => {
                            chars.next();
                            part.push('"');
                        }
                        Some('"') => break,
                        Some(c) => part.push(c),
                        None => return Err(bad("a quoted part has no closing quote")),
                    }
                }
            } else {
                while let Some(c) = chars.next_if(|c| *c != '.') {
                    if c == '"' {
                        return Err(bad("a quote stands inside an unquoted part"));
                    }
                    part.push(c);
                }
                if part.is_empty() {
                    return Err(bad("a part is empty"));
                }
            }
            parts.push(part);
            match chars.next() {
                None => return Ok(Self { parts: parts.into() }),
                Some('.') => {}
                Some(_) => return Err(bad("something follows a closing quote")),
            }
        }
    }
}

impl TryFrom<String> for Fqn {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Fqn> for String {
    fn from(fqn: Fqn) -> Self {
        fqn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn printing_and_parsing_are_inverse(parts in prop::collection::vec(".{0,12}", 1..5)) {
            let fqn = Fqn::from_parts(parts.clone());
            let back: Fqn = fqn.to_string().parse().unwrap();
            prop_assert_eq!(back.parts(), &parts[..]);
        }

        #[test]
        fn any_text_parses_or_fails_without_panic(text in ".{0,40}") {
            let _ = text.parse::<Fqn>();
        }
    }
}
