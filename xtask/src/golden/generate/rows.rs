//! A table's rows, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;

use super::calendar;
use super::definition::{Column, Definition, Domain, Table};
use super::identifiers;
use super::person::Person;
use super::random::{Random, Zipf};
use super::values::{Choice, DateForm, Source, Target};
use crate::Result;

/// Values that later rows refer to: by domain, table and column.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<(String, String, String), Vec<Value>>);

impl Kept {
    /// Room for every column that some reference of the set goes to.
    pub(super) fn of(definition: &Definition) -> Self {
        let mut kept = BTreeMap::new();
        for domain in &definition.domains {
            for column in domain.tables.iter().flat_map(|t| &t.columns) {
                if let Some(target) = column.making.source.target() {
                    kept.insert(key(&domain.name, target), Vec::new());
                }
            }
        }
        Self(kept)
    }

    fn values(&self, domain: &str, target: &Target) -> Result<&[Value]> {
        let found = self.0.get(&key(domain, target)).map(Vec::as_slice);
        found.ok_or_else(|| format!("{}.{} is not there yet", target.table, target.column).into())
    }
}

fn key(domain: &str, target: &Target) -> (String, String, String) {
    (target.domain.as_deref().unwrap_or(domain).to_owned(), target.table.clone(), target.column.clone())
}

/// Makes the rows of one table.
pub(super) struct Rows<'a> {
    domain: &'a Domain,
    table: &'a Table,
    random: Random,
    /// By the number of parents.
    zipf: BTreeMap<usize, Zipf>,
    /// How often a row was taken, by tag and parent row; only for tags that number their children.
    taken: BTreeMap<(&'a str, usize), i64>,
    numbered: BTreeSet<&'a str>,
}

