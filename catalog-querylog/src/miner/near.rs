//! Queries that are nearly the same.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use catalog_core::model::MinedQuery;

/// Share of common token triples, of all triples of the two, from which two queries are nearly the same.
const ALIKE_MIN: f64 = 0.7;

/// Most leaders of one set of tables that a query is compared with.
const LEADERS_MAX: usize = 200;

/// Marks every query that is nearly the same as a better ranked one: the same tables, and at least 70 % of their triples
/// of neighbouring words in common (Jaccard). A leader is never a follower. The queries are ordered best first.
pub(super) fn mark_near_duplicates(queries: &mut [MinedQuery]) {
    let mut leaders: HashMap<Vec<String>, Vec<(HashSet<u64>, String)>> = HashMap::new();
    for query in queries {
        let triples = triples(&query.sql);
        let tables: Vec<String> = query.tables.iter().map(ToString::to_string).collect();
        let same_tables = leaders.entry(tables).or_default();
        query.near = same_tables.iter().find(|(other, _)| alike(&triples, other)).map(|(_, leader)| leader.clone());
        if query.near.is_none() && same_tables.len() < LEADERS_MAX {
            same_tables.push((triples, query.fingerprint.clone()));
        }
    }
}

fn alike(a: &HashSet<u64>, b: &HashSet<u64>) -> bool {
    let common = a.intersection(b).count() as f64;
    common >= ALIKE_MIN * (a.len() + b.len()) as f64 - ALIKE_MIN * common
}

/// Hashes of three words in a row; numbers of parameters do not count.
fn triples(sql: &str) -> HashSet<u64> {
    let words: Vec<&str> = sql
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .map(|word| if word.starts_with(":p") { ":p" } else { word })
        .collect();
    let hash = |triple: &[&str]| {
        let mut hasher = DefaultHasher::new();
        triple.hash(&mut hasher);
        hasher.finish()
    };
    if words.len() < 3 { [hash(&words)].into() } else { words.windows(3).map(hash).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(texts: &[&str]) -> Vec<Option<usize>> {
        let mut queries: Vec<MinedQuery> =
            texts.iter().enumerate().map(|(i, sql)| query(&i.to_string(), sql)).collect();
        mark_near_duplicates(&mut queries);
        queries.iter().map(|q| q.near.as_ref().map(|leader| leader.parse().unwrap())).collect()
    }

    fn query(fingerprint: &str, sql: &str) -> MinedQuery {
        MinedQuery {
            fingerprint: fingerprint.to_owned(),
            sql: sql.to_owned(),
            parameters: Vec::new(),
            tables: Vec::new(),
            joins: 0,
            runs: 1,
            users: 1,
            success_rate: 1.0,
            median_ms: None,
            p95_ms: None,
            median_bytes: None,
            last_seen_ms: None,
            join_conditions: Vec::new(),
            rank: 0.0,
            noise: None,
            near: None,
        }
    }

    #[test]
    fn one_more_condition_or_another_limit_is_nearly_the_same() {
        let base = "SELECT t1.name, sum(t2.amount) FROM customer t1 JOIN account t2 ON t2.customer_id = t1.id WHERE t2.day > :p1 GROUP BY 1 LIMIT 10";
        let limit = base.replace("LIMIT 10", "LIMIT 50");
        let other = "SELECT count(*) FROM customer t1 JOIN account t2 ON t2.customer_id = t1.id WHERE t1.city = :p1";
        assert_eq!(near(&[base, &limit, other]), [None, Some(0), None]);
    }

    #[test]
    fn short_texts_are_compared_whole() {
        assert_eq!(near(&["SELECT 1", "SELECT 1", "SELECT 2"]), [None, Some(0), None]);
    }
}
