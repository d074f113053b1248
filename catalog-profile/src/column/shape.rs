//! The outline of a value and a bounded count of outlines.

use catalog_core::model::ShapeShare;

/// A longer shape is cut here; the cut is marked by `…`.
const SHAPE_CHARS_MAX: usize = 32;

/// Different shapes that are told apart in a column; what comes later counts as none of them.
const SHAPES_MAX: usize = 64;

/// Shapes that a profile lists.
const SHAPES_LISTED: usize = 5;

/// A value of this many marks and no letter or digit could be told from its shape (`!#$`), so it has none.
const MARKS_MAX: usize = 2;

/// Writes the shape of `text` into `out` (cleared first) and gives its number of characters and of words. Upper case
/// becomes `A` and every other letter `a`, with runs folded; digits become `9` one by one; ASCII punctuation and
/// spaces stay, with runs folded; anything else becomes `?`.
pub(super) fn write_shape(text: &str, out: &mut Vec<u8>) -> TextFacts {
    out.clear();
    let mut facts = TextFacts { chars: 0, words: 0 };
    let (mut last, mut in_word, mut cut, mut plain) = (0_u8, false, false, true);
    let mut take = |class: u8| {
        facts.chars += 1;
        let space = class == b' ';
        facts.words += u32::from(!space && !in_word);
        in_word = !space;
        plain &= !matches!(class, b'A' | b'a' | b'9');
        if class == last && class != b'9' {
            return;
        }
        last = class;
        if out.len() < SHAPE_CHARS_MAX {
            out.push(class);
        } else {
            cut = true;
        }
    };
    if text.is_ascii() {
        text.bytes().for_each(|b| take(ASCII_CLASS[usize::from(b & 127)]));
    } else {
        text.chars().for_each(|c| take(class_of(c)));
    }
    if plain && out.len() > MARKS_MAX {
        out.clear();
        out.push(b'?');
    } else if cut {
        out.extend_from_slice("…".as_bytes());
    }
    facts
}

/// What a text is besides its shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TextFacts {
    pub(super) chars: u32,
    pub(super) words: u32,
}

const ASCII_CLASS: [u8; 128] = {
    let mut classes = [b'?'; 128];
    let mut i = 0;
    while i < 128 {
        let byte = i as u8;
        classes[i] = if byte.is_ascii_digit() {
            b'9'
        } else if byte.is_ascii_uppercase() {
            b'A'
        } else if byte.is_ascii_lowercase() {
            b'a'
        } else if byte.is_ascii_punctuation() {
            byte
        } else if byte.is_ascii_whitespace() {
            b' '
        } else {
            b'?'
        };
        i += 1;
    }
    classes
};

fn class_of(c: char) -> u8 {
    if c.is_ascii() {
        ASCII_CLASS[c as usize]
    } else if c.is_uppercase() {
        b'A'
    } else if c.is_alphabetic() {
        b'a'
    } else if c.is_numeric() {
        b'9'
    } else if c.is_whitespace() {
        b' '
    } else {
        b'?'
    }
}

/// Index of a shape in its column; [`NO_SHAPE`] for none.
pub(super) type ShapeId = u8;

pub(super) const NO_SHAPE: ShapeId = u8::MAX;

/// Counts how often each shape occurs. Keeps the first [`SHAPES_MAX`] shapes.
#[derive(Default)]
pub(super) struct ShapeCounter {
    /// FNV-1a hashes of the shapes, side by side so that looking one up is a short scan.
    hashes: Vec<u64>,
    shapes: Vec<(Box<str>, u64)>,
    /// The ids of whole numbers' shapes by digits and sign.
    integers: [[Option<ShapeId>; 2]; 20],
}

impl ShapeCounter {
    /// The id of a shape, which is counted by [`ShapeCounter::count`] alone.
    pub(super) fn id_of(&mut self, shape: &[u8]) -> ShapeId {
        let hash = fnv1a(shape);
        for (id, known) in self.hashes.iter().enumerate() {
            if *known == hash && self.shapes[id].0.as_bytes() == shape {
                return id as ShapeId;
            }
        }
        if self.hashes.len() == SHAPES_MAX {
            return NO_SHAPE;
        }
        self.hashes.push(hash);
        self.shapes.push((String::from_utf8_lossy(shape).into(), 0));
        (self.hashes.len() - 1) as ShapeId
    }

