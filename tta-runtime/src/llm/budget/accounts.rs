//! The accounts of a budget: one for each workflow, agent or process that it holds for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::{Account, Terms};
use crate::clock::Monotonic;
use crate::recorder::Recorder;

/// Whose account it is; recorders have clocks of their own, so that each has accounts of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    recorder: usize,
    owner: Option<Arc<str>>,
}

impl Key {
    pub(super) fn new(recorder: &'static Recorder, owner: Option<Arc<str>>) -> Self {
        Self { recorder: std::ptr::from_ref(recorder).addr(), owner }
    }
}

#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    accounts: HashMap<Key, Account>,
    /// The recorders that show what is left.
    shown_in: Vec<usize>,
}

/// More accounts than this are not kept.
const MOST_PURSES: usize = 10_000;

impl Accounts {
    /// Gives a account to `change`, a full one where there was none.
    pub(super) fn with<T>(
        &self,
        key: &Key,
        terms: &Terms,
        now: Monotonic,
        change: impl FnOnce(&mut Account) -> T,
    ) -> T {
        let mut held = self.lock();
        if held.accounts.len() >= MOST_PURSES && !held.accounts.contains_key(key) {
            held.forget(terms, now);
        }
        change(held.accounts.entry(key.clone()).or_insert_with(|| Account::new(now)))
    }

    /// Returns the least that any of a recorder's accounts has left, in nano-dollars.
    pub(super) fn least_left(&self, recorder: &'static Recorder, now: Monotonic, terms: &Terms) -> i64 {
        let recorder = Key::new(recorder, None).recorder;
        let held = self.lock();
        let own = held.accounts.iter().filter(|(key, _)| key.recorder == recorder);
        let least = own.map(|(_, account)| account.left(now, terms)).min().unwrap_or(terms.limit);
        i64::try_from(least).unwrap_or(i64::MAX)
    }

    /// Returns whether a recorder asks for the first time.
    pub(super) fn is_first_of(&self, recorder: &'static Recorder) -> bool {
        let recorder = Key::new(recorder, None).recorder;
        let mut held = self.lock();
        let is_first = !held.shown_in.contains(&recorder);
        if is_first {
            held.shown_in.push(recorder);
        }
        is_first
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Makes place: accounts that are full again go first, and then those that were used longest ago.
    fn forget(&mut self, terms: &Terms, now: Monotonic) {
        self.accounts.retain(|_, account| account.left(now, terms) < terms.limit);
        if self.accounts.len() < MOST_PURSES {
            return;
        }
        let mut idle: Vec<_> = self.accounts.values().filter_map(Account::idle_since).collect();
        idle.sort_unstable();
        if let Some(&until) = idle.get(MOST_PURSES / 10) {
            self.accounts.retain(|_, account| account.idle_since().is_none_or(|since| since > until));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Accounts, Key, Monotonic, Terms};
    use crate::clock::Clock;
    use crate::recorder::Recorder;

    #[test]
    fn those_used_longest_ago_are_forgotten_and_those_in_use_are_not() {
        let (accounts, recorder) = (Accounts::default(), Recorder::isolated(Clock::System));
        let terms = Terms { limit: 10, soft: 8, period: None };
        let key = |n: u64| Key::new(recorder, Some(n.to_string().into()));
        for n in 0..20_000 {
            let now = Monotonic(n);
            accounts.with(&key(n), &terms, now, |account| {
                account.reserve(Some(4), now, &terms).unwrap();
                // The first one's call runs on.
                if n > 0 {
                    account.settle(4, 3, now, &terms);
                }
            });
        }
        let kept = accounts.lock().accounts.len();
        assert!((9_000..=10_000).contains(&kept), "{kept} are kept");
        let left =
            |n| accounts.with(&key(n), &terms, Monotonic(20_000), |account| account.left(Monotonic(20_000), &terms));
        assert_eq!([0, 1, 19_999].map(left), [6, 10, 7]);
    }
}
