//! How a column's values are made: the small language of `tables.toml`, described in golden/README.md.

use super::calendar;
use super::person::{self, Field};
use crate::Result;

/// A column's way of making values, with what spoils them.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) source: Source,
    /// Shares in ten thousand.
    pub(super) null: u32,
    pub(super) orphan: u32,
    pub(super) pad: u32,
    pub(super) case: u32,
}

/// Where a reference goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Of another domain, if any.
    pub(super) domain: Option<String>,
    pub(super) table: String,
    pub(super) column: String,
    /// Columns of one row with the same tag take the same row of the parent.
    pub(super) tag: String,
    pub(super) choice: Choice,
}

/// Which row of the parent a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Zipf,
    Even,
    /// The row of the same place: one to one.
    Each,
    /// So many rows in a run for each.
    Block(u64),
}

#[derive(Debug)]
pub(super) enum Source {
    Id {
        start: i64,
        step: i64,
    },
    Code {
        prefix: String,
        width: usize,
        start: i64,
        step: i64,
    },
    Reference(Target),
    /// A value of the row that the tag chose, beside the key.
    Copy(Target),
    /// How often the tag's row was taken before, plus one.
    Nth {
        tag: String,
    },
    Cycle(Vec<String>),
    Series {
        from: i64,
        length: i64,
    },
    Int {
        low: i64,
        high: i64,
        skewed: bool,
    },
    /// Hundredths.
    Amount {
        low: i64,
        high: i64,
    },
    /// Parts of ten to the power of `decimals`.
    Rate {
        low: i64,
        high: i64,
        decimals: u32,
    },
    Date {
        from: i64,
        to: i64,
        form: DateForm,
    },
    After {
        column: String,
        least: i64,
        most: i64,
        form: DateForm,
    },
    Pick(Vec<(String, u64)>),
    Mix(Vec<Vec<String>>),
    Flag(u32),
    Digits(u32),
    Hex(usize),
    Uuid,
    Person(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateForm {
    Iso,
    Moment,
    EightDigits,
    YearMonth,
}

impl Source {
    /// The type that SQLite is told.
    pub(super) fn sql_type(&self) -> Option<&'static str> {
        Some(match self {
            Self::Id { .. } | Self::Nth { .. } | Self::Int { .. } | Self::Flag(_) => "INTEGER",
            Self::Date { form: DateForm::EightDigits | DateForm::YearMonth, .. }
            | Self::After { form: DateForm::EightDigits, .. } => "INTEGER",
            Self::Amount { .. } | Self::Rate { .. } => "REAL",
            Self::Date { form, .. } | Self::After { form, .. } if *form == DateForm::Moment => "TIMESTAMP",
            Self::Date { .. } | Self::After { .. } | Self::Series { .. } => "DATE",
            Self::Reference(_) | Self::Copy(_) => return None,
            _ => "TEXT",
        })
    }

    pub(super) fn target(&self) -> Option<&Target> {
        match self {
            Self::Reference(target) | Self::Copy(target) => Some(target),
            _ => None,
        }
    }
}

/// Reads `verb arguments ; spoiler share ; …`.
///
/// # Errors
/// A sentence that names what cannot be read.
pub(super) fn parse(text: &str, own_table: &str, own_column: &str) -> Result<Making> {
    let mut parts = text.split(';').map(str::trim);
    let (verb, rest) = split_word(parts.next().unwrap_or_default());
    let mut making = Making { source: source(verb, rest, own_table, own_column)?, null: 0, orphan: 0, pad: 0, case: 0 };
    for part in parts {
        let (what, share) = split_word(part);
        let share = (number::<f64>(share)? * 100.0).round() as u32;
        match what {
            "null" => making.null = share,
            "orphan" => making.orphan = share,
            "pad" => making.pad = share,
            "case" => making.case = share,
            _ => return Err(format!("`{what}` spoils no value").into()),
        }
    }
    Ok(making)
}

fn source(verb: &str, rest: &str, own_table: &str, own_column: &str) -> Result<Source> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let arg = |i: usize| -> Result<&str> {
        words.get(i).copied().ok_or_else(|| format!("`{verb} {rest}` lacks a word").into())
    };
    let int = |i: usize| -> Result<i64> { number(arg(i)?) };
    Ok(match verb {
        "id" => Source::Id { start: int(0)?, step: if words.len() > 1 { int(1)? } else { 1 } },
        "code" => Source::Code {
            prefix: arg(0)?.trim_matches('_').to_owned(),
            width: number(arg(1)?)?,
            start: int(2)?,
            step: if words.len() > 3 { int(3)? } else { 1 },
        },
        "ref" => Source::Reference(target(&words, own_table, own_column)?),
        "copy" => Source::Copy(target(&words, own_table, own_column)?),
        "nth" => Source::Nth { tag: arg(0)?.trim_start_matches('@').to_owned() },
        "cycle" => Source::Cycle(rest.split('|').map(|w| w.trim().to_owned()).collect()),
        "series" => Source::Series { from: calendar::parse(arg(0)?)?, length: int(1)? },
        "int" => Source::Int { low: int(0)?, high: int(1)?, skewed: words.get(2) == Some(&"skewed") },
        "amount" => Source::Amount { low: hundredths(arg(0)?)?, high: hundredths(arg(1)?)? },
        "rate" => {
            let decimals = number(arg(2)?)?;
            let scaled = |text: &str| -> Result<i64> {
                Ok((number::<f64>(text)? * f64::from(10_u32.pow(decimals))).round() as i64)
            };
            Source::Rate { low: scaled(arg(0)?)?, high: scaled(arg(1)?)?, decimals }
        }
        "date" | "date8" | "moment" | "month" => {
            Source::Date { from: calendar::parse(arg(0)?)?, to: calendar::parse(arg(1)?)?, form: form(verb) }
        }
        "after" | "after8" | "later" => {
            Source::After { column: arg(0)?.to_owned(), least: int(1)?, most: int(2)?, form: form(verb) }
        }
        "pick" => Source::Pick(weighted(rest)?),
        "mix" => {
            Source::Mix(rest.split('/').map(|list| list.split('|').map(|w| w.trim().to_owned()).collect()).collect())
        }
        "flag" => Source::Flag(number::<u32>(arg(0)?)? * 100),
        "digits" => Source::Digits(number(arg(0)?)?),
        "hex" => Source::Hex(number(arg(0)?)?),
        "uuid" => Source::Uuid,
        word => Source::Person(person::field(word)?),
    })
}

