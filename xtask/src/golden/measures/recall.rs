//! What a ranking found.

use serde::Serialize;

use super::bootstrap::{Interval, bootstrap};

/// What one question found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Share of its tables at the first place, 0 to 1.
    pub at_1: f64,
    /// Share among the first five.
    pub at_5: f64,
    /// Share among the first ten.
    pub at_10: f64,
    /// 1 when all its tables are among the first five.
    pub full_5: f64,
    /// One over the place of its first table.
    pub reciprocal: f64,
}

impl Found {
    /// From the places (1 is the best) of a question's tables; `None` for a table that is not in the index.
    pub fn of(places: &[Option<usize>]) -> Self {
        let within = |k: usize| {
            let found = places.iter().flatten().filter(|place| **place <= k).count();
            found as f64 / places.len().max(1) as f64
        };
        let full = !places.is_empty() && within(5) >= 1.0;
        let first = places.iter().flatten().min();
        Self {
            at_1: within(1),
            at_5: within(5),
            at_10: within(10),
            full_5: f64::from(u8::from(full)),
            reciprocal: first.map_or(0.0, |place| 1.0 / *place as f64),
        }
    }
}

/// The means over questions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recall {
    /// How many questions.
    pub questions: usize,
    /// Mean share of a question's tables at the first place.
    pub recall_at_1: f64,
    /// Among the first five, with its interval.
    pub recall_at_5: Interval,
    /// Among the first ten.
    pub recall_at_10: f64,
    /// Share of questions with all their tables among the first five.
    pub full_at_5: f64,
    /// Mean reciprocal rank of the first table.
    pub mrr: f64,
}

impl Recall {
    /// The means of what questions found.
    pub fn of(found: &[Found]) -> Self {
        let mean = |of: fn(&Found) -> f64| found.iter().map(of).sum::<f64>() / found.len().max(1) as f64;
        let at_5: Vec<f64> = found.iter().map(|f| f.at_5).collect();
        Self {
            questions: found.len(),
            recall_at_1: mean(|f| f.at_1),
            recall_at_5: bootstrap(&at_5),
            recall_at_10: mean(|f| f.at_10),
            full_at_5: mean(|f| f.full_5),
            mrr: mean(|f| f.reciprocal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_give_shares_and_the_first_of_them_the_reciprocal_rank() {
        let found = Found::of(&[Some(1), Some(4), Some(6), None]);
        assert_eq!((found.at_1, found.at_5, found.at_10, found.full_5, found.reciprocal), (0.25, 0.5, 0.75, 0.0, 1.0));
        let found = Found::of(&[Some(5), Some(2)]);
        assert_eq!((found.at_1, found.at_5, found.full_5, found.reciprocal), (0.0, 1.0, 1.0, 0.5));
        let nothing = Found::of(&[None]);
        assert_eq!((nothing.at_10, nothing.full_5, nothing.reciprocal), (0.0, 0.0, 0.0));
    }

    #[test]
    fn a_recall_is_the_mean_over_questions_not_over_tables() {
        let recall = Recall::of(&[Found::of(&[Some(1)]), Found::of(&[None, None, None])]);
        assert_eq!((recall.questions, recall.recall_at_5.mean, recall.mrr), (2, 0.5, 0.5));
    }
}
