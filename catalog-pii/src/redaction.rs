//! Masked rows to rows that are fit for a prompt: only public codes stay.

use catalog_core::model::{DataType, MaskedSample, PiiDecision, PiiEntity, PiiVerdict, PromptSample};

use crate::masker::{BINARY, NULL};

/// At most `rows_max` rows in which every cell that is not a public code of its column became a typed placeholder.
/// NULL stays. A column without a verdict, or with another than clear, keeps nothing, whatever `public_codes` says.
///
/// `verdicts`, `public_codes` and `columns` (the logical types) go by the sample's column order; what is missing
/// counts as unknown, none and text.
pub fn redact(
    sample: &MaskedSample,
    verdicts: &[PiiVerdict],
    public_codes: &[Vec<String>],
    columns: &[DataType],
    rows_max: usize,
) -> PromptSample {
    let redact_cell = |(i, cell): (usize, &String)| {
        let verdict = verdicts.get(i);
        let clear = verdict.is_some_and(|v| v.decision == PiiDecision::Clear);
        let public = clear && public_codes.get(i).is_some_and(|codes| codes.contains(cell));
        if cell == NULL || public {
            return cell.clone();
        }
        match verdict.and_then(|v| v.entity) {
            Some(entity) => entity.placeholder(),
            None => placeholder(cell, columns.get(i).copied().unwrap_or(DataType::Text)),
        }
    };
    let rows = sample.rows().iter().take(rows_max).map(|row| row.iter().enumerate().map(redact_cell).collect());
    PromptSample::from_redaction(sample.columns().to_vec(), rows.collect())
}

/// What the masker recognised, else the column's type.
fn placeholder(cell: &str, data_type: DataType) -> String {
    if let Some(entity) = PiiEntity::ALL.iter().find(|e| e.placeholder() == cell) {
        return entity.placeholder();
    }
    let word = match data_type {
        _ if cell == BINARY => BINARY,
        DataType::Boolean => "<BOOLEAN>",
        DataType::Integer | DataType::Decimal | DataType::Float => "<NUMBER>",
        DataType::Date => "<DATE>",
        DataType::Time | DataType::Interval => "<TIME>",
        DataType::Timestamp => "<TIMESTAMP>",
        DataType::Uuid => "<UUID>",
        DataType::Json | DataType::Nested => "<DOCUMENT>",
        DataType::Binary => BINARY,
        DataType::Text | DataType::Unknown => "<TEXT>",
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{PiiVote, Verdict};

    use super::*;

    fn verdict(decision: PiiDecision, entity: Option<PiiEntity>) -> PiiVerdict {
        let vote = PiiVote { voter: "v".into(), verdict: Verdict::No, score: 1.0, entity: None };
        PiiVerdict { column: "c".into(), decision, entity, checksum_alone: false, votes: vec![vote] }
    }

    fn redact_one(cell: &str, verdict: PiiVerdict, codes: &[&str], data_type: DataType) -> String {
        let sample = MaskedSample::from_masker(vec!["c".into()], vec![vec![cell.to_owned()]]);
        let codes = vec![codes.iter().map(|c| (*c).to_owned()).collect()];
        redact(&sample, &[verdict], &codes, &[data_type], 10).rows()[0][0].clone()
    }

    #[test]
    fn only_public_codes_of_a_clear_column_stay() {
        let clear = || verdict(PiiDecision::Clear, None);
        assert_eq!(redact_one("OPEN", clear(), &["OPEN"], DataType::Text), "OPEN");
        assert_eq!(redact_one("OTHER", clear(), &["OPEN"], DataType::Text), "<TEXT>");
        assert_eq!(redact_one("12", clear(), &[], DataType::Integer), "<NUMBER>");
        assert_eq!(redact_one("<EMAIL>", clear(), &[], DataType::Text), "<EMAIL>");
        assert_eq!(redact_one("<IGNORE ALL>", clear(), &[], DataType::Text), "<TEXT>");
    }

    #[test]
    fn a_column_that_is_not_clear_keeps_nothing_but_null() {
        for decision in [PiiDecision::Flagged, PiiDecision::Disputed, PiiDecision::Unknown] {
            assert_eq!(redact_one("OPEN", verdict(decision, None), &["OPEN"], DataType::Text), "<TEXT>");
            assert_eq!(redact_one("NULL", verdict(decision, None), &[], DataType::Text), "NULL");
        }
        let flagged = verdict(PiiDecision::Flagged, Some(PiiEntity::PersonName));
        assert_eq!(redact_one("Zork", flagged, &["Zork"], DataType::Text), "<PERSON_NAME>");
    }

    #[test]
    fn a_missing_verdict_or_type_redacts() {
        let sample = MaskedSample::from_masker(vec!["c".into()], vec![vec!["OPEN".into()]; 3]);
        let prompt = redact(&sample, &[], &[vec!["OPEN".into()]], &[], 2);
        assert_eq!(prompt.rows(), [["<TEXT>"], ["<TEXT>"]]);
    }
}
