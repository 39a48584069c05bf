//! The accounts of a budget: one for each process, workflow, agent or tenant in its scope.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::{Account, Terms};
use crate::clock::Monotonic;
use crate::recorder::Recorder;

/// The owner of an account. Each recorder has its own clock, and therefore its own accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct AccountKey {
    recorder: usize,
    owner: Option<Arc<str>>,
}

impl AccountKey {
    pub(super) fn new(recorder: &'static Recorder, owner: Option<Arc<str>>) -> Self {
        Self { recorder: std::ptr::from_ref(recorder).addr(), owner }
    }
}

/// The accounts of a budget.
#[derive(Debug)]
pub(super) struct Accounts {
    table: Mutex<AccountTable>,
    /// The most accounts that are kept, except for those with reservations.
    most: usize,
}

#[derive(Debug, Default)]
struct AccountTable {
    accounts: HashMap<AccountKey, Account>,
    /// The recorders whose metrics include the budget.
    metered_recorders: Vec<usize>,
}

impl Accounts {
    /// Makes a table that keeps this many accounts.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { table: Mutex::default(), most })
    }

    /// Passes the account of `key` to `change`; creates a full one if there is none.
    pub(super) fn with<T>(
        &self,
        key: &AccountKey,
        terms: &Terms,
        now: Monotonic,
        change: impl FnOnce(&mut Account) -> T,
    ) -> T {
        let mut table = self.lock();
        if table.accounts.len() >= self.most && !table.accounts.contains_key(key) {
            table.evict(self.most, terms, now);
        }
        change(table.accounts.entry(key.clone()).or_insert_with(|| Account::new(now)))
    }

    /// Returns the smallest amount that `of` finds in any account of a recorder, in the budget's unit.
    pub(super) fn least(&self, recorder: &'static Recorder, terms: &Terms, of: impl Fn(&Account) -> u64) -> i64 {
        let recorder = AccountKey::new(recorder, None).recorder;
        let table = self.lock();
        let own = table.accounts.iter().filter(|(key, _)| key.recorder == recorder);
        let least = own.map(|(_, account)| of(account)).min().unwrap_or(terms.limit);
        i64::try_from(least).unwrap_or(i64::MAX)
    }

    /// Returns the number of accounts of a recorder.
    pub(super) fn count(&self, recorder: &'static Recorder) -> usize {
        let recorder = AccountKey::new(recorder, None).recorder;
        self.lock().accounts.keys().filter(|key| key.recorder == recorder).count()
    }

    /// Passes on each account of a recorder with its owner.
    #[cfg(feature = "page")]
    pub(super) fn each(&self, recorder: &'static Recorder, mut take: impl FnMut(Option<&Arc<str>>, &Account)) {
        let recorder = AccountKey::new(recorder, None).recorder;
        let table = self.lock();
        let own = table.accounts.iter().filter(|(key, _)| key.recorder == recorder);
        own.for_each(|(key, account)| take(key.owner.as_ref(), account));
    }

    /// Returns whether this is the first call for a recorder.
    pub(super) fn is_first_of(&self, recorder: &'static Recorder) -> bool {
        let recorder = AccountKey::new(recorder, None).recorder;
        let mut table = self.lock();
        let is_first = !table.metered_recorders.contains(&recorder);
        if is_first {
            table.metered_recorders.push(recorder);
        }
        is_first
    }

    fn lock(&self) -> MutexGuard<'_, AccountTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountTable {
    /// Evicts accounts: first all that are full, then the least recently used ones. Accounts with reservations stay.
    fn evict(&mut self, most: usize, terms: &Terms, now: Monotonic) {
        self.accounts.retain(|_, account| account.left(now, terms) < terms.limit);
        // A table that stays nearly full would be searched at each new name.
        if self.accounts.len() <= most - most / 10 {
            return;
        }
        let mut idle: Vec<_> = self.accounts.values().filter_map(Account::idle_since).collect();
        idle.sort_unstable();
        if let Some(&until) = idle.get(most / 10) {
            self.accounts.retain(|_, account| account.idle_since().is_none_or(|since| since > until));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountKey, Accounts, Monotonic, Terms};
    use crate::clock::Clock;
    use crate::recorder::Recorder;

    #[test]
    fn the_least_recently_used_are_evicted_and_those_in_use_stay() {
        let (accounts, recorder) = (Accounts::new(10_000), Recorder::isolated(Clock::System));
        let terms = Terms { limit: 10, soft: 8, period: None };
        let key = |n: u64| AccountKey::new(recorder, Some(n.to_string().into()));
        for n in 0..20_000 {
            let now = Monotonic(n);
            accounts.with(&key(n), &terms, now, |account| {
                account.reserve(Some(4), now, &terms).unwrap();
                // The call of the first account stays in progress.
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

    #[test]
    fn a_full_table_makes_room_for_many_new_names_at_once() {
        let (accounts, recorder) = (Accounts::new(1_000), Recorder::isolated(Clock::System));
        let terms = Terms { limit: 10, soft: 8, period: None };
        let key = |n: u64| AccountKey::new(recorder, Some(n.to_string().into()));
        // All but the last have spent; that one's account is full, and is evicted first.
        for n in 0..1_000 {
            accounts.with(&key(n), &terms, Monotonic(n), |account| {
                account.reserve(Some(4), Monotonic(n), &terms).unwrap();
                account.settle(4, if n < 999 { 3 } else { 0 }, Monotonic(n), &terms);
            });
        }
        accounts.with(&key(1_000), &terms, Monotonic(1_000), |_| ());
        let kept = accounts.count(recorder);
        assert!(kept <= 901, "{kept} are kept, so that the next name would be searched for again");
    }

    #[test]
    fn a_million_tenants_take_no_more_room_than_those_that_called_last() {
        let (accounts, recorder) = (Accounts::new(1_000), Recorder::isolated(Clock::System));
        let terms = Terms { limit: 10, soft: 8, period: Some(100_000) };
        let key = |n: u64| AccountKey::new(recorder, Some(n.to_string().into()));
        let mut most = 0;
        for n in 0..1_000_000 {
            let now = Monotonic(n);
            accounts.with(&key(n), &terms, now, |account| account.reserve(Some(4), now, &terms)).expect("it has all");
            // One call in 10,000 stays in progress.
            if n % 10_000 > 0 {
                accounts.with(&key(n), &terms, now, |account| account.settle(4, 3, now, &terms));
            }
            if n % 1_000 == 0 {
                most = most.max(accounts.count(recorder));
            }
        }
        assert!((900..=1_100).contains(&most), "{most}");
        let reserved = (0..100).map(|n| {
            let now = Monotonic(1_000_000);
            accounts.with(&key(n * 10_000), &terms, now, |account| account.left(now, &terms))
        });
        assert!(reserved.eq([6; 100]), "every call in progress is still reserved");
    }
}
