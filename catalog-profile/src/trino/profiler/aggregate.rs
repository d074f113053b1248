//! One aggregate scan over many columns: its SQL, and how its single row is read.

use catalog_core::model::{FINGERPRINT_K, RawCell};
use serde_json::Value;

use super::counted;
use crate::VALUE_BYTES_MAX;
use crate::trino::canonical_sql::{canonical_of_trimmed, canonical_sql, in_utc, trimmed_sql};
use crate::trino::client::EngineColumn;
use crate::trino::decode::decode;
use crate::trino::sql_name::quoted;
use crate::trino::types::TrinoType;

/// Distinct hashes that Trino's set digest keeps (`SetDigest.DEFAULT_MAX_HASHES`).
pub(super) const DIGEST_MAX: u64 = 8192;
/// Values that are counted one by one where a column seems to have few; counts are exact up to here.
pub(super) const COUNTED_MAX: u64 = 256;
/// Values that a profile lists.
pub(super) const TOP_MAX: usize = 100;

/// What is asked of one column.
pub(super) struct ColumnQuestion {
    column: EngineColumn,
    /// Have each value counted, and compute every figure of the counts.
    counted: bool,
    /// Its canonical text; texts have theirs made of `trimmed`.
    canonical: Option<String>,
    trimmed: Option<String>,
    /// Count its values one by one.
    count_values: bool,
    /// Read whole numbers out of its text.
    integers_in_text: bool,
}

/// What the scan found of one column.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) filled: u64,
    /// Were there too many values to count each? Then there are no other figures.
    pub(super) overflown: bool,
    /// What the canonical text gives; `None` for types without one.
    pub(super) values: Option<ValueFigures>,
}

/// Figures over canonical texts.
#[derive(Default)]
pub(super) struct ValueFigures {
    /// The smallest hashes, ascending.
    pub(super) hashes: Vec<i64>,
    /// Distinct hashes that the digest holds, at most [`DIGEST_MAX`].
    pub(super) kept: u64,
    /// The largest of them.
    pub(super) largest: i64,
    pub(super) min: Option<RawCell>,
    pub(super) max: Option<RawCell>,
    /// Text alone: empty values, and shortest, longest and mean length in characters.
    pub(super) text: Option<(u64, u32, u32, f32)>,
    pub(super) integers: Option<(i64, i64)>,
    /// 5th and 95th percentile of numbers, or of years.
    pub(super) percentiles: Option<(f64, f64)>,
    pub(super) top: Option<Vec<(RawCell, u64)>>,
}

impl ColumnQuestion {
    pub(super) fn new(column: EngineColumn, few_values: bool, integers_in_text: bool) -> Self {
        let name = quoted(&column.name);
        let trimmed = trimmed_sql(&column.kind, &name);
        let canonical = if trimmed.is_some() { None } else { canonical_sql(&column.kind, &name) };
        let integers_in_text = integers_in_text && is_text(&column.kind);
        Self { canonical, trimmed, count_values: few_values, integers_in_text, column, counted: false }
    }

    /// A question about a column of few values.
    pub(super) fn counting(column: EngineColumn) -> Self {
        Self { canonical: None, trimmed: None, count_values: true, integers_in_text: false, column, counted: true }
    }

    pub(super) fn is_counting(&self) -> bool {
        self.counted
    }

    /// The same question by a digest, for a column that has more values than was thought.
    pub(super) fn by_digest(&self) -> Self {
        Self::new(self.column.clone(), self.count_values && !self.counted, self.integers_in_text)
    }

    /// Has it a canonical text in the engine?
    fn has_text(&self) -> bool {
        self.canonical.is_some() || self.trimmed.is_some()
    }

