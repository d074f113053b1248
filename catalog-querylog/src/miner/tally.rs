//! Runs and different users.

use std::collections::{HashMap, HashSet};

/// Most users that one tally tells apart; the count stays there.
const USERS_OF_ONE_MAX: usize = 1_000;

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
}

/// How often something ran, and by how many different people.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    runs: u64,
    users: HashSet<u32>,
}

impl Tally {
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
}
