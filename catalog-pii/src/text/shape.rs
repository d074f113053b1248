//! A text's shape, character by character.

/// Appends the shape of `text`: upper case `A`, other letters `a`, digits `9`, everything else as it is.
pub(crate) fn shape(text: &str, shaped: &mut String) {
    shaped.extend(text.chars().map(|c| match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        other => other,
    }));
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn a_shape_keeps_the_format_and_no_letter() {
        let mut shaped = String::new();
        shape("AB-1234/é ٣", &mut shaped);
        assert_eq!(shaped, "AA-9999/a 9");
    }
}
