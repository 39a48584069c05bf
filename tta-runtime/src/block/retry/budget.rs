//! How many retries there may be in all, as a share of the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a retry takes; a call puts in its share of this.
const RETRY_COST: u64 = 1_000;

/// Allows retries as a share of the calls, so that a backend that is down is not requested_wait several times as often.
///
/// Each call puts in its share, and each retry takes one out, from a reserve that is full at the start. Copies share one
/// balance, so several retries that ask the same backend can be given one.
///
/// ```
/// use tta_runtime::block::RetryBudget;
///
/// // One retry in five calls; ten at once after a quiet time.
/// let budget = RetryBudget::share(0.2).reserve(10);
/// assert_eq!(budget.retries_left(), 10);
/// ```
#[derive(Clone, Debug)]
pub struct RetryBudget {
    per_call: u64,
    capacity: u64,
    balance: Arc<AtomicU64>,
}

impl RetryBudget {
    const DEFAULT_RESERVE: u64 = 10 * RETRY_COST;

    /// Makes a budget of so many retries for each call, with ten in reserve; below 0 counts as 0, above 100 as 100.
    #[must_use]
    pub fn share(retries_per_call: f64) -> Self {
        let per_call = (retries_per_call.clamp(0.0, 100.0) * RETRY_COST as f64).round() as u64;
        Self { per_call, capacity: Self::DEFAULT_RESERVE, balance: Arc::new(AtomicU64::new(Self::DEFAULT_RESERVE)) }
    }

    /// Sets how many retries there may be at once, without calls before; the budget is then full and its own.
    #[must_use]
    pub fn reserve(self, retries: u32) -> Self {
        let capacity = u64::from(retries) * RETRY_COST;
        Self { capacity, balance: Arc::new(AtomicU64::new(capacity)), ..self }
    }

    /// Returns how many retries there could be now.
    #[must_use]
    pub fn retries_left(&self) -> u64 {
        self.balance.load(Ordering::Relaxed) / RETRY_COST
    }

    /// Notes a call.
    pub(super) fn deposit(&self) {
        let add = |balance: u64| Some(balance.saturating_add(self.per_call).min(self.capacity).max(balance));
        // Relaxed is enough: the balance orders no other memory.
        let _ = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes out a retry, if there is one.
    pub(super) fn withdraw(&self) -> bool {
        let take = |balance: u64| balance.checked_sub(RETRY_COST);
        self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::RetryBudget;

    #[test]
    fn retries_are_a_share_of_the_calls() {
        let budget = RetryBudget::share(0.2).reserve(2);
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
        let retries = (0..1_000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        assert_eq!(retries.count(), 200);
    }

    #[test]
    fn quiet_times_fill_no_more_than_the_reserve() {
        let budget = RetryBudget::share(1.0).reserve(3);
        (0..100).for_each(|_| budget.deposit());
        assert_eq!(budget.retries_left(), 3);
    }

    #[test]
    fn copies_share_the_balance() {
        let budget = RetryBudget::share(0.0);
        let copy = budget.clone();
        assert!((0..10).all(|_| copy.withdraw()));
        assert!(!budget.withdraw());
    }
}
