//! Fields of an event, whatever its shape.

use serde_json::{Map, Value};

/// Units of Presto's durations, in seconds.
const SECONDS: [(&str, f64); 7] =
    [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// Units of Presto's sizes, in bytes.
const BYTES: [(&str, f64); 5] =
    [("B", 1.0), ("kB", 1_024.0), ("MB", 1_048_576.0), ("GB", 1_073_741_824.0), ("TB", 1_099_511_627_776.0)];

/// Access to nested and dotted keys alike.
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl Fields<'_> {
    fn value(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.0.get(path) {
            return Some(value);
        }
        let (first, rest) = path.split_once('.')?;
        self.0.get(first)?.as_object()?.get(rest)
    }

    /// Is there anything but null?
    pub(super) fn has(&self, path: &str) -> bool {
        self.value(path).is_some_and(|value| !value.is_null())
    }

    pub(super) fn text(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| self.value(path)?.as_str()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn number(&self, paths: &[&str]) -> Option<f64> {
        paths.iter().find_map(|path| match self.value(path)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// Seconds: a number, or a duration with its unit (`250.00ms`).
    pub(super) fn seconds(&self, paths: &[&str]) -> Option<f64> {
        self.number(paths).or_else(|| self.quantity(paths, &SECONDS))
    }

    /// Bytes: a number, or a size with its unit (`1.2MB`).
    pub(super) fn bytes(&self, paths: &[&str]) -> Option<f64> {
        self.number(paths).or_else(|| self.quantity(paths, &BYTES))
    }

    fn quantity(&self, paths: &[&str], units: &[(&str, f64)]) -> Option<f64> {
        let text = self.text(paths)?;
        let split = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = text.split_at(split);
        let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
        Some(number.trim().parse::<f64>().ok()? * factor)
    }

    /// An array, or the text of one.
    pub(super) fn list(&self, path: &str) -> Option<Vec<Value>> {
        match self.value(path)? {
            Value::Array(rows) if !rows.is_empty() => Some(rows.clone()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// Milliseconds since 1970 of an ISO time or a number of seconds or milliseconds.
    pub(super) fn moment(&self, paths: &[&str]) -> Option<i64> {
        paths.iter().find_map(|path| match self.value(path)? {
            Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
            Value::Number(number) => {
                let number = number.as_f64()?;
                Some(if number.abs() < 1e11 { number * 1e3 } else { number } as i64)
            }
            _ => None,
        })
    }
}
