//! All budgets that calls have reserved from, for whoever shows them.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::BudgetScope;
use super::account::{Account, Terms};
use super::accounts::Accounts;
use super::amount::BudgetUnit;
use super::shared::SharedListing;
use crate::clock::{Monotonic, nanoseconds};
use crate::recorder::Recorder;

/// One account of a budget: that of the process, of a workflow run, of an agent or of a tenant. Amounts are in the budget's unit, times
/// nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct AccountReading {
    /// Tells budgets of one name apart, as long as they live.
    pub(crate) budget: usize,
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: BudgetUnit,
    /// Whether other processes spend from it, too: then the amounts are those of all, as far as this process knows.
    pub(crate) is_shared: bool,
    pub(crate) scope: BudgetScope,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) period: Option<u64>,
    pub(crate) period_left: Option<u64>,
    pub(crate) limit: u64,
    pub(crate) soft: u64,
    pub(crate) reserved: u64,
    pub(crate) spent: u64,
}

/// A budget that calls have reserved from.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) name: Cow<'static, str>,
    pub(super) unit: BudgetUnit,
    pub(super) scope: BudgetScope,
    pub(super) terms: Terms,
    pub(super) accounts: ListedAccounts,
}

/// The accounts of a budget, as long as it lives.
#[derive(Clone)]
pub(super) enum ListedAccounts {
    Own(Weak<Accounts>),
    Shared(SharedListing),
}

static BUDGETS: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

/// The most budgets that are listed: a program may make one for each request.
const MOST: usize = 1_000;

/// Lists a budget, once for each recorder that it is used under. Those that are gone make room.
pub(super) fn add(budget: Listed) {
    let mut budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    if budgets.iter().any(|listed| listed.accounts.address() == budget.accounts.address()) {
        return;
    }
    if budgets.len() >= MOST {
        budgets.retain(|listed| !listed.accounts.are_gone());
    }
    if budgets.len() < MOST {
        budgets.push(budget);
    }
}

impl ListedAccounts {
    fn address(&self) -> usize {
        match self {
            Self::Own(accounts) => accounts.as_ptr().addr(),
            Self::Shared(accounts) => accounts.address(),
        }
    }

    fn are_gone(&self) -> bool {
        match self {
            Self::Own(accounts) => accounts.strong_count() == 0,
            Self::Shared(accounts) => accounts.is_gone(),
        }
    }
}

impl Listed {
    /// Returns the accounts of a recorder.
    fn read(&self, recorder: &'static Recorder, now: Monotonic) -> Vec<AccountReading> {
        let terms = &self.terms;
        let reading = |owner, reserved, spent, period_left| AccountReading {
            budget: self.accounts.address(),
            name: self.name.clone(),
            unit: self.unit,
            is_shared: matches!(self.accounts, ListedAccounts::Shared(_)),
            scope: self.scope,
            owner,
            period: terms.period,
            period_left,
            limit: terms.limit,
            soft: terms.soft,
            reserved,
            spent,
        };
        match &self.accounts {
            ListedAccounts::Own(accounts) => {
                // Reservations wait for the table: the rest of the work comes after it.
                let mut own: Vec<(Option<Arc<str>>, Account)> = Vec::new();
                if let Some(accounts) = accounts.upgrade() {
                    accounts.each(recorder, |owner, account| own.push((owner.cloned(), *account)));
                }
                let read = own.into_iter().map(|(owner, account)| {
                    reading(owner, account.reserved(), account.spent(now, terms), account.period_left(now, terms))
                });
                read.collect()
            }
            ListedAccounts::Shared(accounts) => {
                let known = accounts.read(recorder).into_iter();
                known
                    .map(|(owner, [reserved, spent], left)| reading(owner, reserved, spent, left.map(nanoseconds)))
                    .collect()
            }
        }
    }
}

/// Returns all accounts of a recorder, those with the smallest share left first.
pub(crate) fn accounts(recorder: &'static Recorder, now: Monotonic) -> Vec<AccountReading> {
    let budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    let listed = budgets.clone();
    drop(budgets);
    let mut readings: Vec<_> = listed.iter().flat_map(|budget| budget.read(recorder, now)).collect();
    let left = |reading: &AccountReading| {
        let left = reading.limit.saturating_sub(reading.spent).saturating_sub(reading.reserved);
        left as f64 / reading.limit.max(1) as f64
    };
    readings.sort_by(|one, other| left(one).total_cmp(&left(other)).then_with(|| one.name.cmp(&other.name)));
    readings
}
