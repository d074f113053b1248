//! Table names in full, so that a normal form means the same in any session.

use std::collections::HashMap;

use sqlparser::tokenizer::Location;

use super::keywords::is_keyword;
use super::mask::{Masked, Piece};

/// A table's name in a FROM clause: where it starts, of how many parts it is, and the parts of its full name.
#[derive(Debug, Clone)]
pub(crate) struct FullName {
    pub(crate) at: Location,
    pub(crate) written_parts: usize,
    pub(crate) parts: Vec<String>,
}

/// Writes the tables' names in full. A column that a query qualifies by the table's own name finds it still.
pub(crate) fn qualify(masked: &mut Masked, names: &[FullName]) {
    let by_place: HashMap<(u64, u64), &FullName> = names.iter().map(|n| ((n.at.line, n.at.column), n)).collect();
    let mut pieces = Vec::with_capacity(masked.pieces.len() + names.len() * 4);
    let mut i = 0;
    while i < masked.pieces.len() {
        let piece = &masked.pieces[i];
        let full = match piece {
            Piece::Name { at, .. } => by_place.get(&(at.line, at.column)).copied(),
            _ => None,
        };
        // `a.b.c` is three names and two dots.
        let width = full.map_or(0, |full| full.written_parts * 2 - 1);
        match full {
            Some(full) if is_name_of(&masked.pieces[i..], width) => {
                for (n, part) in full.parts.iter().enumerate() {
                    if n > 0 {
                        pieces.push(Piece::Other(".".to_owned()));
                    }
                    pieces.push(name(part, full.at));
                }
                i += width;
            }
            _ => {
                pieces.push(piece.clone());
                i += 1;
            }
        }
    }
    masked.pieces = pieces;
}

/// Do the first `width` pieces read as names with dots between them?
fn is_name_of(pieces: &[Piece], width: usize) -> bool {
    width > 0
        && pieces.len() >= width
        && pieces[..width].iter().enumerate().all(|(i, piece)| match piece {
            Piece::Name { .. } => i % 2 == 0,
            Piece::Other(mark) => i % 2 == 1 && mark == ".",
            _ => false,
        })
}

/// A part of a name, in quotes where it must be.
fn name(part: &str, at: Location) -> Piece {
    let lower = part.to_lowercase();
    let starts = lower.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let plain = starts && lower.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !is_keyword(&lower) {
        return Piece::Name { text: lower, quoted: false, at };
    }
    Piece::Name { text: format!("\"{}\"", part.replace('"', "\"\"")), quoted: true, at }
}
