//! What Postgres's types mean.

use catalog_core::model::DataType;

/// The logical type of a type of `pg_type`: its name, kind (`typtype`) and category (`typcategory`). A domain is
/// given as its base type.
pub(super) fn data_type(name: &str, kind: &str, category: &str) -> DataType {
    match name {
        "int2" | "int4" | "int8" | "oid" => DataType::Integer,
        "numeric" | "money" => DataType::Decimal,
        "float4" | "float8" => DataType::Float,
        "bool" => DataType::Boolean,
        "date" => DataType::Date,
        "time" | "timetz" => DataType::Time,
        "timestamp" | "timestamptz" => DataType::Timestamp,
        "interval" => DataType::Interval,
        "uuid" => DataType::Uuid,
        "json" | "jsonb" | "xml" => DataType::Json,
        "bytea" => DataType::Binary,
        _ => match (kind, category) {
            ("c" | "r" | "m", _) | (_, "A") => DataType::Nested,
            ("e", _) | (_, "S" | "E") => DataType::Text,
            _ => DataType::Unknown,
        },
    }
}