/// What the columns of one row share.
struct Row<'a> {
    number: u64,
    person: Person,
    chosen: BTreeMap<&'a str, Option<usize>>,
    days: BTreeMap<&'a str, i64>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(seed: u64, domain: &'a Domain, table: &'a Table) -> Self {
        let numbered = table.columns.iter().filter_map(|c| match &c.making.source {
            Source::Nth { tag } => Some(tag.as_str()),
            _ => None,
        });
        let random = Random::new(seed, &format!("{}.{}", domain.name, table.names[0]));
        Self { domain, table, random, zipf: BTreeMap::new(), taken: BTreeMap::new(), numbered: numbered.collect() }
    }

    /// The next row, in the order of the columns; what others refer to is kept.
    ///
    /// # Errors
    /// When a column refers to a table or a date that comes later.
    pub(super) fn row(&mut self, number: u64, kept: &mut Kept) -> Result<Vec<Value>> {
        let person = Person::new(&mut self.random);
        let mut row = Row { number, person, chosen: BTreeMap::new(), days: BTreeMap::new() };
        let mut values = Vec::with_capacity(self.table.columns.len());
        for column in &self.table.columns {
            let value = self.value(column, &mut row, kept)?;
            values.push(self.spoil(column, value));
        }
        for (column, value) in self.table.columns.iter().zip(&values) {
            let key = (self.domain.name.clone(), self.table.names[0].clone(), column.names[0].clone());
            if let Some(kept) = kept.0.get_mut(&key) {
                kept.push(value.clone());
            }
        }
        Ok(values)
    }

    fn value(&mut self, column: &'a Column, row: &mut Row<'a>, kept: &Kept) -> Result<Value> {
        let random = &mut self.random;
        Ok(match &column.making.source {
            Source::Id { start, step } => Value::Integer(start + step * row.number as i64),
            Source::Code { prefix, width, start, step } => {
                let number = start + step * row.number as i64;
                Value::Text(format!("{prefix}{number:0width$}"))
            }
            Source::Reference(target) => self.reference(column, target, row, kept)?,
            Source::Copy(target) => {
                let chosen = row.chosen.get(target.tag.as_str()).copied().flatten();
                let values = kept.values(&self.domain.name, target)?;
                chosen.and_then(|i| values.get(i).cloned()).unwrap_or(Value::Null)
            }
            Source::Nth { tag } => {
                let chosen = row.chosen.get(tag.as_str()).copied().flatten();
                Value::Integer(chosen.and_then(|i| self.taken.get(&(tag, i)).copied()).unwrap_or(1))
            }
            Source::Cycle(list) => Value::Text(list[(row.number % list.len() as u64) as usize].clone()),
            Source::Series { from, length } => Value::Text(calendar::iso(from + row.number as i64 % length)),
            Source::Int { low, high, skewed: false } => Value::Integer(random.between(*low, *high)),
            Source::Int { low, high, skewed: true } => Value::Integer(random.skewed(*low, *high)),
            Source::Amount { low, high } => Value::Real(random.skewed(*low, *high) as f64 / 100.0),
            Source::Rate { low, high, decimals } => {
                Value::Real(random.between(*low, *high) as f64 / f64::from(10_u32.pow(*decimals)))
            }
            Source::Date { from, to, form } => {
                let day = random.between(*from, *to);
                row.days.insert(&column.names[0], day);
                written(day, *form, random)
            }
            Source::After { column: first, least, most, form } => {
                let start = row.days.get(first.as_str()).copied();
                let start = start.ok_or_else(|| format!("{} has no date before {}", first, column.names[0]))?;
                let day = start + random.between(*least, *most);
                row.days.insert(&column.names[0], day);
                written(day, *form, random)
            }
            Source::Pick(choices) => Value::Text(weighted(choices, random)),
            Source::Mix(lists) => {
                let words: Vec<&str> =
                    lists.iter().map(|l| l[random.below(l.len() as u64) as usize].as_str()).collect();
                Value::Text(words.join(" "))
            }
            Source::Flag(share) => Value::Integer(i64::from(random.chance(*share))),
            Source::Digits(n) => Value::Text(random.digits(*n)),
            Source::Hex(n) => Value::Text(random.hex(*n)),
            Source::Uuid => Value::Text(identifiers::uuid(random)),
            Source::Person(field) => Value::Text(row.person.say(*field, random)),
        })
    }

    fn reference(&mut self, column: &Column, target: &'a Target, row: &mut Row<'a>, kept: &Kept) -> Result<Value> {
        let values = kept.values(&self.domain.name, target)?;
        let chosen = match row.chosen.get(target.tag.as_str()) {
            Some(chosen) => *chosen,
            None => {
                let null = self.random.chance(column.making.null);
                let chosen = if null { None } else { self.choose(target, values.len(), row.number) };
                row.chosen.insert(&target.tag, chosen);
                if let Some(i) = chosen.filter(|_| self.numbered.contains(target.tag.as_str())) {
                    *self.taken.entry((&target.tag, i)).or_default() += 1;
                }
                chosen
            }
        };
        let value = chosen.and_then(|i| values.get(i).cloned()).unwrap_or(Value::Null);
        // Few different orphans: a system that lost its parents lost the same ones each time.
        if value != Value::Null && self.random.chance(column.making.orphan) {
            return Ok(orphan(&value, self.random.below(values.len() as u64 / 200 + 1)));
        }
        Ok(value)
    }

    fn choose(&mut self, target: &Target, parents: usize, number: u64) -> Option<usize> {
        let grows = target.domain.is_none() && target.table == self.table.names[0];
        if parents == 0 {
            return None;
        }
        match target.choice {
            Choice::Zipf => {
                // A table that refers to itself grows: the steps keep the number of weightings small.
                let size = if grows && parents > 64 { parents - parents % 64 } else { parents };
                let random = &mut self.random;
                self.zipf.entry(size).or_insert_with(|| Zipf::new(size)).pick(random)
            }
            Choice::Even => Some(self.random.below(parents as u64) as usize),
            Choice::Each => Some((number % parents as u64) as usize),
            Choice::Block(length) => Some((number / length.max(1) % parents as u64) as usize),
        }
    }

    fn spoil(&mut self, column: &Column, value: Value) -> Value {
        let making = &column.making;
        let is_reference = matches!(making.source, Source::Reference(_));
        if !is_reference && self.random.chance(making.null) {
            return Value::Null;
        }
        match value {
            Value::Text(text) if self.random.chance(making.pad) => Value::Text(format!("{text}  ")),
            Value::Text(text) if self.random.chance(making.case) => Value::Text(text.to_lowercase()),
            value => value,
        }
    }
}

fn written(day: i64, form: DateForm, random: &mut Random) -> Value {
    match form {
        DateForm::Iso => Value::Text(calendar::iso(day)),
        DateForm::EightDigits => Value::Integer(calendar::eight_digits(day)),
        DateForm::YearMonth => Value::Integer(calendar::eight_digits(day) / 100),
        DateForm::Moment => {
            let second = random.between(6 * 3_600, 22 * 3_600);
            let time = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
            Value::Text(format!("{} {time}", calendar::iso(day)))
        }
    }
}

fn weighted(choices: &[(String, u64)], random: &mut Random) -> String {
    let mut at = random.below(choices.iter().map(|c| c.1).sum());
    for (word, weight) in choices {
        if at < *weight {
            return word.clone();
        }
        at -= weight;
    }
    String::new()
}

/// A value of the same form that no parent has.
fn orphan(value: &Value, number: u64) -> Value {
    match value {
        Value::Text(text) => {
            let nines: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
            let cut = nines.len().saturating_sub(2);
            let start = nines.get(..cut).unwrap_or_default();
            Value::Text(format!("{start}{:02}", 99 - number % 100))
        }
        Value::Integer(n) => Value::Integer(n.max(&1).ilog10() as i64 * 90_000_000 + 99_000_000 + number as i64),
        value => value.clone(),
    }
}
