//! A fingerprint as bytes, for whoever stores or ships one. They are a dictionary of small columns: seal them.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version of this form: 1 |
//! | 1 | version of the fingerprint |
//! | 1 | family, by its place in [`FAMILIES`] |
//! | 1 | flags: distinct exact 1, complete 2, integer range 4, length range 8 |
//! | varints | rows, NULLs, distinct |
//! | 4 | the family's share, f32 |
//! | 16 | if flagged: smallest and largest whole number, i64 |
//! | varints | if flagged: shortest and longest text |
//! | varint, text | the shape's length in bytes, the shape in UTF-8 |
//! | varint | the number of hashes |
//! | 1, bits | if there are any: Rice parameter r; each gap to the hash before (the first: to the smallest i64) as gap ÷ 2^r ones, a zero, and the r low bits; filled up with zeros |
//!
//! Varints are LEB128, numbers little-endian, bits from the lowest of each byte. Sorted hashes of n values lie 2⁶⁴/n
//! apart, so a hash of a column of a million values takes 5.7 bytes instead of 8 (Golomb 1966, Rice 1979).

use catalog_core::model::{FINGERPRINT_K, Fingerprint, ValueFamily};
use catalog_core::{Error, ErrorKind, Result};

const FORM: u8 = 1;
const DISTINCT_EXACT: u8 = 1;
const COMPLETE: u8 = 2;
const INTEGER_RANGE: u8 = 4;
const LENGTH_RANGE: u8 = 8;
const SHAPE_BYTES_MAX: u64 = 1_024;

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

/// Writes a fingerprint: at most about a kibibyte, a few hundred bytes for most columns.
pub fn to_bytes(f: &Fingerprint) -> Vec<u8> {
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    let flags = flag(f.distinct_exact, DISTINCT_EXACT)
        | flag(f.complete, COMPLETE)
        | flag(f.integer_range.is_some(), INTEGER_RANGE)
        | flag(f.length_range.is_some(), LENGTH_RANGE);
    let family = FAMILIES.iter().position(|family| *family == f.family).unwrap_or_default();
    let mut out = vec![FORM, f.version, family as u8, flags];
    for count in [f.rows, f.nulls, f.distinct] {
        write_varint(&mut out, count);
    }
    out.extend(f.family_share.to_le_bytes());
    if let Some((low, high)) = f.integer_range {
        out.extend(low.to_le_bytes());
        out.extend(high.to_le_bytes());
    }
    if let Some((low, high)) = f.length_range {
        write_varint(&mut out, low.into());
        write_varint(&mut out, high.into());
    }
    write_varint(&mut out, f.shape.len() as u64);
    out.extend(f.shape.as_bytes());
    write_varint(&mut out, f.hashes.len() as u64);
    write_hashes(&mut out, &f.hashes);
    out
}

/// Reads what [`to_bytes`] wrote.
///
/// # Errors
/// `Corrupt` when the bytes are anything else, `Unsupported` when a later version wrote them.
pub fn from_bytes(bytes: &[u8]) -> Result<Fingerprint> {
    if bytes.first().is_some_and(|form| *form > FORM) {
        return Err(Error::new(ErrorKind::Unsupported, "read_fingerprint", "a later version wrote it")
            .hint("update catalog-fk, or take the fingerprint again"));
    }
    read(bytes).ok_or_else(|| {
        Error::new(ErrorKind::Corrupt, "read_fingerprint", "the bytes are no fingerprint")
            .hint("take the fingerprint again")
    })
}

fn read(mut rest: &[u8]) -> Option<Fingerprint> {
    let rest = &mut rest;
    let [FORM, version, family, flags] = read_array(rest)? else { return None };
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
    let shape_bytes = read_varint(rest).filter(|n| *n <= SHAPE_BYTES_MAX)?;
    let (shape, after) = rest.split_at_checked(shape_bytes as usize)?;
    let shape = std::str::from_utf8(shape).ok()?.to_owned();
    *rest = after;
    let count = read_varint(rest).filter(|n| *n <= FINGERPRINT_K as u64)?;
    let hashes = read_hashes(rest, count as usize)?;
    (nulls <= rows && rest.is_empty()).then_some(Fingerprint {
        version,
        rows,
        nulls,
        distinct,
        distinct_exact: flags & DISTINCT_EXACT != 0,
        hashes,
        complete: flags & COMPLETE != 0,
        family,
        family_share,
        integer_range,
        length_range,
        shape,
    })
}

