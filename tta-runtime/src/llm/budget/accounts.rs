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
    /// The key of each account, at a place that it keeps, so that whoever reads all accounts can go on after others had the table.
    places: Vec<Option<AccountKey>>,
    free_places: Vec<usize>,
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
        change(table.account(key, now))
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

    /// Passes on each account of a recorder with its owner. Reservations go on meanwhile: an account that is opened or evicted
    /// while this reads may be missing.
    #[cfg(feature = "page")]
    pub(super) fn each(&self, recorder: &'static Recorder, mut take: impl FnMut(Option<&Arc<str>>, &Account)) {
        let recorder = AccountKey::new(recorder, None).recorder;
        for first in (0..).step_by(AT_ONCE) {
            let table = self.lock();
            let Some(part) = table.places.get(first..).filter(|part| !part.is_empty()) else { return };
            for key in part.iter().take(AT_ONCE).flatten().filter(|key| key.recorder == recorder) {
                if let Some(account) = table.accounts.get(key) {
                    take(key.owner.as_ref(), account);
                }
            }
            if part.len() > AT_ONCE {
                drop(table);
                // Without a pause this thread has the lock again before those that wait for it are awake.
                std::thread::sleep(PAUSE);
            }
        }
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

/// The accounts that are read before others have the table: some 50 µs.
#[cfg(feature = "page")]
const AT_ONCE: usize = 1_024;

/// The time for which others have the table.
#[cfg(feature = "page")]
const PAUSE: std::time::Duration = std::time::Duration::from_micros(20);

impl AccountTable {
    /// Returns the account of `key`; opens a full one if there is none.
    fn account(&mut self, key: &AccountKey, now: Monotonic) -> &mut Account {
        let Self { accounts, places, free_places, .. } = self;
        accounts.entry(key.clone()).or_insert_with(|| {
            match free_places.pop().and_then(|place| places.get_mut(place)) {
                Some(place) => *place = Some(key.clone()),
                None => places.push(Some(key.clone())),
            }
            Account::new(now)
        })
    }

    fn retain(&mut self, stays: impl Fn(&Account) -> bool) {
        let Self { accounts, places, free_places, .. } = self;
        accounts.retain(|_, account| stays(account));
        for (number, place) in places.iter_mut().enumerate() {
            if place.as_ref().is_some_and(|key| !accounts.contains_key(key)) {
                *place = None;
                free_places.push(number);
            }
        }
    }

    /// Evicts accounts: first all that are full, then the least recently used ones. Accounts with reservations stay.
    fn evict(&mut self, most: usize, terms: &Terms, now: Monotonic) {
        self.retain(|account| account.left(now, terms) < terms.limit);
        // A table that stays nearly full would be searched at each new name.
        if self.accounts.len() <= most - most / 10 {
            return;
        }
        let mut idle: Vec<_> = self.accounts.values().filter_map(Account::idle_since).collect();
        idle.sort_unstable();
        if let Some(&until) = idle.get(most / 10) {
            self.retain(|account| account.idle_since().is_none_or(|since| since > until));
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
        let table = accounts.lock();
        assert!(table.places.len() <= 1_200, "{} places", table.places.len());
        assert_eq!(table.places.iter().flatten().count(), table.accounts.len());
    }

    #[cfg(feature = "page")]
    #[test]
    fn calls_reserve_while_all_accounts_are_read() {
        use std::sync::atomic::{AtomicBool, Ordering};
        use std::time::{Duration, Instant};

        let (accounts, recorder) = (Accounts::new(100_000), Recorder::isolated(Clock::System));
        let terms = Terms { limit: 10, soft: 8, period: None };
        let key = |n: u64| AccountKey::new(recorder, Some(n.to_string().into()));
        (0..20_000).for_each(|n| accounts.with(&key(n), &terms, Monotonic(n), |_| ()));
        let is_read = AtomicBool::new(false);
        let calls = std::thread::scope(|scope| {
            let calls = scope.spawn(|| {
                let mut calls = 0;
                while !is_read.load(Ordering::Relaxed) {
                    accounts.with(&key(7), &terms, Monotonic(0), |_| calls += 1);
                    std::thread::sleep(Duration::from_micros(10));
                }
                calls
            });
            let mut owners = std::collections::HashSet::new();
            accounts.each(recorder, |owner, _| {
                // As if there were many more.
                let until = Instant::now() + Duration::from_micros(10);
                while Instant::now() < until {}
                owners.insert(owner.cloned());
            });
            is_read.store(true, Ordering::Relaxed);
            assert_eq!(owners.len(), 20_000);
            calls.join().expect("it counts")
        });
        // There are 20 parts of some 10 ms.
        assert!(calls >= 5, "{calls} calls in a time of 200 ms");
    }
}
