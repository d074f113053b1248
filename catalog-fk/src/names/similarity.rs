//! How likely a column's name refers to a key's name.

use super::column_name::{ColumnName, TableName};
use super::dictionary::{is_person_role, is_person_word};

/// How alike two words are, 0 to 1: equal, a compound's end, an abbreviation, a slip of spelling.
pub(crate) fn token_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 4 && long.ends_with(short) {
        return 0.75;
    }
    if long.starts_with(short) {
        let spelled = short.len() as f64 / long.len() as f64;
        return match short.len() {
            0 => 0.0,
            1 => 0.3,
            2 => 0.6,
            _ => 0.8 + 0.1 * spelled,
        };
    }
    if short.len() >= 3 && short.chars().next() == long.chars().next() && is_subsequence(short, long) {
        return 0.6;
    }
    if short.len() >= 5 && strsim::jaro_winkler(a, b) >= 0.93 { 0.8 } else { 0.0 }
}

fn is_subsequence(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|c| rest.any(|l| l == c))
}

/// How likely `child` names the key `parent` of `table`, 0 to 1. The child has to name either the key's concept or
/// the table's; the word that carries the meaning weighs half, the share of the key's words that the child repeats
/// and the share of the child's words thus explained the rest.
pub(crate) fn name_similarity(child: &ColumnName, parent: &ColumnName, table: &TableName) -> f64 {
    let by_table = concept_similarity(child, &table.concept, table.concept.len().checked_sub(1), &[]);
    let by_column = concept_similarity(child, &parent.concept, parent.head, &table.concept);
    let by_acronym = match child.head_word() {
        Some(head) if table.concept.len() >= 2 && head.len() == table.concept.len() && is_acronym(head, table) => 0.8,
        _ => 0.0,
    };
    let by_initials = if abbreviates_each(&child.concept, &table.concept) { 0.97 } else { 0.0 };
    by_table.max(by_column).max(by_acronym).max(by_initials)
}

/// 0.55 when the child names a role that people play and the table holds people (`sales_rep_id` and `employees`).
pub(crate) fn role_similarity(child: &ColumnName, table: &TableName) -> f64 {
    let role = child.concept.iter().any(|w| is_person_role(w));
    if role && table.concept.last().is_some_and(|w| is_person_word(w)) { 0.55 } else { 0.0 }
}

/// `c_demographic` for `customer_demographic`: every word in its place, at least by its initial, the last one whole.
fn abbreviates_each(child: &[String], table: &[String]) -> bool {
    let Some(extra) = child.len().checked_sub(table.len()) else {
        return false;
    };
    table.len() >= 2
        && child.last() == table.last()
        && child[extra..].iter().zip(table).all(|(c, t)| t.starts_with(c.as_str()))
}

fn is_acronym(word: &str, table: &TableName) -> bool {
    word.chars().zip(&table.concept).all(|(c, w)| w.starts_with(c))
}

fn concept_similarity(child: &ColumnName, key: &[String], key_head: Option<usize>, context: &[String]) -> f64 {
    let Some((child_head, key_head)) = child.head_word().zip(key_head.and_then(|h| key.get(h))) else {
        return 0.0;
    };
    let best = |word: &str, among: &[String]| among.iter().map(|w| token_similarity(word, w)).fold(0.0, f64::max);
    let head = token_similarity(child_head, key_head);
    let repeated = key.iter().map(|w| best(w, &child.concept)).sum::<f64>() / key.len() as f64;
    let explained = child.concept.iter().map(|w| best(w, key).max(best(w, context) * 0.9)).sum::<f64>()
        / child.concept.len() as f64;
    0.5 * head + 0.3 * repeated + 0.2 * explained
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(child: &str, parent_table: &str, parent: &str) -> f64 {
        name_similarity(&ColumnName::new(child, None), &ColumnName::new(parent, None), &TableName::new(parent_table))
    }

    #[test]
    fn a_table_and_its_id_are_named_by_a_column() {
        for (child, table, parent) in [
            ("customer_id", "customers", "id"),
            ("customer_id", "customers", "customer_id"),
            ("Continent", "continents", "ContId"),
            ("NUM_CLI", "T_CLI", "NUM_CLI"),
            ("addr_id", "address", "address_id"),
        ] {
            assert!(similarity(child, table, parent) >= 0.95, "{child} {table}.{parent}");
        }
    }

    #[test]
    fn roles_and_abbreviations_are_near() {
        for (child, table, parent) in [
            ("bill_addr_sk", "customer_address", "address_sk"),
            ("Winning_Aircraft", "aircraft", "Aircraft_ID"),
            ("home_team_id", "team", "id"),
            ("Maker", "car_makers", "Id"),
            ("sold_date_sk", "date_dim", "date_sk"),
        ] {
            assert!(similarity(child, table, parent) >= 0.8, "{child} {table}.{parent}");
        }
    }

    #[test]
    fn the_head_decides_between_two_named_tables() {
        let company = similarity("maintenance_contract_company_id", "third_party_companies", "company_id");
        let contract =
            similarity("maintenance_contract_company_id", "maintenance_contracts", "maintenance_contract_id");
        assert!(company > contract);
    }

    #[test]
    fn a_bare_id_names_nothing() {
        assert_eq!(similarity("id", "customers", "id"), 0.0);
        assert_eq!(similarity("age", "customers", "customer_id"), 0.0);
    }
}