    /// The aggregates over `c` (the value) and `k` (its canonical text), in the order in which they are read.
    fn aggregates(&self, i: usize) -> Vec<String> {
        let (c, k) = (format!("c{i}"), format!("k{i}"));
        let mut list = vec![format!("count({c})")];
        if self.counted {
            list.extend([format!("histogram({c})"), format!("min({c})"), format!("max({c})")]);
        }
        if !self.has_text() {
            return list;
        }
        list.push(format!("map_keys(hash_counts(make_set_digest({k})))"));
        for end in ["min", "max"] {
            list.push(match &self.column.kind {
                TrinoType::Varchar(_) | TrinoType::Varbinary => format!("substr({end}({c}), 1, {VALUE_BYTES_MAX})"),
                TrinoType::Char(_) => format!("substr(CAST({end}({c}) AS varchar), 1, {VALUE_BYTES_MAX})"),
                _ => format!("{end}({c})"),
            });
        }
        if is_text(&self.column.kind) {
            list.extend([
                format!("count_if({k} = '')"),
                format!("min(length({k}))"),
                format!("max(length({k}))"),
                format!("avg(length({k}))"),
            ]);
        }
        if self.integers_in_text {
            list.extend([format!("min(TRY_CAST({k} AS bigint))"), format!("max(TRY_CAST({k} AS bigint))")]);
        }
        list.extend(percentiles_sql(&self.column.kind, &c));
        if self.count_values {
            list.push(format!("approx_most_frequent({TOP_MAX}, substr({k}, 1, {VALUE_BYTES_MAX}), {COUNTED_MAX})"));
        }
        list
    }

    /// Reads this column's part of the row.
    fn read(&self, row: &mut impl Iterator<Item = Value>) -> Figures {
        let mut next = || row.next().unwrap_or(Value::Null);
        let filled = next().as_u64().unwrap_or(0);
        if self.counted {
            return self.read_counts(filled, [next(), next(), next(), next()]);
        }
        if !self.has_text() {
            return Figures { filled, ..Figures::default() };
        }
        let whole = |value: &Value| value.as_u64().unwrap_or(0);
        let mut values = ValueFigures { kept: whole(&next()), ..ValueFigures::default() };
        values.largest = next().as_i64().unwrap_or(i64::MAX);
        values.hashes = next().as_array().map_or(Vec::new(), |list| list.iter().filter_map(Value::as_i64).collect());
        (values.min, values.max) = (self.cell(&next()), self.cell(&next()));
        if is_text(&self.column.kind) {
            let short = |value: &Value| u32::try_from(whole(value)).unwrap_or(u32::MAX);
            let (empty, min, max) = (whole(&next()), short(&next()), short(&next()));
            values.text = Some((empty, min, max, next().as_f64().unwrap_or(0.0) as f32));
        }
        values.integers = if self.integers_in_text {
            next().as_i64().zip(next().as_i64())
        } else {
            integer(values.min.as_ref()).zip(integer(values.max.as_ref()))
        };
        if percentiles_sql(&self.column.kind, "").is_some() {
            let ends = next();
            values.percentiles = ends[0].as_f64().zip(ends[1].as_f64());
        }
        if self.count_values {
            values.top = Some(self.top(&next()));
        }
        Figures { filled, values: Some(values), overflown: false }
    }

    /// Reads how many values there are, the count of each where they are few, the least and the greatest.
    fn read_counts(&self, filled: u64, [size, counts, min, max]: [Value; 4]) -> Figures {
        if size.as_u64().is_some_and(|size| size >= DIGEST_MAX) {
            return Figures { filled, overflown: true, values: None };
        }
        // No row, no map.
        let nothing = serde_json::Map::new();
        let mut values = counted::figures(&self.column.kind, counts.as_object().unwrap_or(&nothing));
        (values.min, values.max) = (self.cell(&min), self.cell(&max));
        values.integers = integer(values.min.as_ref()).zip(integer(values.max.as_ref()));
        Figures { filled, values: Some(values), overflown: false }
    }

    fn cell(&self, value: &Value) -> Option<RawCell> {
        Some(decode(&self.column.kind, value, VALUE_BYTES_MAX)).filter(|cell| *cell != RawCell::Null)
    }