/// The hashes as distances, the first one from the smallest number.
fn gaps(hashes: &[i64]) -> impl Iterator<Item = u64> {
    let before = std::iter::once(i64::MIN).chain(hashes.iter().copied());
    hashes.iter().zip(before).map(|(hash, before)| hash.wrapping_sub(before) as u64)
}

fn write_hashes(out: &mut Vec<u8>, hashes: &[i64]) {
    let Some(last) = hashes.last() else { return };
    let mean = (last.wrapping_sub(i64::MIN) as u64) / hashes.len() as u64;
    let rice = mean.max(1).ilog2();
    out.push(rice as u8);
    let mut bits = Vec::new();
    for gap in gaps(hashes) {
        bits.extend((0..gap >> rice).map(|_| true));
        bits.push(false);
        bits.extend((0..rice).map(|i| gap >> i & 1 == 1));
    }
    out.extend(bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (i, bit)| sum | u8::from(*bit) << i)));
}

fn read_hashes(rest: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let [rice] = read_array(rest).filter(|[rice]| *rice < 64)?;
    let mut bits = Bits { bytes: rest, at: 0 };
    let (mut hashes, mut place) = (Vec::with_capacity(count), 0_u64);
    for number in 0..count {
        let mut ones = 0_u64;
        while bits.next()? == 1 {
            ones += 1;
        }
        let mut gap = ones.checked_mul(1 << rice)?;
        for i in 0..rice {
            gap |= bits.next()? << i;
        }
        if number > 0 && gap == 0 {
            return None;
        }
        place = place.checked_add(gap)?;
        hashes.push(i64::MIN.wrapping_add_unsigned(place));
    }
    while !bits.at.is_multiple_of(8) {
        if bits.next()? == 1 {
            return None;
        }
    }
    *rest = &rest[bits.at / 8..];
    Some(hashes)
}

/// Bits from the lowest of each byte.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn next(&mut self) -> Option<u64> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Some(u64::from(bit))
    }
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

#[cfg(test)]
mod tests {
    use catalog_core::model::{CellRef, DataType};
    use proptest::prelude::*;

    use super::*;
    use crate::fingerprint::FingerprintBuilder;

    fn of_integers(values: impl Iterator<Item = i64>) -> Fingerprint {
        let mut builder = FingerprintBuilder::new(DataType::Integer);
        values.for_each(|v| {
            builder.push(CellRef::Int(v));
        });
        builder.finish()
    }

    #[test]
    fn a_sketch_takes_fewer_bytes_than_its_hashes() {
        assert!(to_bytes(&of_integers(0..200_000)).len() < 128 * 7);
        assert!(to_bytes(&of_integers(0..30)).len() < 300);
        assert!(to_bytes(&of_integers(0..0)).len() < 16);
    }

    #[test]
    fn bytes_after_the_end_missing_bytes_and_later_versions_are_refused() {
        let bytes = to_bytes(&of_integers(0..500));
        let kind = |bytes: &[u8]| from_bytes(bytes).err().map(|e| e.kind());
        assert_eq!(kind(&[bytes.as_slice(), &[0]].concat()), Some(ErrorKind::Corrupt));
        assert_eq!(kind(&bytes[..bytes.len() - 1]), Some(ErrorKind::Corrupt));
        assert_eq!(kind(&[&[FORM + 1], &bytes[1..]].concat()), Some(ErrorKind::Unsupported));
        assert_eq!(kind(&[]), Some(ErrorKind::Corrupt));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(values in prop::collection::vec(any::<i64>(), 0..300), wide in any::<bool>()) {
            let mut f = of_integers(values.iter().map(|v| if wide { *v } else { v % 50 }));
            prop_assert!(from_bytes(&to_bytes(&f)).is_ok_and(|back| back == f));
            f.hashes = values.into_iter().take(FINGERPRINT_K).collect();
            f.hashes.sort_unstable();
            f.hashes.dedup();
            prop_assert!(from_bytes(&to_bytes(&f)).is_ok_and(|back| back == f));
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_bytes(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = FORM;
            }
            let _ = from_bytes(&bytes);
        }
    }
}
