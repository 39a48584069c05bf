//! One account of a budget: the amounts spent and reserved in the current period. A state machine without a clock.

use std::time::Duration;

use super::exceeded::{BudgetRefusal, Refusal};
use crate::clock::Monotonic;

/// The terms of a budget: limits in its unit, the period in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) limit: u64,
    pub(super) soft: u64,
    pub(super) period: Option<u64>,
}

/// The account of a process, a workflow, an agent or a tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    spent: u64,
    reserved: u64,
    period_start: Monotonic,
    last_used: Monotonic,
    is_past_soft: bool,
}

impl Account {
    pub(super) fn new(now: Monotonic) -> Self {
        Self { spent: 0, reserved: 0, period_start: now, last_used: now, is_past_soft: false }
    }

    /// Reserves `most`, or all that is left if `None`. Returns the reserved amount.
    pub(super) fn reserve(&mut self, most: Option<u64>, now: Monotonic, terms: &Terms) -> Result<u64, Refusal> {
        self.roll(now, terms);
        let left = self.left(now, terms);
        let most = most.unwrap_or(left.max(1));
        if most > left {
            let resets_in = terms.period.map(|period| {
                let passed = now.0.saturating_sub(self.period_start.0);
                Duration::from_nanos(period.saturating_sub(passed))
            });
            return Err(Refusal {
                spent: self.spent,
                reserved: self.reserved,
                resets_in,
                because: BudgetRefusal::TooLittleLeft,
            });
        }
        self.reserved = self.reserved.saturating_add(most);
        Ok(most)
    }

    /// Replaces a reservation with the actual cost. Returns true if this reaches the soft limit, once per period.
    pub(super) fn settle(&mut self, reserved: u64, cost: u64, now: Monotonic, terms: &Terms) -> bool {
        self.roll(now, terms);
        self.reserved = self.reserved.saturating_sub(reserved);
        self.spent = self.spent.saturating_add(cost);
        let is_past_soft = cost > 0 && self.spent >= terms.soft;
        is_past_soft && !std::mem::replace(&mut self.is_past_soft, true)
    }

    /// Returns the amount left to reserve.
    pub(super) fn left(&self, now: Monotonic, terms: &Terms) -> u64 {
        self.unspent(now, terms).saturating_sub(self.reserved)
    }

    /// Returns the amount that is not spent, those reserved included.
    pub(super) fn unspent(&self, now: Monotonic, terms: &Terms) -> u64 {
        terms.limit.saturating_sub(self.spent(now, terms))
    }

    /// Returns the amount spent in the current period.
    pub(super) fn spent(&self, now: Monotonic, terms: &Terms) -> u64 {
        if self.is_over(now, terms) { 0 } else { self.spent }
    }

    #[cfg(feature = "page")]
    pub(super) fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Returns the nanoseconds until the current period ends, `None` without periods.
    #[cfg(feature = "page")]
    pub(super) fn period_left(&self, now: Monotonic, terms: &Terms) -> Option<u64> {
        let passed = now.0.saturating_sub(self.period_start.0);
        terms.period.map(|period| period - passed % period)
    }

    /// Returns the time of the last use, `None` while something is reserved.
    pub(super) fn idle_since(&self) -> Option<Monotonic> {
        (self.reserved == 0).then_some(self.last_used)
    }

    /// Returns whether the period has ended.
    fn is_over(&self, now: Monotonic, terms: &Terms) -> bool {
        terms.period.is_some_and(|period| now.0.saturating_sub(self.period_start.0) >= period)
    }

