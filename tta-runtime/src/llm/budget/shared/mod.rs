//! Budgets that the processes of a fleet share through Redis.

mod account;
mod accounts;
mod closing;
mod exchange;
mod lease;
#[cfg(feature = "page")]
mod listing;
mod machine;
#[cfg(test)]
mod machine_model;
mod outage;
mod pause;
#[cfg(test)]
mod server_model;
mod sharing;
mod silence;
mod slice;

use std::sync::{Arc, OnceLock};

use self::account::SharedAccount;
use self::accounts::SharedAccounts;
pub(crate) use self::closing::give_all_back;
#[cfg(feature = "page")]
pub(super) use self::listing::SharedListing;
use self::machine::Reason;
pub use self::sharing::Sharing;
use super::exceeded::{BudgetRefusal, Refusal};
use super::{BudgetScope, Opening};
use crate::clock::Monotonic;
use crate::schema::Id;

/// The shared accounts of a budget, which are opened by the first reservation.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    sharing: Sharing,
    accounts: Arc<OnceLock<Arc<SharedAccounts>>>,
}

/// An amount that a call has reserved in a shared account.
#[derive(Clone)]
pub(super) struct SharedPlace {
    account: Arc<SharedAccount>,
    lease: u64,
}

impl Shared {
    fn new(sharing: Sharing) -> Self {
        Self { sharing, accounts: Arc::default() }
    }

    /// Reserves, and blocks the thread up to the time limit of Redis if the lease has too little.
    pub(super) fn reserve(
        &self,
        opening: Opening<'_>,
        owner: Option<Arc<str>>,
        most: Option<u64>,
    ) -> Result<(SharedPlace, u64), Refusal> {
        let accounts = self.accounts(opening);
        let account = accounts.account(owner).ok_or(Refusal::STORE_AWAY)?;
        let reserved = account.reserve(most, accounts.redis.limit(), |request| accounts.send(&account, request));
        place(account, reserved)
    }

    /// Reserves, and waits up to the time limit of Redis if the lease has too little.
    pub(super) async fn reserve_async(
        &self,
        opening: Opening<'_>,
        owner: Option<Arc<str>>,
        most: Option<u64>,
    ) -> Result<(SharedPlace, u64), Refusal> {
        let accounts = self.accounts(opening);
        let account = accounts.account(owner).ok_or(Refusal::STORE_AWAY)?;
        let limit = accounts.redis.limit();
        let reserved = account.reserve_async(most, limit, |request| accounts.send(&account, request)).await;
        place(account, reserved)
    }

    /// Returns the amount that the owner has left to reserve, as far as this process knows.
    pub(super) fn left(&self, opening: Opening<'_>, owner: Option<Arc<str>>) -> u64 {
        self.accounts(opening).account(owner).map_or(0, |account| account.balance().left)
    }

    /// Adds the gauges of the budget.
    pub(super) fn declare_metrics(&self, opening: Opening<'_>, remaining: Id, unspent: Option<Id>) {
        let Opening { budget, recorder, .. } = opening;
        recorder.declare(Id::BudgetExchanges, &[budget]);
        let limit = opening.terms.limit;
        let add = |id, read: fn(&SharedAccounts, u64) -> u64| {
            let accounts = Arc::downgrade(self.accounts(opening));
            recorder.add_level(id, budget, move |_: Monotonic| {
                Some(i64::try_from(read(&*accounts.upgrade()?, limit)).unwrap_or(i64::MAX))
            });
        };
        add(remaining, |accounts, _| accounts.least(|balance| balance.left));
        if let Some(unspent) = unspent {
            add(unspent, |accounts, limit| accounts.least(|balance| limit.saturating_sub(balance.spent)));
        }
        add(Id::BudgetAway, |accounts, _| u64::from(accounts.is_away()));
        if opening.scope != BudgetScope::Process {
            add(Id::BudgetAccounts, |accounts, _| accounts.count() as u64);
        }
    }

    /// Returns the accounts for whoever shows them.
    #[cfg(feature = "page")]
    pub(super) fn listing(&self, opening: Opening<'_>) -> SharedListing {
        SharedListing(Arc::downgrade(self.accounts(opening)))
    }

    fn accounts(&self, opening: Opening<'_>) -> &Arc<SharedAccounts> {
        self.accounts.get_or_init(|| {
            let accounts = SharedAccounts::open(opening, self.sharing.redis(), self.sharing.terms(opening.terms));
            closing::register(&accounts);
            accounts
        })
    }
}

fn place(account: Arc<SharedAccount>, reserved: Result<(u64, u64), Reason>) -> Result<(SharedPlace, u64), Refusal> {
    match reserved {
        Ok((lease, amount)) => Ok((SharedPlace { account, lease }, amount)),
        Err(reason) => {
            let balance = account.balance();
            Err(Refusal {
                spent: balance.spent,
                reserved: balance.reserved,
                resets_in: balance.resets_in,
                because: match reason {
                    Reason::TooLittleLeft => BudgetRefusal::TooLittleLeft,
                    Reason::ServerAway => BudgetRefusal::StoreAway,
                },
            })
        }
    }
}

impl SharedPlace {
    /// Replaces a reservation with the actual amount.
    pub(super) fn settle(&self, reserved: u64, spent: u64) {
        self.account.settle(self.lease, reserved, spent);
    }

    /// Returns a number that tells the account from all others of the process.
    pub(super) fn account_id(&self) -> u64 {
        Arc::as_ptr(&self.account).addr() as u64
    }
}

impl std::fmt::Debug for SharedPlace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SharedPlace").field("lease", &self.lease).finish_non_exhaustive()
    }
}
