//! Pieces to one line of text with regular spaces.

use super::keywords::is_called;
use super::mask::Piece;

/// Prints the pieces so that they parse again to the same query.
pub(super) fn render(pieces: &[Piece]) -> String {
    let mut text = String::with_capacity(pieces.len() * 6);
    for (i, piece) in pieces.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| &pieces[b]);
        if before.is_some_and(|before| spaced(before, piece)) {
            text.push(' ');
        }
        match piece {
            Piece::Keyword(word) | Piece::Other(word) => text.push_str(word),
            Piece::Name { text: name, .. } => text.push_str(name),
            Piece::Parameter(index) => {
                text.push_str(":p");
                text.push_str(&(index + 1).to_string());
            }
        }
    }
    text
}

fn spaced(before: &Piece, piece: &Piece) -> bool {
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
