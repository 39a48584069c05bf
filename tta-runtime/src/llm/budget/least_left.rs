//! The accounts with the smallest share left, of any number.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::account_reading::AccountReading;

/// Keeps as many accounts as are wanted.
pub(super) struct LeastLeft {
    most: usize,
    /// The one with the largest share is the first to give way.
    kept: BinaryHeap<Ranked>,
    left_out: usize,
}

struct Ranked {
    share: f64,
    reading: AccountReading,
}

/// The accounts with the smallest share left.
#[derive(Debug)]
pub(crate) struct AccountListing {
    /// The smallest share first.
    pub(crate) accounts: Vec<AccountReading>,
    /// How many more there are.
    pub(crate) left_out: usize,
}

impl LeastLeft {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new(), left_out: 0 }
    }

    /// Takes an account of which this share is left; it is read if it is among those that are kept.
    pub(super) fn take(
        &mut self,
        share: f64,
        name: &str,
        owner: Option<&Arc<str>>,
        read: impl FnOnce() -> AccountReading,
    ) {
        if self.kept.len() >= self.most {
            self.left_out += 1;
            let is_less = |last: &Ranked| last.compare(share, name, owner) == Ordering::Greater;
            if !self.kept.peek().is_some_and(is_less) {
                return;
            }
            self.kept.pop();
        }
        self.kept.push(Ranked { share, reading: read() });
    }

    pub(super) fn into_listing(self) -> AccountListing {
        let accounts = self.kept.into_sorted_vec().into_iter().map(|ranked| ranked.reading).collect();
        AccountListing { accounts, left_out: self.left_out }
    }
}

impl Ranked {
    /// Accounts with one share stand in the order of their names, so that an answer without news is the same text.
    fn compare(&self, share: f64, name: &str, owner: Option<&Arc<str>>) -> Ordering {
        let own = (&*self.reading.name, self.reading.owner.as_ref());
        self.share.total_cmp(&share).then_with(|| own.cmp(&(name, owner)))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other.share, &other.reading.name, other.reading.owner.as_ref())
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}
