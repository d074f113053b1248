//! United States social security numbers. There is no check digit: only numbers in groups of 3-2-4 within the ranges
//! that the Social Security Administration issues count alone; nine plain digits need the column's name.

use catalog_core::model::PiiEntity;

use super::checksums::number;
use super::{Hit, Strength};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    cell.digits.windows(cell.text, 9..10, |window| {
        let (start, end) = (window.start(), window.end());
        let grouped = window.lengths().eq([3, 2, 4]) && matches!(window.separator(), Some(b'-' | b' '));
        if !(grouped || window.groups.len() == 1) || !window.whole_run || !issued(window.digits) {
            return;
        }
        if !cell.stands_alone(start, end) {
            return;
        }
        let strength = if grouped { Strength::Strong } else { Strength::Weak };
        hits.push(Hit { start, end, entity: PiiEntity::UsSsn, strength });
    });
}

fn issued(digits: &[u8]) -> bool {
    let area = number(&digits[..3]);
    let specimen = matches!(number(digits), 78_051_120 | 219_099_999 | 457_555_462);
    !matches!(area, 0 | 666 | 900..) && digits[3..5] != [0, 0] && digits[5..] != [0, 0, 0, 0] && !specimen
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::{found, strongest};

    #[test]
    fn an_issued_number_in_groups_is_found() {
        assert_eq!(found("SSN 123-45-6789", "US_SSN").len(), 1);
        assert_eq!(found("536 90 4399", "US_SSN").len(), 1);
    }

    #[test]
    fn plain_nine_digits_do_not_count_alone() {
        assert_eq!(strongest("123456789", "US_SSN"), Some(Strength::Weak));
    }

    #[test]
    fn ranges_that_are_never_issued_are_no_ssn() {
        for text in ["000-12-3456", "666-12-3456", "912-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"] {
            assert!(found(text, "US_SSN").is_empty(), "{text}");
        }
    }
}
