//! Runs, different users, and the latest figures.

use std::collections::{HashMap, HashSet};

/// Most users that one tally tells apart; the count stays there.
const USERS_OF_ONE_MAX: usize = 200;

/// Numbers users in order of appearance, so that tallies stay small.
pub(super) struct Users {
    numbers: HashMap<String, u32>,
    most: usize,
}

impl Users {
    pub(super) fn new(most: usize) -> Self {
        Self { numbers: HashMap::new(), most }
    }

    /// The user's number; `None` for nobody, and for anybody beyond the cap.
    pub(super) fn number(&mut self, hash: &str) -> Option<u32> {
        if hash.is_empty() {
            return None;
        }
        if let Some(number) = self.numbers.get(hash) {
            return Some(*number);
        }
        let next = self.numbers.len();
        (next < self.most).then(|| {
            self.numbers.insert(hash.to_owned(), next as u32);
            next as u32
        })
    }

    /// The hashes, in the order of their numbers.
    pub(super) fn into_hashes(self) -> Vec<String> {
        let mut hashes: Vec<(u32, String)> = self.numbers.into_iter().map(|(hash, number)| (number, hash)).collect();
        hashes.sort_unstable();
        hashes.into_iter().map(|(_, hash)| hash).collect()
    }
}

/// How often something ran, and by how many different people.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    runs: u64,
    users: HashSet<u32>,
}

impl Tally {
    /// A tally that goes on from earlier counts.
    pub(super) fn resume(runs: u64, users: impl IntoIterator<Item = u32>) -> Self {
        Self { runs, users: users.into_iter().take(USERS_OF_ONE_MAX).collect() }
    }

    pub(super) fn add(&mut self, user: Option<u32>) {
        self.runs += 1;
        if let Some(user) = user
            && self.users.len() < USERS_OF_ONE_MAX
        {
            self.users.insert(user);
        }
    }

    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// At least one: somebody ran it.
    pub(super) fn users(&self) -> u64 {
        self.users.len().max(1) as u64
    }

    /// The users' numbers, ascending.
    pub(super) fn user_numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.users.iter().copied().collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The latest figures of something, at most `N`, in no order.
#[derive(Debug, Clone, Default)]
pub(super) struct Latest<T, const N: usize>(Vec<T>);

impl<T: Copy + Ord, const N: usize> Latest<T, N> {
    pub(super) fn resume(figures: &[T]) -> Self {
        Self(figures.iter().copied().take(N).collect())
    }

    /// Adds a figure of the run with that number; with `N` held it takes the place of an old one.
    pub(super) fn add(&mut self, figure: T, run: u64) {
        if self.0.len() < N {
            self.0.push(figure);
        } else {
            self.0[(run % N as u64) as usize] = figure;
        }
    }

    /// Ascending.
    pub(super) fn sorted(&self) -> Vec<T> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted
    }
}

/// The value below which the share lies, by the nearest rank; `None` of nothing.
pub(super) fn quantile(sorted: &[u64], share: f64) -> Option<u64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_list() {
        let figures: Vec<u64> = (1..=20).collect();
        assert_eq!((quantile(&figures, 0.5), quantile(&figures, 0.95)), (Some(10), Some(19)));
        assert_eq!((quantile(&[7], 0.5), quantile(&[7], 0.95), quantile(&[], 0.5)), (Some(7), Some(7), None));
    }

    #[test]
    fn only_the_latest_figures_are_held() {
        let mut latest = Latest::<u64, 3>::default();
        (0..10).for_each(|run| latest.add(run, run));
        assert_eq!(latest.sorted(), [7, 8, 9]);
    }
}
