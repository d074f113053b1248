//! Texts that shape a query and are too narrow in form to hold a value.

/// First parts of the names of time zones.
const REGIONS: [&str; 11] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Etc",
    "Europe",
    "Indian",
    "Pacific",
];

/// Longest such text, in bytes.
const BYTES_MAX: usize = 64;

/// Most digits in a row.
const DIGITS_MAX: usize = 4;

/// `%Y-%m-%d`, `yyyy-MM-dd HH:mm`: only specifiers and separators, so that no word fits.
pub(super) fn is_date_format(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    let mut specifiers = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' if bytes.get(i + 1).is_some_and(u8::is_ascii_alphabetic) => {
                specifiers += 1;
                i += 2;
            }
            b'-' | b'/' | b':' | b'.' | b' ' | b',' => i += 1,
            letter if b"yYMdHhmsSEQ".contains(&letter) => {
                while bytes.get(i) == Some(&letter) {
                    i += 1;
                }
                specifiers += 1;
            }
            _ => return false,
        }
    }
    specifiers > 0 && text.len() <= 32
}

/// `UTC`, `Europe/Paris`, `+02:00`.
pub(super) fn is_time_zone(text: &str) -> bool {
    let named = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '/' | '-'));
    let region = text.split_once('/').is_some_and(|(region, city)| REGIONS.contains(&region) && named(city));
    let offset =
        text.len() <= 6 && text.starts_with(['+', '-']) && text[1..].bytes().all(|b| b.is_ascii_digit() || b == b':');
    text.len() <= BYTES_MAX && (matches!(text, "UTC" | "GMT" | "Z") || region || offset)
}

/// `lax $.a.b[0]`, `$.store.book[*]`: names behind dots, and small numbers.
pub(super) fn is_json_path(text: &str) -> bool {
    let path = text.strip_prefix("lax ").or_else(|| text.strip_prefix("strict ")).unwrap_or(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '*');
    let Some(steps) = path.strip_prefix('$') else { return false };
    let digits = steps.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    text.len() <= BYTES_MAX
        && digits <= DIGITS_MAX
        && steps.chars().all(fits)
        && !steps.starts_with(|c: char| c.is_alphanumeric())
}

/// `, `, `-`: up to three signs or spaces.
pub(super) fn is_separator(text: &str) -> bool {
    text.len() <= 3 && text.bytes().all(|b| b.is_ascii_punctuation() || b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_of_a_narrow_form_are_constants() {
        assert!(["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "+02:00"].into_iter().all(is_time_zone));
        assert!(!["Dupont", "Jean/Dupont", "Europe/Paris 75001", "+33612345678"].into_iter().any(is_time_zone));
        assert!(["$", "lax $.x", "strict $.a_b[0].c", "$.store.book[*]"].into_iter().all(is_json_path));
        assert!(
            !["Dupont", "$Dupont", "lax $.x ? (@ == 1)", "$.a[0612345678]", "$.\"Jean\""].into_iter().any(is_json_path)
        );
        assert!([", ", "-", "", " | "].into_iter().all(is_separator));
        assert!(!["a", "1", "----"].into_iter().any(is_separator));
        assert!(is_date_format("%Y-%m-%d") && !is_date_format("Dupont"));
    }
}
