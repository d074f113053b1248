//! How many calls and tokens a run and a day may cost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog_core::ports::Clock;
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The limits of a [`Budget`]; 0 means no limit. Days are those of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Most calls of one run.
    pub calls_per_run: u64,
    /// Most tokens of one run, questions and answers.
    pub tokens_per_run: u64,
    /// Most calls of one day.
    pub calls_per_day: u64,
    /// Most tokens of one day.
    pub tokens_per_day: u64,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Calls, failed ones too.
    pub calls: u64,
    /// Tokens of questions and answers.
    pub tokens: u64,
}

/// Counts calls and tokens and refuses what goes beyond the limits.
pub struct Budget {
    limits: BudgetLimits,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    day: i64,
    of_day: Spent,
    of_run: Spent,
}

impl Budget {
    /// A budget of which nothing is spent yet.
    pub fn new(limits: BudgetLimits, clock: Arc<dyn Clock>) -> Self {
        Self { limits, clock, state: Mutex::default() }
    }

    /// Starts a run: what earlier runs spent counts for the day only.
    pub fn begin_run(&self) {
        self.state().of_run = Spent::default();
    }

    /// What was spent since the run began.
    pub fn of_run(&self) -> Spent {
        self.state().of_run
    }

    /// The day of now (days since 1970, UTC) and what was spent on it: to be kept for the next process.
    pub fn of_day(&self) -> (i64, Spent) {
        let state = self.state();
        (state.day, state.of_day)
    }

    /// Counts what an earlier process spent, when it was on this day.
    pub fn resume(&self, day: i64, spent: Spent) {
        let mut state = self.state();
        if state.day == day {
            state.of_day.calls += spent.calls;
            state.of_day.tokens += spent.tokens;
        }
    }

    /// Sets one call and its likely tokens aside.
    ///
    /// # Errors
    /// `LimitExceeded` when the run or the day has no more; nothing is counted then.
    pub(super) fn reserve(&self, tokens: u64) -> Result<()> {
        let mut state = self.state();
        let BudgetLimits { calls_per_run, tokens_per_run, calls_per_day, tokens_per_day } = self.limits;
        let over = |limit: u64, spent: u64, wanted: u64| limit > 0 && spent.saturating_add(wanted) > limit;
        let period = if over(calls_per_run, state.of_run.calls, 1) || over(tokens_per_run, state.of_run.tokens, tokens)
        {
            "run"
        } else if over(calls_per_day, state.of_day.calls, 1) || over(tokens_per_day, state.of_day.tokens, tokens) {
            "day"
        } else {
            for spent in state.both() {
                spent.calls += 1;
                spent.tokens += tokens;
            }
            return Ok(());
        };
        Err(Error::new(ErrorKind::LimitExceeded, "ask_model", "the budget is used up")
            .with("period", period)
            .hint("the tables that are left are described when the next period begins"))
    }

    /// Replaces the tokens that were set aside by those really used.
    pub(super) fn settle(&self, reserved: u64, used: u64) {
        for spent in self.state().both() {
            spent.tokens = spent.tokens.saturating_sub(reserved) + used;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let today = self.clock.now_ms().div_euclid(DAY_MS);
        // A clock that steps back must not give a spent day anew.
        if today > state.day {
            state.day = today;
            state.of_day = Spent::default();
        }
        state
    }
}

impl State {
    fn both(&mut self) -> [&mut Spent; 2] {
        [&mut self.of_day, &mut self.of_run]
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::memory::ManualClock;

    use super::*;

    fn budget(limits: BudgetLimits) -> (Budget, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(10 * DAY_MS));
        (Budget::new(limits, clock.clone()), clock)
    }

    #[test]
    fn a_new_day_and_a_new_run_each_begin_with_their_own_budget() {
        let (budget, clock) = budget(BudgetLimits { calls_per_run: 2, calls_per_day: 3, ..BudgetLimits::default() });
        assert!(budget.reserve(1).is_ok() && budget.reserve(1).is_ok());
        let refused = budget.reserve(1).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        assert!(refused.to_string().contains("period: run"));
        budget.begin_run();
        assert!(budget.reserve(1).is_ok());
        assert!(budget.reserve(1).unwrap_err().to_string().contains("period: day"));
        clock.advance_ms(DAY_MS);
        assert!(budget.reserve(1).is_ok());
        clock.advance_ms(-2 * DAY_MS);
        assert_eq!(budget.of_day().1.calls, 1);
    }

    #[test]
    fn tokens_set_aside_are_replaced_by_those_used() {
        let (budget, _) = budget(BudgetLimits { tokens_per_run: 100, ..BudgetLimits::default() });
        budget.reserve(90).unwrap();
        assert!(budget.reserve(20).is_err());
        budget.settle(90, 30);
        assert!(budget.reserve(20).is_ok());
        assert_eq!(budget.of_run(), Spent { calls: 2, tokens: 50 });
    }

    #[test]
    fn a_restart_on_the_same_day_does_not_refill_the_day() {
        let (budget, _) = budget(BudgetLimits { calls_per_day: 5, ..BudgetLimits::default() });
        budget.resume(10, Spent { calls: 5, tokens: 9 });
        assert!(budget.reserve(1).is_err());
        budget.resume(9, Spent { calls: 7, tokens: 9 });
        assert_eq!(budget.of_day(), (10, Spent { calls: 5, tokens: 9 }));
    }
}
