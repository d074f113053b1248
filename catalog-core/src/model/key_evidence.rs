//! What speaks for and against a key.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The witnesses there are, in the order of their names.
const NAMES: [&str; 10] = [
    "containment",
    "containment_error",
    "coverage",
    "declared",
    "graph",
    "length",
    "log_joins",
    "name",
    "parent_unique",
    "type",
];

/// Named, independent witnesses for a key, each 0 to 1 but for `log_joins`, which is a count; reported as they are.
///
/// Kept in place, since a catalog has more keys than anything else: `containment`, `containment_error`, `coverage`,
/// `declared`, `graph`, `length`, `log_joins`, `name`, `parent_unique`, `type`. Other names are passed over.
#[derive(Debug, Clone, Default)]
pub struct KeyEvidence {
    values: [f64; NAMES.len()],
    /// Which of them were said, a bit each.
    said: u16,
}

impl PartialEq for KeyEvidence {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl KeyEvidence {
    /// No witness.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what a witness says, in place of what it said before.
    pub fn insert(&mut self, name: &str, value: f64) {
        if let Some(place) = NAMES.iter().position(|known| *known == name) {
            self.values[place] = value;
            self.said |= 1 << place;
        }
    }

    /// What the witness says.
    pub fn get(&self, name: &str) -> Option<f64> {
        NAMES.iter().position(|known| *known == name).and_then(|place| self.at(place))
    }

    /// The witnesses by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        NAMES.iter().enumerate().filter_map(|(place, name)| Some((*name, self.at(place)?)))
    }

    fn at(&self, place: usize) -> Option<f64> {
        (self.said & (1 << place) != 0).then_some(self.values[place])
    }
}

impl<const N: usize> From<[(&str, f64); N]> for KeyEvidence {
    fn from(witnesses: [(&str, f64); N]) -> Self {
        let mut evidence = Self::new();
        witnesses.iter().for_each(|(name, value)| evidence.insert(name, *value));
        evidence
    }
}

impl Serialize for KeyEvidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for KeyEvidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Witnesses;
        impl<'de> Visitor<'de> for Witnesses {
            type Value = KeyEvidence;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("witnesses with their numbers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeyEvidence, A::Error> {
                let mut evidence = KeyEvidence::new();
                while let Some((name, value)) = map.next_entry::<std::borrow::Cow<'de, str>, f64>()? {
                    evidence.insert(&name, value);
                }
                Ok(evidence)
            }
        }
        deserializer.deserialize_map(Witnesses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_written_as_a_map_by_name_and_read_again() {
        let evidence = KeyEvidence::from([("type", 0.7), ("containment", 1.0), ("log_joins", 40.0)]);
        let text = serde_json::to_string(&evidence).unwrap();
        assert_eq!(text, r#"{"containment":1.0,"log_joins":40.0,"type":0.7}"#);
        assert_eq!(serde_json::from_str::<KeyEvidence>(&text).unwrap(), evidence);
    }

    #[test]
    fn a_witness_of_another_version_is_passed_over() {
        let read: KeyEvidence = serde_json::from_str(r#"{"name":0.8,"phase_of_the_moon":1.0}"#).unwrap();
        assert_eq!(read, KeyEvidence::from([("name", 0.8)]));
        assert_eq!((read.get("name"), read.get("phase_of_the_moon")), (Some(0.8), None));
    }
}
