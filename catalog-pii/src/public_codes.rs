//! Which values may leave the process: codes that many rows share and that no recogniser knows.

use catalog_core::model::{CellRef, PiiDecision, PiiVerdict, ProfiledTable, RawColumnValues};

use crate::column_hits::{cell_text, hits_of};
use crate::house_rules::HouseRules;
use crate::naming::{ColumnWords, column_words};
use crate::recognisers::Strength;
use crate::text::{CellText, normalise};

/// Most distinct values of a column of codes.
const DISTINCT_MAX: usize = 50;
/// Rows that must share a code.
const SEEN_MIN: u64 = 10;
/// Characters of a code.
const CHARS_MAX: usize = 32;

/// The public codes a column, in the table's order: all values of a column whose verdict is clear, when there are at
/// most 50, each seen at least 10 times, of at most 32 characters, and no recogniser finds more than a possible value
/// in any of them. One value that fails makes the whole column private: none of its values is listed.
pub fn public_codes(profiled: &ProfiledTable, verdicts: &[PiiVerdict]) -> Vec<Vec<String>> {
    codes_of(profiled, verdicts, &HouseRules::default())
}

/// The same under the operator's rules: a value that they know is none of them.
pub(crate) fn codes_of(profiled: &ProfiledTable, verdicts: &[PiiVerdict], house: &HouseRules) -> Vec<Vec<String>> {
    let names = column_words(profiled.profile.columns.iter().map(|c| c.name.as_str()));
    profiled
        .values
        .iter()
        .enumerate()
        .map(|(i, values)| {
            let clear = verdicts.get(i).is_some_and(|v| v.decision == PiiDecision::Clear && !v.any_yes());
            if clear { codes(values, house, names.get(i)).unwrap_or_default() } else { Vec::new() }
        })
        .collect()
}

fn codes(values: &RawColumnValues, house: &HouseRules, column: Option<&ColumnWords>) -> Option<Vec<String>> {
    if !values.top_complete || values.top.len() > DISTINCT_MAX {
        return None;
    }
    values
        .top
        .iter()
        .map(|(cell, seen)| (*seen >= SEEN_MIN).then(|| code(cell.as_ref(), house, column)).flatten())
        .collect()
}

/// The value as the masker writes it, if it may be public.
fn code(cell: CellRef<'_>, house: &HouseRules, column: Option<&ColumnWords>) -> Option<String> {
    let text = match cell {
        CellRef::Bool(value) => return Some(value.to_string()),
        other => cell_text(other)?,
    };
    let (normal, _) = normalise(text, CHARS_MAX * 4 + 1);
    let view = CellText::new(&normal);
    let known = hits_of(&view, house, column).iter().any(|h| h.strength > Strength::Weak);
    let printable = !normal.chars().any(char::is_control);
    (!known && printable && normal.chars().count() <= CHARS_MAX).then(|| normal.into_owned())
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{PiiVote, ProfiledTable, RawCell, SampleMethod, TableProfile, Verdict};

    use super::*;

    fn codes_of(values: &[(&str, u64)], complete: bool, verdict: Verdict) -> Vec<String> {
        let top = values.iter().map(|(v, n)| (RawCell::Text((*v).into()), *n)).collect();
        let profiled = ProfiledTable {
            profile: TableProfile {
                row_count: 100,
                row_count_exact: true,
                rows_seen: 100,
                method: SampleMethod::FullScan,
                columns: Vec::new(),
            },
            values: vec![RawColumnValues { top, top_complete: complete, ..RawColumnValues::default() }],
            fingerprints: Vec::new(),
        };
        let vote = PiiVote { voter: "v".into(), verdict, score: 1.0, entity: None };
        let decision = if verdict == Verdict::Yes { PiiDecision::Disputed } else { PiiDecision::Clear };
        let verdict =
            PiiVerdict { column: "c".into(), decision, entity: None, checksum_alone: false, votes: vec![vote] };
        public_codes(&profiled, &[verdict]).remove(0)
    }

    #[test]
    fn codes_that_many_rows_share_are_public() {
        assert_eq!(codes_of(&[("OPEN", 60), ("CLOSED", 40)], true, Verdict::No), ["OPEN", "CLOSED"]);
    }

    #[test]
    fn one_doubtful_value_keeps_the_column_private() {
        assert!(codes_of(&[("OPEN", 60), ("RARE", 9)], true, Verdict::No).is_empty());
        assert!(codes_of(&[("OPEN", 60), ("ann@example.org", 40)], true, Verdict::No).is_empty());
        assert!(codes_of(&[("OPEN", 60), ("Jean Dupont", 40)], true, Verdict::No).is_empty());
        assert!(codes_of(&[("OPEN", 60), (&"x".repeat(33), 40)], true, Verdict::No).is_empty());
        assert!(codes_of(&[("OPEN", 60)], false, Verdict::No).is_empty());
        assert!(codes_of(&[("OPEN", 60)], true, Verdict::Yes).is_empty());
    }
}
