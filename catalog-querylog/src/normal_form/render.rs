//! Pieces to one line of text with regular spaces.

use super::keywords::is_called;
use super::mask::Piece;

/// Prints a piece; a parameter prints nothing, its place is filled later.
pub(super) fn print_piece(piece: &Piece, into: &mut String) {
    match piece {
        Piece::Keyword(word) | Piece::Other(word) => into.push_str(word),
        Piece::Name { text, .. } => into.push_str(text),
        Piece::Parameter(_) => {}
    }
}

/// Does a space stand between the two? Without it where that is usual, so that the text parses again to the same.
pub(super) fn spaced(before: &Piece, piece: &Piece) -> bool {
    if let Piece::Other(mark) = piece
        && matches!(mark.as_str(), "," | ")" | "]" | "." | "::")
    {
        return false;
    }
    if let Piece::Other(mark) = before
        && matches!(mark.as_str(), "(" | "[" | "." | "::")
    {
        return false;
    }
    match piece {
        Piece::Other(open) if open == "(" => match before {
            Piece::Name { .. } => false,
            Piece::Keyword(word) => !is_called(&word.to_lowercase()),
            _ => true,
        },
        Piece::Other(open) if open == "[" => matches!(before, Piece::Other(mark) if mark != ")" && mark != "]"),
        _ => true,
    }
}
