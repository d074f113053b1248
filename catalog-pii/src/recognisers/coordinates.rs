//! Geographic positions: a pair of decimal degrees counts alone, a single one needs the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let text = text.trim_start_matches("POINT").trim_start_matches([' ', '(']);
    let parts: Vec<&str> = text.split([',', ';', ' ']).filter(|p| !p.is_empty()).collect();
    let strength = match parts[..] {
        [a, b] if is_degree(a, 180.0) && is_degree(b, 180.0) => Strength::Strong,
        [a] if is_degree(a, 180.0) => Strength::Weak,
        _ => return,
    };
    hits.extend(whole(cell, PiiEntity::Geolocation, strength));
}

/// Degrees with at least three decimals, about a hundred metres.
fn is_degree(text: &str, limit: f64) -> bool {
    let decimals = text.split_once('.').map_or(0, |(_, d)| d.len());
    decimals >= 3 && text.parse::<f64>().is_ok_and(|d| d.abs() <= limit)
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::strongest;

    #[test]
    fn a_pair_counts_and_a_single_degree_needs_its_column() {
        assert_eq!(strongest("48.8566, 2.3522", "GEOLOCATION"), Some(Strength::Strong));
        assert_eq!(strongest("POINT(2.3522 48.8566)", "GEOLOCATION"), Some(Strength::Strong));
        assert_eq!(strongest("48.8566", "GEOLOCATION"), Some(Strength::Weak));
        assert_eq!(strongest("12.50", "GEOLOCATION"), None);
    }
}
