//! All budgets that calls have reserved from, for whoever shows them.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::BudgetScope;
use super::account::Terms;
use super::account_reading::AccountReading;
use super::accounts::Accounts;
use super::amount::BudgetUnit;
use super::least_left::{AccountListing, LeastLeft};
use super::shared::SharedListing;
use crate::clock::{Monotonic, nanoseconds};
use crate::recorder::Recorder;

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
    /// Passes on the accounts of a recorder.
    fn read(&self, recorder: &'static Recorder, now: Monotonic, least_left: &mut LeastLeft) {
        let terms = &self.terms;
        let mut take = |owner: Option<&Arc<str>>, reserved: u64, spent: u64, period_left| {
            let left = terms.limit.saturating_sub(spent).saturating_sub(reserved);
            let share = left as f64 / terms.limit.max(1) as f64;
            least_left.take(share, &self.name, owner, || AccountReading {
                budget: self.accounts.address(),
                name: self.name.clone(),
                unit: self.unit,
                is_shared: matches!(self.accounts, ListedAccounts::Shared(_)),
                scope: self.scope,
                owner: owner.cloned(),
                period: terms.period,
                period_left,
                limit: terms.limit,
                soft: terms.soft,
                reserved,
                spent,
            });
        };
        match &self.accounts {
            ListedAccounts::Own(accounts) => {
                let Some(accounts) = accounts.upgrade() else { return };
                accounts.each(recorder, |owner, account| {
                    take(owner, account.reserved(), account.spent(now, terms), account.period_left(now, terms));
                });
            }
            ListedAccounts::Shared(accounts) => {
                for (owner, [reserved, spent], left) in accounts.read(recorder) {
                    take(owner.as_ref(), reserved, spent, left.map(nanoseconds));
                }
            }
        }
    }
}

/// Returns the accounts of a recorder with the smallest share left, at most this many.
pub(crate) fn accounts(recorder: &'static Recorder, now: Monotonic, most: usize) -> AccountListing {
    let budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    let listed = budgets.clone();
    drop(budgets);
    let mut least_left = LeastLeft::new(most);
    for budget in &listed {
        budget.read(recorder, now, &mut least_left);
    }
    least_left.into_listing()
}
