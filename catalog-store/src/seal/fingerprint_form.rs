//! The binary form of fingerprints before they are sealed: about a kibibyte a column.
//!
//! A list is a varint count and then each fingerprint: version, family and flags (a byte each); rows, NULLs and
//! distinct as varints; the family's share as f32; the ranges that the flags announce; the shape; the hashes as a
//! varint count and eight bytes each. Varints are LEB128, numbers little-endian.

use catalog_core::model::{Fingerprint, ValueFamily};

const DISTINCT_EXACT: u8 = 1;
const COMPLETE: u8 = 2;
const INTEGER_RANGE: u8 = 4;
const LENGTH_RANGE: u8 = 8;

/// A family's byte is its place here; new ones go to the end.
const FAMILIES: [ValueFamily; 8] = [
    ValueFamily::Empty,
    ValueFamily::Integer,
    ValueFamily::Decimal,
    ValueFamily::Temporal,
    ValueFamily::Uuid,
    ValueFamily::Text,
    ValueFamily::Boolean,
    ValueFamily::Binary,
];

pub(super) fn write(fingerprints: &[Fingerprint]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fingerprints.len() * 1_100);
    write_varint(&mut out, fingerprints.len() as u64);
    for fingerprint in fingerprints {
        write_one(&mut out, fingerprint);
    }
    out
}

/// `None` when the bytes are not exactly what [`write`] gives.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Fingerprint>> {
    let mut rest = bytes;
    let count = read_varint(&mut rest)?;
    let mut fingerprints = Vec::new();
    for _ in 0..count {
        fingerprints.push(read_one(&mut rest)?);
    }
    rest.is_empty().then_some(fingerprints)
}

fn write_one(out: &mut Vec<u8>, f: &Fingerprint) {
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    let flags = flag(f.distinct_exact, DISTINCT_EXACT)
        | flag(f.complete, COMPLETE)
        | flag(f.integer_range.is_some(), INTEGER_RANGE)
        | flag(f.length_range.is_some(), LENGTH_RANGE);
    let family = FAMILIES.iter().position(|family| *family == f.family).unwrap_or_default();
    out.extend([f.version, family as u8, flags]);
    for count in [f.rows, f.nulls, f.distinct] {
        write_varint(out, count);
    }
    out.extend(f.family_share.to_le_bytes());
    if let Some((low, high)) = f.integer_range {
        out.extend(low.to_le_bytes());
        out.extend(high.to_le_bytes());
    }
    if let Some((low, high)) = f.length_range {
        write_varint(out, low.into());
        write_varint(out, high.into());
    }
    write_varint(out, f.shape.len() as u64);
    out.extend(f.shape.as_bytes());
    write_varint(out, f.hashes.len() as u64);
    for hash in &f.hashes {
        out.extend(hash.to_le_bytes());
    }
}

fn read_one(rest: &mut &[u8]) -> Option<Fingerprint> {
    let [version, family, flags] = read_array(rest)?;
    let family = *FAMILIES.get(usize::from(family))?;
    let (rows, nulls, distinct) = (read_varint(rest)?, read_varint(rest)?, read_varint(rest)?);
    let family_share = f32::from_le_bytes(read_array(rest)?);
    let integer_range = match flags & INTEGER_RANGE {
        0 => None,
        _ => Some((i64::from_le_bytes(read_array(rest)?), i64::from_le_bytes(read_array(rest)?))),
    };
    let length_range = match flags & LENGTH_RANGE {
        0 => None,
        _ => Some((u32::try_from(read_varint(rest)?).ok()?, u32::try_from(read_varint(rest)?).ok()?)),
    };
    let shape_bytes = read_varint(rest)?;
    let shape = std::str::from_utf8(read_slice(rest, shape_bytes)?).ok()?.to_owned();
    let hash_bytes = read_varint(rest)?.checked_mul(8)?;
    let (hashes, _) = read_slice(rest, hash_bytes)?.as_chunks::<8>();
    Some(Fingerprint {
        version,
        rows,
        nulls,
        distinct,
        distinct_exact: flags & DISTINCT_EXACT != 0,
        hashes: hashes.iter().map(|hash| i64::from_le_bytes(*hash)).collect(),
        complete: flags & COMPLETE != 0,
        family,
        family_share,
        integer_range,
        length_range,
        shape,
    })
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = read_array(rest)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn read_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

fn read_slice<'a>(rest: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// proptest prints its inputs, and a fingerprint does not let itself be printed.
    struct Hidden(Fingerprint);

    impl std::fmt::Debug for Hidden {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Fingerprint")
        }
    }

    prop_compose! {
        fn any_fingerprint()(
            (version, rows, nulls, distinct) in any::<(u8, u64, u64, u64)>(),
            (distinct_exact, complete) in any::<(bool, bool)>(),
            hashes in prop::collection::vec(any::<i64>(), 0..130),
            family in prop::sample::select(&FAMILIES[..]),
            family_share in 0.0f32..=1.0,
            integer_range in any::<Option<(i64, i64)>>(),
            length_range in any::<Option<(u32, u32)>>(),
            shape in ".{0,20}",
        ) -> Hidden {
            Hidden(Fingerprint {
                version, rows, nulls, distinct, distinct_exact, hashes, complete, family, family_share, integer_range,
                length_range, shape,
            })
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_written_is_read(columns in prop::collection::vec(any_fingerprint(), 0..4)) {
            let columns: Vec<Fingerprint> = columns.into_iter().map(|hidden| hidden.0).collect();
            prop_assert!(read(&write(&columns)).is_some_and(|back| back == columns));
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn a_full_sketch_takes_little_more_than_its_hashes() {
        let bytes = write(&[catalog_testkit::samples::fingerprint(i64::MIN)]);
        assert!(bytes.len() < 128 * 8 + 48, "{} bytes", bytes.len());
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut bytes = write(&[]);
        bytes.push(0);
        assert!(read(&bytes).is_none());
    }
}
