//! What a text changes, word by word.

/// Words that are compared; what follows is shown whole.
const WORDS_MAX: usize = 400;

/// What becomes of some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    Removed,
    Added,
}

/// Words that share a fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) fate: Fate,
    pub(super) text: String,
}

impl Piece {
    pub(super) fn is_removed(&self) -> bool {
        self.fate == Fate::Removed
    }

    pub(super) fn is_added(&self) -> bool {
        self.fate == Fate::Added
    }
}

/// The way from one text to the other over a longest common subsequence of words.
pub(super) fn words(before: &str, after: &str) -> Vec<Piece> {
    let old: Vec<&str> = before.split_whitespace().collect();
    let new: Vec<&str> = after.split_whitespace().collect();
    let mut pieces = Vec::new();
    if old.len() > WORDS_MAX || new.len() > WORDS_MAX {
        push(&mut pieces, Fate::Removed, before);
        push(&mut pieces, Fate::Added, after);
        return pieces;
    }
    // common[i][j]: words that old from i on and new from j on share.
    let mut common = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            push(&mut pieces, Fate::Kept, old[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            push(&mut pieces, Fate::Removed, old[i]);
            i += 1;
        } else {
            push(&mut pieces, Fate::Added, new[j]);
            j += 1;
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, fate: Fate, text: &str) {
    match pieces.last_mut() {
        Some(last) if last.fate == fate => {
            last.text.push(' ');
            last.text.push_str(text);
        }
        _ if text.is_empty() => {}
        _ => pieces.push(Piece { fate, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stays_goes_and_comes_is_told_word_by_word() {
        let told: Vec<_> = words("One row per loan.", "One row per bank loan, by month.")
            .into_iter()
            .map(|p| (p.fate, p.text))
            .collect();
        let expected = [(Fate::Kept, "One row per"), (Fate::Removed, "loan."), (Fate::Added, "bank loan, by month.")];
        assert_eq!(told, expected.map(|(fate, text)| (fate, text.to_owned())));
        assert_eq!(words("", "New."), [Piece { fate: Fate::Added, text: "New.".into() }]);
    }

    proptest! {
        #[test]
        fn either_text_can_be_read_out_of_it(before in "[ab ]{0,30}", after in "[ab ]{0,30}") {
            let pieces = words(&before, &after);
            let read = |not: Fate| {
                let kept = pieces.iter().filter(|p| p.fate != not).map(|p| p.text.as_str());
                kept.collect::<Vec<_>>().join(" ")
            };
            let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(read(Fate::Added), plain(&before));
            prop_assert_eq!(read(Fate::Removed), plain(&after));
        }
    }
}