    /// Advances to the current period. Reservations stay: the cost of those calls counts in the new period.
    fn roll(&mut self, now: Monotonic, terms: &Terms) {
        self.last_used = now;
        if let Some(period) = terms.period
            && self.is_over(now, terms)
        {
            let passed = now.0.saturating_sub(self.period_start.0);
            self.period_start = Monotonic(now.0 - passed % period);
            self.spent = 0;
            self.is_past_soft = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Account, BudgetRefusal, Monotonic, Refusal, Terms};

    const TERMS: Terms = Terms { limit: 100, soft: 80, period: Some(60) };

    fn at(time: u64) -> Monotonic {
        Monotonic(time)
    }

    #[test]
    fn reservations_are_not_left_and_unspent_ones_are_given_back() {
        let mut account = Account::new(at(0));
        assert_eq!(account.reserve(Some(70), at(1), &TERMS), Ok(70));
        let shortfall = Refusal {
            spent: 0,
            reserved: 70,
            resets_in: Some(Duration::from_nanos(58)),
            because: BudgetRefusal::TooLittleLeft,
        };
        assert_eq!(account.reserve(Some(31), at(2), &TERMS), Err(shortfall));
        assert_eq!(account.reserve(Some(30), at(2), &TERMS), Ok(30));
        assert_eq!(account.unspent(at(3), &TERMS), 100);
        assert!(!account.settle(70, 20, at(3), &TERMS));
        assert_eq!((account.left(at(3), &TERMS), account.unspent(at(3), &TERMS)), (50, 80));
    }

    #[test]
    fn a_call_of_unknown_cost_reserves_all_that_is_left() {
        let mut account = Account::new(at(0));
        assert_eq!(account.reserve(Some(40), at(0), &TERMS), Ok(40));
        assert_eq!(account.reserve(None, at(0), &TERMS), Ok(60));
        assert!(account.reserve(None, at(0), &TERMS).is_err());
        assert_eq!(account.reserve(Some(0), at(0), &TERMS), Ok(0), "a free call is never refused");
    }

    #[test]
    fn a_period_resets_the_amount_and_ends_on_time() {
        let mut account = Account::new(at(10));
        account.reserve(Some(100), at(10), &TERMS).unwrap();
        account.settle(100, 100, at(69), &TERMS);
        assert_eq!((account.left(at(69), &TERMS), account.left(at(70), &TERMS)), (0, 100));
        assert_eq!((account.unspent(at(69), &TERMS), account.unspent(at(70), &TERMS)), (0, 100));
        // Calls in progress count in the new period.
        account.reserve(Some(30), at(200), &TERMS).unwrap();
        let shortfall = Refusal {
            spent: 0,
            reserved: 30,
            resets_in: Some(Duration::from_nanos(40)),
            because: BudgetRefusal::TooLittleLeft,
        };
        assert_eq!(account.reserve(Some(71), at(210), &TERMS), Err(shortfall));
        assert_eq!(account.left(at(250), &TERMS), 70);
    }

    #[test]
    fn the_soft_limit_is_reached_once_a_period() {
        let mut account = Account::new(at(0));
        let mut spend = |cost, time| {
            account.reserve(Some(cost), at(time), &TERMS).unwrap();
            account.settle(cost, cost, at(time), &TERMS)
        };
        let reached = [spend(79, 0), spend(1, 1), spend(5, 2), spend(80, 60), spend(1, 61)];
        assert_eq!(reached, [false, true, false, true, false]);
    }

    proptest! {
        /// Calls reserve and settle in any order over several periods; none costs more than it reserved.
        #[test]
        fn no_period_costs_more_than_the_limit(steps in proptest::collection::vec((0..8_u8, 0..60_u64, 0..30_u64), 1..200)) {
            let (mut account, mut running, mut now) = (Account::new(at(0)), Vec::new(), 0);
            let mut spent_in_period = std::collections::BTreeMap::<u64, u64>::new();
            for (what, amount, wait) in steps {
                now += wait;
                if what < 5 {
                    if let Ok(reserved) = account.reserve((what > 0).then_some(amount), at(now), &TERMS) {
                        running.push(reserved);
                    }
                } else if !running.is_empty() {
                    let reserved: u64 = running.swap_remove(amount as usize % running.len());
                    let cost = reserved * u64::from(what - 5) / 2;
                    account.settle(reserved, cost, at(now), &TERMS);
                    *spent_in_period.entry(now / 60).or_default() += cost;
                }
                prop_assert!(running.iter().sum::<u64>() + account.left(at(now), &TERMS) <= TERMS.limit);
            }
            prop_assert!(spent_in_period.values().all(|spent| *spent <= TERMS.limit), "{spent_in_period:?}");
        }
    }
}