fn form(verb: &str) -> DateForm {
    match verb {
        "date8" | "after8" => DateForm::EightDigits,
        "month" => DateForm::YearMonth,
        "moment" | "later" => DateForm::Moment,
        _ => DateForm::Iso,
    }
}

/// `[domain:]table.column [zipf|even|each|block N] [@tag]`; `self` is the table at hand.
fn target(words: &[&str], own_table: &str, own_column: &str) -> Result<Target> {
    let path = words.first().copied().unwrap_or_default();
    let (domain, path) = path.split_once(':').map_or((None, path), |(d, p)| (Some(d.to_owned()), p));
    let (table, column) = path.split_once('.').ok_or_else(|| format!("`{path}` is no table.column"))?;
    let table = if table == "self" { own_table } else { table };
    let (mut choice, mut tag) = (Choice::Zipf, own_column.to_owned());
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match *word {
            "zipf" => choice = Choice::Zipf,
            "even" => choice = Choice::Even,
            "each" => choice = Choice::Each,
            "block" => choice = Choice::Block(number(rest.next().copied().unwrap_or_default())?),
            word if word.starts_with('@') => tag = word[1..].to_owned(),
            word => return Err(format!("`{word}` is no choice of a parent").into()),
        }
    }
    Ok(Target { domain, table: table.to_owned(), column: column.to_owned(), tag, choice })
}

/// `ACTIVE:80|CLOSED:15|FROZEN`: a choice without a weight has 1.
fn weighted(text: &str) -> Result<Vec<(String, u64)>> {
    text.split('|')
        .map(|choice| {
            let (word, weight) = choice.trim().rsplit_once(':').unwrap_or((choice.trim(), "1"));
            Ok((word.to_owned(), number(weight)?))
        })
        .collect()
}

fn hundredths(text: &str) -> Result<i64> {
    Ok((number::<f64>(text)? * 100.0).round() as i64)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| format!("`{text}` is no number that fits").into())
}

fn split_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_says_where_to_and_which_row() {
        let making = parse("ref bank:account.account_id block 3 @a ; null 2.5 ; orphan 1", "t", "c").unwrap();
        let target = making.source.target().unwrap();
        assert_eq!(
            (target.domain.as_deref(), target.table.as_str(), target.column.as_str()),
            (Some("bank"), "account", "account_id")
        );
        assert_eq!((target.choice, target.tag.as_str(), making.null, making.orphan), (Choice::Block(3), "a", 250, 100));
        let own = parse("ref self.id even", "t", "c").unwrap();
        assert_eq!(own.source.target().map(|t| (t.table.as_str(), t.tag.as_str())), Some(("t", "c")));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_quotes_it() {
        for text in ["", "nothing", "int 1", "int a b", "ref account", "pick A:x", "int 1 2 ; rot 5", "date soon 2024"]
        {
            assert!(parse(text, "t", "c").is_err(), "{text}");
        }
    }
}
