//! The accounts of a shared budget, and the tasks that exchange with the server for them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::account::{SharedAccount, now};
use super::exchange::{self, AccountName};
use super::lease::Request;
use super::machine::{Balance, SharedTerms};
use super::outage;
use super::silence::Silence;
use crate::llm::budget::amount::BudgetUnit;
use crate::llm::budget::{BudgetScope, Opening, soft_limit_reached};
use crate::recorder::Recorder;
use crate::redis::{Availability, OutageLog, Redis, spawn};
use crate::schema::Id;

/// The accounts of one shared budget in this process.
pub(super) struct SharedAccounts {
    budget: String,
    unit: BudgetUnit,
    scope: BudgetScope,
    pub(super) redis: Redis,
    terms: SharedTerms,
    recorder: &'static Recorder,
    accounts: Mutex<HashMap<Option<Arc<str>>, Arc<SharedAccount>>>,
    is_away: AtomicBool,
    silence: Silence,
    log: Arc<OutageLog>,
}

/// From this number of accounts on, those that are not used give back what they hold, and leave, at once.
const CROWD: usize = 10_000;

/// The most accounts that are kept. More are not opened while the server does not take back what those hold.
const MOST: usize = 100_000;

/// Up to this number of accounts, an answer makes all of them be looked at: whether another one still waits for its own.
const FEW: usize = 100;

/// The longest time between two looks at all accounts.
const LONGEST_INTERVAL: Duration = Duration::from_secs(10);

impl SharedAccounts {
    /// Makes the accounts, and starts the task that renews their leases.
    pub(super) fn open(opening: Opening<'_>, redis: Redis, terms: SharedTerms) -> Arc<Self> {
        let Opening { budget, unit, scope, recorder, .. } = opening;
        redis.budget_link();
        let accounts = Arc::new(Self {
            budget: budget.to_owned(),
            unit,
            scope,
            redis,
            terms,
            recorder,
            accounts: Mutex::default(),
            is_away: AtomicBool::new(false),
            silence: Silence::default(),
            log: outage::log(budget, terms.degraded > 0),
        });
        let interval = Duration::from_nanos(terms.lease / 6).min(LONGEST_INTERVAL);
        spawn(renew(Arc::downgrade(&accounts), interval));
        accounts
    }

    /// Returns the account of an owner; `None` if there are too many to open another one.
    pub(super) fn account(&self, owner: Option<Arc<str>>) -> Option<Arc<SharedAccount>> {
        let account = {
            let mut accounts = self.lock();
            match accounts.get(&owner) {
                Some(account) => Arc::clone(account),
                None if accounts.len() >= MOST && owner.is_some() => return None,
                None => {
                    let (unit, period) = (self.unit, self.terms.period);
                    let name = AccountName::new(&self.budget, unit, self.scope, period, owner.as_deref());
                    let account = Arc::new(SharedAccount::new(name, self.terms));
                    accounts.insert(owner, Arc::clone(&account));
                    account
                }
            }
        };
        account.hear(self.server_of(&account));
        Some(account)
    }

    /// Returns the number of accounts that are kept.
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether the server answers that has the account of the current window.
    fn server_of(&self, account: &SharedAccount) -> Availability {
        let server = || self.redis.budget_link().server(&account.key());
        if self.silence.is_silent(server) { Availability::Down } else { Availability::Up }
    }

    /// Sends a request on the connections' thread, and those that follow from its answer.
    pub(super) fn send(self: &Arc<Self>, account: &Arc<SharedAccount>, request: Request) {
        let (accounts, of_task) = (Arc::clone(self), Arc::clone(account));
        let sending = spawn(async move {
            let mut next = Some(request);
            while let Some(request) = next {
                accounts.exchange(&of_task, &request).await;
                next = of_task.next_request();
            }
            accounts.ask_again_later(&of_task);
        });
        if sending.is_none() {
            // A forked process has no such thread.
            account.end_request(&request, None, now());
            self.note(Availability::Down);
        }
    }

    /// Asks again after the pause that follows a request without an answer, also if no call comes: the next call would be refused
    /// although the server is back.
    fn ask_again_later(self: &Arc<Self>, account: &Arc<SharedAccount>) {
        let Some(pause) = account.asks_again_in() else { return };
        if self.count() >= CROWD {
            // So many ask again when `renew` looks at them.
            return;
        }
        // An account that is not used is forgotten meanwhile.
        let (accounts, account) = (Arc::downgrade(self), Arc::downgrade(account));
        spawn(async move {
            tokio::time::sleep(pause).await;
            if let (Some(accounts), Some(account)) = (accounts.upgrade(), account.upgrade())
                && let Some(request) = account.next_request()
            {
                accounts.send(&account, request);
            }
        });
    }

