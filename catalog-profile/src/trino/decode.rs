//! Trino's JSON to cells.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog_core::model::RawCell;
use serde_json::Value;

use super::types::TrinoType;

/// Reads one value of a column of this type; text and binary are cut to `bytes_max`, text at a character's edge.
/// What has another form than the type promises is kept as text rather than lost.
pub(super) fn decode(kind: &TrinoType, value: &Value, bytes_max: usize) -> RawCell {
    match (kind, value) {
        (_, Value::Null) => RawCell::Null,
        (_, Value::Bool(bit)) => RawCell::Bool(*bit),
        (TrinoType::Float, Value::Number(number)) => number.as_f64().map_or(RawCell::Null, RawCell::Real),
        (_, Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => RawCell::Int(whole),
            (None, Some(real)) => RawCell::Real(real),
            (None, None) => RawCell::Null,
        },
        (TrinoType::Float, Value::String(word)) => match word.parse::<f64>() {
            Ok(real) => RawCell::Real(real),
            Err(_) => text(word, bytes_max),
        },
        (TrinoType::Varbinary, Value::String(encoded)) => {
            // Only what is kept is decoded: four characters carry three bytes.
            let chars = bytes_max.div_ceil(3).saturating_mul(4).min(encoded.len());
            match encoded.get(..chars).map(|head| STANDARD.decode(head)) {
                Some(Ok(bytes)) => RawCell::Bytes(bytes[..bytes.len().min(bytes_max)].into()),
                _ => text(encoded, bytes_max),
            }
        }
        (_, Value::String(word)) => text(word, bytes_max),
        (_, Value::Array(_) | Value::Object(_)) => text(&value.to_string(), bytes_max),
    }
}

fn text(word: &str, bytes_max: usize) -> RawCell {
    RawCell::Text(word[..word.floor_char_boundary(bytes_max)].into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(kind: &str, value: &Value) -> RawCell {
        decode(&TrinoType::parse(kind), value, 16)
    }

    #[test]
    fn every_type_becomes_a_cell() {
        let text = |t: &str| RawCell::Text(t.into());
        let cases = [
            ("bigint", json!(i64::MAX), RawCell::Int(i64::MAX)),
            ("double", json!(2), RawCell::Real(2.0)),
            ("double", json!("-Infinity"), RawCell::Real(f64::NEG_INFINITY)),
            ("boolean", json!(true), RawCell::Bool(true)),
            ("decimal(38,2)", json!("123456789.10"), text("123456789.10")),
            ("date", json!("2024-02-29"), text("2024-02-29")),
            ("varbinary", json!("AAEC/w=="), RawCell::Bytes([0, 1, 2, 255].into())),
            ("varbinary", json!("not base64!"), text("not base64!")),
            ("array(bigint)", json!([1, null]), text("[1,null]")),
            ("map(varchar,bigint)", json!({"a": 1}), text("{\"a\":1}")),
            ("row(a bigint)", json!([1]), text("[1]")),
            ("uuid", json!(null), RawCell::Null),
        ];
        for (kind, value, expected) in cases {
            assert!(read(kind, &value) == expected, "{kind}");
        }
        assert!(matches!(read("real", &json!("NaN")), RawCell::Real(v) if v.is_nan()));
    }

    #[test]
    fn a_long_cell_is_cut_at_a_characters_edge() {
        assert!(read("varchar", &json!("é".repeat(100))) == RawCell::Text("é".repeat(8).into()));
        let bytes = STANDARD.encode([7_u8; 100]);
        assert!(read("varbinary", &json!(bytes)) == RawCell::Bytes([7; 16].into()));
    }
}
