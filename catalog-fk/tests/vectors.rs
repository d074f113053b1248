//! Fingerprints are what `vectors/fingerprint.json` says; the live lane holds Trino to the same file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use catalog_core::model::{CellRef, DataType, Fingerprint};
use catalog_fk::fingerprint::{FingerprintBuilder, canonical_text, from_bytes, hash_canonical, to_bytes};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

fn vectors(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors/fingerprint.json")).unwrap();
    all[part].as_array().unwrap().clone()
}

#[test]
fn values_of_sqlite_have_the_canonical_text_and_the_hash() {
    let connection = Connection::open_in_memory().unwrap();
    for vector in vectors("values") {
        let literal = vector["sqlite"].as_str().unwrap();
        let mut statement = connection.prepare(&format!("SELECT {literal}")).unwrap();
        let mut rows = statement.query([]).unwrap();
        let row = rows.next().unwrap().unwrap();
        let cell = match row.get_ref(0).unwrap() {
            ValueRef::Null => CellRef::Null,
            ValueRef::Integer(v) => CellRef::Int(v),
            ValueRef::Real(v) => CellRef::Real(v),
            ValueRef::Text(v) => CellRef::Text(std::str::from_utf8(v).unwrap()),
            ValueRef::Blob(v) => CellRef::Bytes(v),
        };
        let mut text = String::new();
        canonical_text(cell, &mut text);
        assert_eq!(text, vector["canonical"].as_str().unwrap(), "{literal}");
        assert_eq!(hash_canonical(&text), vector["hash"].as_i64().unwrap(), "{text}");
    }
}

fn integers_to(last: i64) -> Fingerprint {
    let mut builder = FingerprintBuilder::new(DataType::Integer);
    (1..=last).for_each(|n| {
        builder.push(CellRef::Int(n));
    });
    builder.finish()
}

#[test]
fn columns_keep_the_hashes_that_trino_keeps() {
    for vector in vectors("columns") {
        let found = integers_to(vector["integers_from_1_to"].as_i64().unwrap());
        let smallest: Vec<i64> =
            vector["smallest_hashes"].as_array().unwrap().iter().map(|h| h.as_i64().unwrap()).collect();
        assert_eq!(found.hashes[..smallest.len()], smallest);
        assert_eq!(found.hashes.last().copied(), vector["last_hash"].as_i64());
    }
}

#[test]
fn stored_bytes_of_every_version_are_read() {
    for vector in vectors("columns") {
        let fingerprint = integers_to(vector["integers_from_1_to"].as_i64().unwrap());
        let hex: String = to_bytes(&fingerprint).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, vector["bytes"].as_str().unwrap());
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
        assert!(from_bytes(&bytes).is_ok_and(|back| back == fingerprint));
    }
}
