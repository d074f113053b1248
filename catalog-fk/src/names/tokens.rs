//! Names to words: `ArtistId`, `artist_ids` and `ARTIST-ID` are all `artist`, `id`.

use super::dictionary::{canonical_word, is_abbreviation};

/// The words of a name in canonical form, lower case, without accents, singular, abbreviations expanded. Numbers at
/// the end of a role (`club_2`) are dropped; a name of digits alone has no words.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for raw in split(name) {
        if raw.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        match unglue(&raw) {
            Some((stem, suffix)) => {
                words.push(canonical_word(&singular(stem)));
                words.push(suffix.to_owned());
            }
            None => match raw.split_at_checked(1) {
                // `cdemo` is an initial before an abbreviation.
                Some((initial, rest)) if is_abbreviation(rest) => {
                    words.push(initial.to_owned());
                    words.push(canonical_word(rest));
                }
                _ => words.push(canonical_word(&singular(&raw))),
            },
        }
    }
    words
}

/// Cuts at punctuation, at a lower-to-upper step, before the last capital of a run (`IDNumber`), and between letters
/// and digits.
fn split(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().map(without_accent).collect();
    let mut parts = Vec::new();
    let mut current = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            flush(&mut current, &mut parts);
            continue;
        }
        if let Some(&before) = i.checked_sub(1).and_then(|j| chars.get(j)) {
            let next_is_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            let step = (before.is_lowercase() && c.is_uppercase())
                || (before.is_uppercase() && c.is_uppercase() && next_is_lower)
                || (before.is_ascii_digit() != c.is_ascii_digit());
            if step {
                flush(&mut current, &mut parts);
            }
        }
        current.extend(c.to_lowercase());
    }
    flush(&mut current, &mut parts);
    parts
}

fn flush(current: &mut String, parts: &mut Vec<String>) {
    if !current.is_empty() {
        parts.push(std::mem::take(current));
    }
}

fn without_accent(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'À' | 'Á' | 'Â' | 'Ä' => 'A',
        'Ç' => 'C',
        'È' | 'É' | 'Ê' | 'Ë' => 'E',
        'Î' | 'Ï' => 'I',
        'Ô' | 'Ö' => 'O',
        'Ù' | 'Û' | 'Ü' => 'U',
        other => other,
    }
}

/// Words that end in `id`, `key` or `code` by nature.
const NOT_GLUED: &[&str] = &[
    "paid", "unpaid", "prepaid", "valid", "invalid", "void", "bid", "grid", "mid", "kid", "lid", "aid", "raid",
    "solid", "fluid", "rapid", "hybrid", "android", "covid", "acid", "avid", "said", "did", "hid", "rid", "maid",
    "zipcode", "postcode", "monkey", "turkey", "hockey", "whiskey", "jersey",
];

/// `stuid` to `stu`, `id`; `custkey` to `cust`, `key`.
fn unglue(word: &str) -> Option<(&str, &'static str)> {
    if NOT_GLUED.contains(&word) && word != "aid" {
        return None;
    }
    [("id", 1), ("key", 2), ("code", 3), ("num", 3), ("uuid", 2), ("guid", 2)].into_iter().rev().find_map(
        |(suffix, stem_min)| {
            let stem = word.strip_suffix(suffix)?;
            (stem.len() >= stem_min && stem.is_ascii()).then_some((stem, suffix))
        },
    )
}

/// Does the last word stand in the plural?
pub(crate) fn ends_in_plural(name: &str) -> bool {
    split(name).last().is_some_and(|w| w.ends_with('s') && singular(w).len() < w.len())
}

fn singular(word: &str) -> String {
    let n = word.len();
    let cut = |k: usize| word[..n - k].to_owned();
    if !word.is_ascii() || n < 4 {
        return word.to_owned();
    }
    if word.ends_with("ies") {
        return cut(3) + "y";
    }
    if word.ends_with("ie") {
        return cut(2) + "y"; // so that movie and movies meet
    }
    if ["sses", "ches", "shes", "xes", "zes", "uses"].iter().any(|e| word.ends_with(e)) {
        return cut(2);
    }
    if word.ends_with('s') && !["ss", "us", "is"].iter().any(|e| word.ends_with(e)) {
        return cut(1);
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        for name in ["ArtistId", "artist_ids", "ARTIST-ID", "artistID", "artistid"] {
            assert_eq!(words(name)[0], "artist", "{name}");
        }
        assert_eq!(words("IDNumber"), ["id", "number"]);
        assert_eq!(words("Club_ID_2"), ["club", "id"]);
        assert_eq!(words("l_orderkey"), ["l", "order", "key"]);
        assert_eq!(words("categories"), words("category"));
        assert_eq!(words("movies"), words("movie"));
        assert_eq!(words("paid"), ["paid"]);
    }

    #[test]
    fn french_and_english_abbreviations_meet() {
        assert_eq!(words("NUM_CLI"), words("num_client"));
        assert_eq!(words("cust_addr"), words("customer_address"));
        assert_eq!(words("Adresse_Société"), words("adr_soc"));
    }

    proptest! {
        #[test]
        fn any_name_splits_without_panic(name in ".{0,40}") {
            let _ = words(&name);
        }
    }
}
