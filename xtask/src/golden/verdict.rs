//! The decision rule: ship, iterate or reduce.

use serde::Serialize;

use super::measures::Interval;

/// The lift of recall@5 whose lower bound ships, in points of 1.
pub const SHIP_AT: f64 = 0.15;
/// The upper bound of the lift under which the work is reduced.
pub const REDUCE_UNDER: f64 = 0.05;
/// Real decisions that a ledger must hold.
pub const DECISIONS_MIN: usize = 200;
/// The share of them that accepts.
pub const ACCEPTED_MIN: f64 = 0.70;
/// Tables that the pool must hold for a verdict.
pub const POOL_MIN: usize = 500;

/// What stewards decided on descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decisions {
    /// Accepted.
    pub accepted: usize,
    /// Rejected.
    pub rejected: usize,
}

impl Decisions {
    /// The share that was accepted, 0 to 1.
    pub fn share(&self) -> f64 {
        self.accepted as f64 / (self.accepted + self.rejected).max(1) as f64
    }

    fn suffice(&self) -> bool {
        self.accepted + self.rejected >= DECISIONS_MIN && self.share() >= ACCEPTED_MIN
    }
}

/// What the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Descriptions lift recall, and stewards accept them.
    Ship,
    /// They lift recall; the ledger does not show yet that stewards accept them.
    ShipOnceTheLedgerHoldsThem,
    /// They may lift recall enough.
    Iterate,
    /// They do not.
    Reduce,
    /// The pool is too small to say.
    PoolTooSmall,
}

impl Verdict {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::ShipOnceTheLedgerHoldsThem => "ship once the ledger holds them",
            Self::Iterate => "iterate",
            Self::Reduce => "reduce",
            Self::PoolTooSmall => "no verdict: the pool holds fewer than 500 tables",
        }
    }
}

/// Ship when the lower bound of the lift (0 to 1) reaches 15 points and the decisions suffice, reduce when the upper
/// bound is under 5, else iterate.
pub fn decide(lift: &Interval, pool: usize, decisions: Option<&Decisions>) -> Verdict {
    if pool < POOL_MIN {
        Verdict::PoolTooSmall
    } else if lift.low >= SHIP_AT {
        match decisions {
            Some(decisions) if decisions.suffice() => Verdict::Ship,
            _ => Verdict::ShipOnceTheLedgerHoldsThem,
        }
    } else if lift.high < REDUCE_UNDER {
        Verdict::Reduce
    } else {
        Verdict::Iterate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lift(low: f64, high: f64) -> Interval {
        Interval { mean: (low + high) / 2.0, low, high, noise: 0.01 }
    }

    #[test]
    fn the_bounds_decide() {
        let told = |low, high| decide(&lift(low, high), 500, None);
        assert_eq!(told(0.15, 0.30), Verdict::ShipOnceTheLedgerHoldsThem);
        assert_eq!(told(0.149, 0.30), Verdict::Iterate);
        assert_eq!(told(-0.02, 0.05), Verdict::Iterate);
        assert_eq!(told(-0.02, 0.049), Verdict::Reduce);
        assert_eq!(told(-0.30, -0.10), Verdict::Reduce);
    }

    #[test]
    fn only_two_hundred_decisions_of_which_seven_in_ten_accept_let_it_ship() {
        let told = |accepted, rejected| decide(&lift(0.2, 0.3), 500, Some(&Decisions { accepted, rejected }));
        assert_eq!(told(140, 60), Verdict::Ship);
        assert_eq!(told(139, 61), Verdict::ShipOnceTheLedgerHoldsThem);
        assert_eq!(told(199, 0), Verdict::ShipOnceTheLedgerHoldsThem);
    }

    #[test]
    fn a_small_pool_gives_no_verdict() {
        assert_eq!(decide(&lift(0.5, 0.6), 499, None), Verdict::PoolTooSmall);
    }
}
