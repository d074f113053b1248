//! What a declared type of SQLite means. SQLite takes any words; we read the ones that other databases use.

use catalog_core::model::DataType;

/// The logical type of a declared type. Exact names come first; what is left follows SQLite's affinity rules
/// (https://sqlite.org/datatype3.html, 3.1), except that an unknown word stays unknown instead of numeric.
pub(super) fn data_type(declared: &str) -> DataType {
    let upper = declared.to_ascii_uppercase();
    let word = upper.split(['(', ' ']).find(|w| !w.is_empty()).unwrap_or_default();
    match word {
        "" => DataType::Unknown,
        "BOOL" | "BOOLEAN" | "BIT" => DataType::Boolean,
        "DATE" => DataType::Date,
        "TIME" | "TIMETZ" => DataType::Time,
        "DATETIME" | "DATETIME2" | "SMALLDATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" => DataType::Timestamp,
        "INTERVAL" => DataType::Interval,
        "DECIMAL" | "DEC" | "NUMERIC" | "NUMBER" | "MONEY" | "SMALLMONEY" => decimal_or_integer(&upper),
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => DataType::Uuid,
        "JSON" | "JSONB" | "XML" => DataType::Json,
        "BLOB" | "BINARY" | "VARBINARY" | "BYTEA" | "IMAGE" | "RAW" => DataType::Binary,
        "POINT" => DataType::Unknown,
        _ => by_affinity(&upper),
    }
}

fn by_affinity(upper: &str) -> DataType {
    let has = |part: &str| upper.contains(part);
    if has("INT") || has("SERIAL") {
        DataType::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") || has("STRING") || has("ENUM") {
        DataType::Text
    } else if has("BLOB") {
        DataType::Binary
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        DataType::Float
    } else {
        DataType::Unknown
    }
}

/// `NUMBER(10,0)` and `NUMERIC(10)` are whole numbers; `NUMERIC` alone may hold fractions in SQLite.
fn decimal_or_integer(upper: &str) -> DataType {
    let Some((_, arguments)) = upper.split_once('(') else { return DataType::Decimal };
    let scale = arguments.trim_end_matches([')', ' ']).split_once(',').map_or("0", |(_, scale)| scale.trim());
    if scale == "0" { DataType::Integer } else { DataType::Decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_of_other_databases_are_understood() {
        for (declared, expected) in [
            ("INTEGER", DataType::Integer),
            ("bigint unsigned", DataType::Integer),
            ("VARCHAR(20)", DataType::Text),
            ("nvarchar ( 20 )", DataType::Text),
            ("DECIMAL(10,2)", DataType::Decimal),
            ("NUMBER(10, 0)", DataType::Integer),
            ("NUMERIC", DataType::Decimal),
            ("double precision", DataType::Float),
            ("DATETIME", DataType::Timestamp),
            ("timestamp with time zone", DataType::Timestamp),
            ("BLOB SUB_TYPE TEXT", DataType::Binary),
            ("Boolean", DataType::Boolean),
            ("UUID", DataType::Uuid),
            ("", DataType::Unknown),
            ("GEOMETRY", DataType::Unknown),
        ] {
            assert_eq!(data_type(declared), expected, "{declared:?}");
        }
    }
}
