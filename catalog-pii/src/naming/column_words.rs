//! The words of a table's column names, with and without a prefix that all columns share (`sbcustname`,
//! `c_name`): legacy schemas repeat the table's name in front of each column.

use super::words;

/// The words of one column's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnWords {
    /// Of the whole name.
    pub(crate) full: Vec<String>,
    /// Of the name without the prefix that all columns share; `None` when they share none.
    pub(crate) stripped: Option<Vec<String>>,
}

/// Fewer columns share a prefix by accident.
const COLUMNS_MIN: usize = 3;

/// Reads all column names of a table.
pub(crate) fn column_words<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<ColumnWords> {
    let names: Vec<&str> = names.into_iter().collect();
    let shared = if names.len() >= COLUMNS_MIN { shared_prefix(&names) } else { 0 };
    names
        .iter()
        .map(|name| ColumnWords { full: words(name), stripped: (shared > 1).then(|| words(&name[shared..])) })
        .collect()
}

/// Bytes of the prefix that all names share, cut back to a word's end where the names show one, and leaving
/// something of each name.
fn shared_prefix(names: &[&str]) -> usize {
    let first = names[0];
    let mut shared = names
        .iter()
        .map(|name| {
            first.bytes().zip(name.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b) && a.is_ascii()).count()
        })
        .min()
        .unwrap_or(0);
    if let Some(underscore) = first[..shared].rfind('_') {
        shared = underscore + 1;
    } else if names.iter().any(|n| n.contains('_')) {
        return 0;
    } else if names.iter().any(|n| n.bytes().any(|b| b.is_ascii_lowercase()))
        && first.bytes().any(|b| b.is_ascii_uppercase())
    {
        while shared > 0 && !names.iter().all(|n| n.as_bytes().get(shared).is_some_and(u8::is_ascii_uppercase)) {
            shared -= 1;
        }
    }
    if names.iter().any(|n| n.len() <= shared) { 0 } else { shared }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(names: &[&str]) -> Vec<Option<Vec<String>>> {
        column_words(names.iter().copied()).into_iter().map(|c| c.stripped).collect()
    }

    #[test]
    fn a_prefix_of_all_columns_is_taken_off() {
        let word = |w: &str| Some(vec![w.to_owned()]);
        assert_eq!(stripped(&["sbcustid", "sbcustname", "sbcustemail"]), [word("id"), word("name"), word("email")]);
        assert_eq!(stripped(&["c_id", "c_name", "c_city"]), [word("id"), word("name"), word("city")]);
        assert_eq!(stripped(&["cuId", "cuName", "cuNotes"]), [word("id"), word("name"), word("notes")]);
    }

    #[test]
    fn names_without_a_common_prefix_stay() {
        assert_eq!(stripped(&["id", "name", "city"]), [None, None, None]);
        assert_eq!(stripped(&["user_id", "user_name"]), [None, None]);
        assert_eq!(stripped(&["id", "id_card", "id_no"]), [None, None, None]);
    }
}
