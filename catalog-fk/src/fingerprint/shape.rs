//! The outline of a value: what kind of characters it is written with.

const SHAPE_CHARS_MAX: usize = 32;
const SHAPES_MAX: usize = 16;
const VALUES_MAX: u32 = 1024;

/// Counts the shapes of the first 1,024 values; at most 16 different ones are told apart.
#[derive(Default)]
pub(super) struct ShapeCounter {
    shapes: Vec<(String, u32)>,
    seen: u32,
    buffer: String,
}

impl ShapeCounter {
    pub(super) fn push(&mut self, canonical: &str) {
        if self.seen >= VALUES_MAX {
            return;
        }
        self.seen += 1;
        write_shape(canonical, &mut self.buffer);
        if let Some((_, count)) = self.shapes.iter_mut().find(|(s, _)| *s == self.buffer) {
            *count += 1;
        } else if self.shapes.len() < SHAPES_MAX {
            self.shapes.push((self.buffer.clone(), 1));
        }
    }

    /// The commonest shape; the first in alphabetical order among equals, empty when nothing was counted.
    pub(super) fn commonest(self) -> String {
        self.shapes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0))).map_or(String::new(), |s| s.0)
    }
}

/// Upper case as `A`, lower case and other letters as `a` with runs folded, digits as `9` one by one, the rest kept;
/// cut after 32 characters.
fn write_shape(text: &str, out: &mut String) {
    out.clear();
    let mut last = '\0';
    let mut length = 0;
    for c in text.chars() {
        let class = match c {
            '0'..='9' => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphanumeric() => 'a',
            c => c,
        };
        if class == last && class != '9' {
            continue;
        }
        if length == SHAPE_CHARS_MAX {
            break;
        }
        out.push(class);
        length += 1;
        last = class;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_fold_and_digits_keep_their_number() {
        let mut counter = ShapeCounter::default();
        for value in ["AB-2024-Été", "CD-1999-Abc", "x"] {
            counter.push(value);
        }
        assert_eq!(counter.commonest(), "A-9999-Aa");
    }
}