    /// A map of canonical texts to counts, commonest first.
    fn top(&self, counts: &Value) -> Vec<(RawCell, u64)> {
        let cell = |text: &str| match &self.column.kind {
            TrinoType::Integer | TrinoType::Decimal(0) => text.parse().ok().map(RawCell::Int),
            TrinoType::Float => text.parse().ok().map(RawCell::Real),
            TrinoType::Boolean => text.parse().ok().map(RawCell::Bool),
            _ => None,
        };
        let mut top: Vec<(&str, u64)> = counts
            .as_object()
            .map_or(Vec::new(), |map| map.iter().map(|(k, n)| (k.as_str(), n.as_u64().unwrap_or(0))).collect());
        top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        top.into_iter().map(|(text, n)| (cell(text).unwrap_or_else(|| RawCell::Text(text.into())), n)).collect()
    }
}

/// The query over all these columns of `table` (a name in SQL). It gives one row: the table's rows, then each
/// column's figures.
pub(super) fn aggregate_sql(table: &str, questions: &[&ColumnQuestion]) -> String {
    let (mut innermost, mut inner) = (Vec::new(), Vec::new());
    let (mut middle, mut outer) = (vec!["count(*) AS n".to_owned()], vec!["n".to_owned()]);
    for (i, question) in questions.iter().enumerate() {
        let name = quoted(&question.column.name);
        let value = match question.column.kind {
            TrinoType::TimestampTz(digits) => in_utc(&name, digits),
            _ => name,
        };
        innermost.push(format!("{value} AS c{i}"));
        inner.push(format!("c{i}"));
        if let Some(trimmed) = &question.trimmed {
            innermost.push(format!("{trimmed} AS t{i}"));
            inner.push(format!("{} AS k{i}", canonical_of_trimmed(&format!("t{i}"))));
        } else if let Some(canonical) = &question.canonical {
            innermost.push(format!("{canonical} AS k{i}"));
            inner.push(format!("k{i}"));
        }
        for (j, aggregate) in question.aggregates(i).into_iter().enumerate() {
            let figure = format!("f{i}_{j}");
            if j == 1 && question.counted {
                outer.extend([
                    format!("cardinality({figure})"),
                    format!("IF(cardinality({figure}) < {DIGEST_MAX}, {figure})"),
                ]);
            } else if j == 1 {
                outer.extend([
                    format!("cardinality({figure})"),
                    format!("array_max({figure})"),
                    format!("slice(array_sort({figure}), 1, {FINGERPRINT_K})"),
                ]);
            } else {
                outer.push(figure.clone());
            }
            middle.push(format!("{aggregate} AS {figure}"));
        }
    }
    let [outer, middle, inner, innermost] = [outer, middle, inner, innermost].map(|list| list.join(", "));
    format!("SELECT {outer} FROM (SELECT {middle} FROM (SELECT {inner} FROM (SELECT {innermost} FROM {table})))")
}

/// Reads the row of [`aggregate_sql`]: the table's rows, and the figures of each column.
pub(super) fn read_row(row: Vec<Value>, questions: &[&ColumnQuestion]) -> (u64, Vec<Figures>) {
    let mut row = row.into_iter();
    let rows = row.next().and_then(|n| n.as_u64()).unwrap_or(0);
    (rows, questions.iter().map(|question| question.read(&mut row)).collect())
}

fn is_text(kind: &TrinoType) -> bool {
    matches!(kind, TrinoType::Varchar(_) | TrinoType::Char(_))
}

/// The percentiles of numbers, and of years where values are dates.
fn percentiles_sql(kind: &TrinoType, c: &str) -> Option<String> {
    let number = match kind {
        TrinoType::Integer | TrinoType::Decimal(_) => format!("CAST({c} AS double)"),
        TrinoType::Float => format!("IF(is_finite({c}), CAST({c} AS double))"),
        TrinoType::Date | TrinoType::Timestamp(_) | TrinoType::TimestampTz(_) => format!("CAST(year({c}) AS double)"),
        _ => return None,
    };
    Some(format!("approx_percentile({number}, ARRAY[0.05, 0.95])"))
}

/// The whole number that a cell is.
fn integer(cell: Option<&RawCell>) -> Option<i64> {
    match cell? {
        RawCell::Int(value) => Some(*value),
        RawCell::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
        RawCell::Text(text) => text.trim_end_matches('0').strip_suffix('.').unwrap_or(text).parse().ok(),
        _ => None,
    }
}
