//! The types that Trino names in a result.

/// A type of Trino, as far as reading, truncating and canonical text differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrinoType {
    /// `boolean`.
    Boolean,
    /// `tinyint` to `bigint`.
    Integer,
    /// `real` and `double`.
    Float,
    /// `decimal(p, s)`: digits behind the point.
    Decimal(u32),
    /// `varchar` with its greatest length, if it has one.
    Varchar(Option<u32>),
    /// `char(n)`.
    Char(u32),
    /// `varbinary`.
    Varbinary,
    /// `date`.
    Date,
    /// `time(p)`, with or without a zone.
    Time,
    /// `timestamp(p)`.
    Timestamp(u32),
    /// `timestamp(p) with time zone`.
    TimestampTz(u32),
    /// `uuid`.
    Uuid,
    /// `json`.
    Json,
    /// `ipaddress` and the two intervals: read and written as text.
    Textual,
    /// `array`, `map`, `row`; can it be cast to `json`?
    Nested(bool),
    /// Sketches, geometries and whatever is not known here.
    Other,
}

/// Words in a nested type's name that no cast to JSON takes.
const NOT_JSON: [&str; 10] = [
    "varbinary",
    "hyperloglog",
    "digest",
    "geometry",
    "geography",
    "interval",
    "time(",
    "ipaddress",
    "uuid",
    "function",
];

impl TrinoType {
    /// Reads a type's name as results carry it: `timestamp(6) with time zone`, `decimal(12,2)`.
    pub fn parse(name: &str) -> Self {
        // Intervals are named in capitals.
        let name = name.to_lowercase();
        let (word, rest) = name.split_once('(').unwrap_or((&name, ""));
        let mut numbers = rest.split([',', ')']).map(|n| n.trim().parse::<u32>().ok());
        let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
        match word.trim() {
            "boolean" => Self::Boolean,
            "tinyint" | "smallint" | "integer" | "bigint" => Self::Integer,
            "real" | "double" => Self::Float,
            "decimal" => Self::Decimal(second.unwrap_or(0)),
            "varchar" => Self::Varchar(first),
            "char" => Self::Char(first.unwrap_or(1)),
            "varbinary" => Self::Varbinary,
            "date" => Self::Date,
            "timestamp" if name.ends_with("with time zone") => Self::TimestampTz(first.unwrap_or(3)),
            "timestamp" => Self::Timestamp(first.unwrap_or(3)),
            "timestamp with time zone" => Self::TimestampTz(3),
            "uuid" => Self::Uuid,
            "json" => Self::Json,
            "ipaddress" | "interval day to second" | "interval year to month" => Self::Textual,
            "array" | "map" | "row" => {
                // Timestamps can be cast, times of day cannot: `time(` would be found in neither's name.
                Self::Nested(!NOT_JSON.iter().any(|word| rest.replace("timestamp(", "").contains(word)))
            }
            word if word == "time" || word.starts_with("time ") => Self::Time,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_types_are_read_with_their_parameters() {
        for (name, expected) in [
            ("bigint", TrinoType::Integer),
            ("decimal(12,2)", TrinoType::Decimal(2)),
            ("decimal(38, 0)", TrinoType::Decimal(0)),
            ("varchar", TrinoType::Varchar(None)),
            ("varchar(25)", TrinoType::Varchar(Some(25))),
            ("char(3)", TrinoType::Char(3)),
            ("timestamp(6)", TrinoType::Timestamp(6)),
            ("timestamp(3) with time zone", TrinoType::TimestampTz(3)),
            ("time(3)", TrinoType::Time),
            ("time(3) with time zone", TrinoType::Time),
            ("INTERVAL DAY TO SECOND", TrinoType::Textual),
            ("array(row(a bigint, b timestamp(3)))", TrinoType::Nested(true)),
            ("map(varchar, varbinary)", TrinoType::Nested(false)),
            ("array(time(3))", TrinoType::Nested(false)),
            ("HyperLogLog", TrinoType::Other),
            ("", TrinoType::Other),
        ] {
            assert_eq!(TrinoType::parse(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_some_type(name in ".{0,30}|(varchar|decimal|timestamp)\\([0-9, ()]{0,12}") {
            let _ = TrinoType::parse(&name);
        }
    }
}
