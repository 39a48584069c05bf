//! The retry budget: retries as a share of the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The balance that one retry takes; a call deposits a share of it.
const RETRY_COST: u64 = 1_000;

/// Limits retries to a share of the calls, so that retries do not multiply the load on a failing backend.
///
/// Each call deposits its share, each retry withdraws one, and the balance starts at the full reserve. Clones share one
/// balance, so that all retries against one backend can share one budget.
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

    /// Makes a budget of this many retries for each call, from 0 to 100, with a reserve of 10 retries.
    ///
    /// Values outside of the range count as its nearest bound.
    #[must_use]
    pub fn share(retries_per_call: f64) -> Self {
        let per_call = (retries_per_call.clamp(0.0, 100.0) * RETRY_COST as f64).round() as u64;
        Self { per_call, capacity: Self::DEFAULT_RESERVE, balance: Arc::new(AtomicU64::new(Self::DEFAULT_RESERVE)) }
    }

    /// Sets the reserve: how many retries are possible at once without calls before. The balance is then full, and no
    /// longer shared with earlier clones.
    #[must_use]
    pub fn reserve(self, retries: u32) -> Self {
        let capacity = u64::from(retries) * RETRY_COST;
        Self { capacity, balance: Arc::new(AtomicU64::new(capacity)), ..self }
    }

    /// Returns the number of retries that the balance allows now.
    #[must_use]
    pub fn retries_left(&self) -> u64 {
        self.balance.load(Ordering::Relaxed) / RETRY_COST
    }

    /// Deposits one call's share.
    pub(super) fn deposit(&self) {
        let add = |balance: u64| Some(balance.saturating_add(self.per_call).min(self.capacity).max(balance));
        // Relaxed is enough: the balance orders no other memory.
        let _ = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Withdraws one retry; returns false if the balance is too low.
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
    fn deposits_never_exceed_the_reserve() {
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