    /// The id of the shape of a whole number of so many digits.
    pub(super) fn id_of_integer(&mut self, negative: bool, digits: usize) -> ShapeId {
        let slot = digits.min(19);
        if let Some(id) = self.integers[slot][usize::from(negative)] {
            return id;
        }
        let shape: Vec<u8> = negative.then_some(b'-').into_iter().chain(std::iter::repeat_n(b'9', digits)).collect();
        let id = self.id_of(&shape);
        self.integers[slot][usize::from(negative)] = Some(id);
        id
    }

    pub(super) fn count(&mut self, id: ShapeId) {
        if let Some((_, count)) = self.shapes.get_mut(usize::from(id)) {
            *count += 1;
        }
    }

    /// The commonest shapes with their share of `filled` values.
    pub(super) fn commonest(self, filled: u64) -> Vec<ShapeShare> {
        let mut shapes = self.shapes;
        shapes.retain(|(_, count)| *count > 0);
        shapes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        shapes.truncate(SHAPES_LISTED);
        let share = |count: u64| (count as f64 / filled.max(1) as f64) as f32;
        shapes.into_iter().map(|(shape, count)| ShapeShare { shape: shape.into(), share: share(count) }).collect()
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(text: &str) -> String {
        let mut out = Vec::new();
        write_shape(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn letters_fold_and_digits_keep_their_number() {
        assert_eq!(shape("2024-02-29"), "9999-99-99");
        assert_eq!(shape("Dupont"), "Aa");
        assert_eq!(shape("anna.b@example.org"), "a.a@a.a");
        assert_eq!(shape("Été à Zürich  99"), "Aa a Aa 99");
        assert_eq!(shape("+33 6 12"), "+99 9 99");
        assert_eq!(shape("日本"), "a");
        assert_eq!(shape(""), "");
    }

    #[test]
    fn a_secret_of_marks_alone_is_not_its_own_shape() {
        assert_eq!(shape("!#$%&*()"), "?");
        assert_eq!(shape("-"), "-");
        assert_eq!(shape("--"), "-");
    }

    #[test]
    fn a_long_shape_is_cut_and_says_so() {
        assert_eq!(shape(&"9".repeat(40)), format!("{}…", "9".repeat(32)));
    }

    #[test]
    fn words_and_characters_are_counted() {
        let mut out = Vec::new();
        assert_eq!(write_shape(" deux  mots à", &mut out), TextFacts { chars: 13, words: 3 });
        assert_eq!(write_shape("", &mut out), TextFacts { chars: 0, words: 0 });
    }

    #[test]
    fn shapes_beyond_the_limit_are_not_kept() {
        let mut counter = ShapeCounter::default();
        for i in 0..200_usize {
            let mut text = format!("{i:08b}").replace('0', "a-").replace('1', "9.");
            text.truncate(16);
            let id = counter.id_of(text.as_bytes());
            counter.count(id);
        }
        assert_eq!(counter.shapes.len(), SHAPES_MAX);
    }

    #[test]
    fn an_integer_has_the_shape_of_its_text() {
        let mut counter = ShapeCounter::default();
        assert_eq!(counter.id_of_integer(true, 3), counter.id_of(b"-999"));
        assert_eq!(counter.id_of_integer(false, 19), counter.id_of("9".repeat(19).as_bytes()));
    }

    proptest! {
        #[test]
        fn a_shape_holds_no_letter_or_digit_of_its_value(text in ".{0,60}") {
            let shape = shape(&text);
            prop_assert!(shape.chars().all(|c| !c.is_alphanumeric() || matches!(c, 'A' | 'a' | '9')), "{}", shape);
        }

        #[test]
        fn renaming_every_letter_and_digit_keeps_the_shape(text in "[A-Za-z0-9 .@-]{0,30}") {
            let renamed: String = text.chars().map(|c| match c {
                'A'..='Z' => 'Q',
                'a'..='z' => 'q',
                '0'..='9' => '7',
                c => c,
            }).collect();
            prop_assert_eq!(shape(&text), shape(&renamed));
        }
    }
}
