//! OpenMetadata's words for types, relations and constraints in ours.

use catalog_core::model::{DataType, TableKind};

/// The logical type of OpenMetadata's `dataType`.
pub(crate) fn data_type(om: &str) -> DataType {
    match om {
        "BOOLEAN" => DataType::Boolean,
        "TINYINT" | "SMALLINT" | "INT" | "BIGINT" | "BYTEINT" | "LONG" | "YEAR" | "LARGEINT" => DataType::Integer,
        "DECIMAL" | "NUMERIC" | "NUMBER" | "MONEY" => DataType::Decimal,
        "FLOAT" | "DOUBLE" | "DECFLOAT" => DataType::Float,
        "CHAR" | "VARCHAR" | "STRING" | "TEXT" | "MEDIUMTEXT" | "NTEXT" | "CLOB" | "ENUM" | "CIDR" | "INET"
        | "MACADDR" | "IPV4" | "IPV6" | "LOWCARDINALITY" | "FIXED" => DataType::Text,
        "DATE" => DataType::Date,
        "TIME" => DataType::Time,
        "TIMESTAMP" | "TIMESTAMPZ" | "DATETIME" => DataType::Timestamp,
        "INTERVAL" => DataType::Interval,
        "UUID" => DataType::Uuid,
        "JSON" | "XML" | "VARIANT" | "SUPER" => DataType::Json,
        "BINARY" | "VARBINARY" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BYTEA" | "BYTES" | "IMAGE" => DataType::Binary,
        "ARRAY" | "MAP" | "STRUCT" | "UNION" | "SET" | "TUPLE" | "ROW" | "OBJECT" | "RECORD" => DataType::Nested,
        _ => DataType::Unknown,
    }
}

/// What kind of relation OpenMetadata's `tableType` is; without one it is a table.
pub(crate) fn table_kind(om: Option<&str>) -> TableKind {
    match om {
        Some("View" | "SecureView" | "Dynamic") => TableKind::View,
        Some("MaterializedView") => TableKind::MaterializedView,
        Some("External" | "Foreign") => TableKind::External,
        _ => TableKind::Table,
    }
}
