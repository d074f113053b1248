//! Bounding and normalising a text, so that one recogniser serves every way of writing a value.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// At most `bytes_max` bytes of the text, in Unicode's compatibility form NFKC (UAX #15): full-width digits become
/// digits, no-break spaces spaces. Invisible characters go, and letters of other scripts that look Latin become
/// Latin inside a word that has ASCII in it. ASCII text is borrowed. The flag says that the text was cut.
pub(crate) fn normalise<'a>(text: impl Into<Cow<'a, str>>, bytes_max: usize) -> (Cow<'a, str>, bool) {
    let mut text = text.into();
    let cut = text.len() > bytes_max;
    if cut {
        let end = text.floor_char_boundary(bytes_max);
        match &mut text {
            Cow::Borrowed(borrowed) => *borrowed = &borrowed[..end],
            Cow::Owned(owned) => owned.truncate(end),
        }
    }
    if text.is_ascii() {
        return (text, cut);
    }
    let composed: String = text.nfkc().filter(|c| !is_invisible(*c)).map(plain).collect();
    (Cow::Owned(latinise(&composed)), cut)
}

/// Lower case without accents: `Éloïse` → `eloise`, `Bjørn` → `bjorn`. ASCII lower case is borrowed.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ø' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            '’' => folded.push('\''),
            other => folded.push(other),
        }
    }
    Cow::Owned(folded)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Dashes as `-`, and the digits of Arabic, Persian, Indic and Thai writing as ASCII's, which NFKC leaves.
fn plain(c: char) -> char {
    const ZEROS: [u32; 11] = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xe50];
    if c.is_ascii() {
        return c;
    }
    if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') {
        return '-';
    }
    let digit = ZEROS.iter().filter_map(|zero| u32::from(c).checked_sub(*zero)).find(|d| *d < 10);
    digit.and_then(|d| char::from_digit(d, 10)).unwrap_or(c)
}

/// Replaces look-alikes in words that mix scripts.
fn latinise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let mixed = word.chars().any(|c| c.is_ascii_alphanumeric()) && word.chars().any(|c| look_alike(c).is_some());
        if mixed {
            out.extend(word.chars().map(|c| look_alike(c).unwrap_or(c)));
        } else {
            out.push_str(word);
        }
    }
    out
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'Υ' => 'Y',
        'Ζ' => 'Z',
        'а' | 'α' => 'a',
        'с' => 'c',
        'е' => 'e',
        'і' => 'i',
        'ј' => 'j',
        'о' | 'ο' => 'o',
        'р' => 'p',
        'ѕ' => 's',
        'у' => 'y',
        'х' => 'x',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_spaces_and_look_alikes_become_plain() {
        assert_eq!(normalise("４１１１\u{a0}11", 100).0, "4111 11");
        assert_eq!(normalise("FR76\u{200b}3000", 100).0, "FR763000");
        assert_eq!(normalise("аnn@example.org", 100).0, "ann@example.org");
        assert_eq!(normalise("٤١١١ ۱۲ १२", 100).0, "4111 12 12");
        assert_eq!(normalise("Анна", 100).0, "Анна");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let (text, cut) = normalise("aéé", 2);
        assert!(cut);
        assert_eq!(text, "a");
    }

    #[test]
    fn folding_drops_case_and_accents() {
        assert_eq!(fold("Éloïse"), "eloise");
        assert_eq!(fold("BJØRN"), "bjorn");
        assert_eq!(fold("Straße"), "strasse");
    }
}