    async fn exchange(&self, account: &SharedAccount, request: &Request) {
        let key = account.name.key(request.window);
        let commands = exchange::commands(&key, request, &self.terms, &account.name);
        let link = self.redis.budget_link();
        let server = link.server(&key);
        let sent = now();
        let deadline = Instant::now() + self.redis.limit();
        let values = link.ask(&key, commands, deadline).await;
        let answer = values.ok().and_then(|values| exchange::read(&values));
        self.recorder.add(Id::BudgetExchanges, &[&self.budget], 1);
        // Before the calls that wait learn of the answer.
        if let Some(server) = server {
            match answer {
                Some(_) => self.silence.answered(&server),
                None => self.silence.unanswered(server),
            }
        }
        account.end_request(request, answer.as_ref(), sent);
        match answer {
            Some(answer) => {
                if answer.reaches_soft {
                    soft_limit_reached(self.recorder, &self.budget, self.unit.amount(self.terms.limit));
                }
                if account.is_away() {
                    self.note(Availability::Down);
                } else if self.is_away() && self.count() <= FEW {
                    self.note_if_all_are_back(&self.all());
                }
            }
            None => self.note(Availability::Down),
        }
    }

    fn note_if_all_are_back(&self, all: &[Arc<SharedAccount>]) {
        if !all.iter().any(|account| account.is_away()) {
            self.note(Availability::Up);
        }
    }

    fn note(&self, availability: Availability) {
        self.is_away.store(availability == Availability::Down, Ordering::Relaxed);
        self.log.note(availability);
    }

    /// Returns whether the server is away, or grants nothing since it was.
    pub(super) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// Returns whether the budget was opened under a recorder.
    #[cfg(feature = "page")]
    pub(super) fn is_of(&self, recorder: &'static Recorder) -> bool {
        std::ptr::eq(self.recorder, recorder)
    }

    /// Returns each account with its owner.
    #[cfg(feature = "page")]
    pub(super) fn balances(&self) -> Vec<(Option<Arc<str>>, Balance)> {
        let accounts: Vec<_> =
            self.lock().iter().map(|(owner, account)| (owner.clone(), Arc::clone(account))).collect();
        accounts.into_iter().map(|(owner, account)| (owner, account.balance())).collect()
    }

    /// Returns the smallest amount that `of` finds in any account.
    pub(super) fn least(&self, of: impl Fn(&Balance) -> u64) -> u64 {
        self.all().iter().map(|account| of(&account.balance())).min().unwrap_or(self.terms.limit)
    }

    fn all(&self) -> Vec<Arc<SharedAccount>> {
        self.lock().values().cloned().collect()
    }

    /// Gives back what is free, and reports what was spent, up to the deadline. Returns whether the server has it all.
    pub(super) fn give_back(self: &Arc<Self>, deadline: Instant) -> bool {
        loop {
            let accounts = self.all();
            for account in &accounts {
                account.close();
                if let Some(request) = account.next_request() {
                    self.send(account, request);
                }
            }
            if accounts.iter().all(|account| account.has_left()) {
                return true;
            }
            if Instant::now() >= deadline {
                return accounts.iter().all(|account| account.is_closed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Forgets the accounts that hold nothing and are not used; returns the others, and for how long an account is kept without use.
    fn forget_idle(&self) -> (Vec<Arc<SharedAccount>>, u64) {
        let mut known = self.lock();
        let idle = if known.len() >= CROWD { self.terms.lease / 6 } else { self.terms.lease };
        // Whoever has got an account is about to use it: that happens under the lock alone.
        let is_held = |account: &Arc<SharedAccount>| Arc::strong_count(account) > 1;
        known.retain(|owner, account| owner.is_none() || is_held(account) || !account.is_forgettable(idle));
        if known.capacity() > 4 * known.len().max(CROWD) {
            known.shrink_to_fit();
        }
        (known.values().cloned().collect(), idle)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<Arc<str>>, Arc<SharedAccount>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for SharedAccounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SharedAccounts").field("budget", &self.budget).finish_non_exhaustive()
    }
}

/// Renews leases, and forgets workflows, agents and tenants that make no calls, as long as the budget exists.
async fn renew(accounts: Weak<SharedAccounts>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        let Some(accounts) = accounts.upgrade() else { return };
        let (known, idle) = accounts.forget_idle();
        accounts.silence.retain(|server| accounts.redis.budget_link().has_slots(server));
        for account in &known {
            if known.len() >= CROWD {
                account.close_if_idle(idle);
            }
            account.hear(accounts.server_of(account));
            if let Some(request) = account.next_request() {
                accounts.send(account, request);
            }
        }
        accounts.note_if_all_are_back(&known);
    }
}
