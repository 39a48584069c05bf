//! All budgets that calls have reserved from, for whoever shows them.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::BudgetScope;
use super::account::{Account, Terms};
use super::accounts::Accounts;
use crate::clock::Monotonic;
use crate::recorder::Recorder;

/// One account of a budget: that of the process, of a workflow run or of an agent. Amounts are nano-dollars, times nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct AccountReading {
    /// Tells budgets of one name apart, as long as they live.
    pub(crate) budget: usize,
    pub(crate) name: Cow<'static, str>,
    pub(crate) scope: BudgetScope,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) period: Option<u64>,
    pub(crate) period_left: Option<u64>,
    pub(crate) limit: u64,
    pub(crate) soft: u64,
    pub(crate) reserved: u64,
    pub(crate) spent: u64,
}

struct Listed {
    name: Cow<'static, str>,
    scope: BudgetScope,
    terms: Terms,
    accounts: Weak<Accounts>,
}

static BUDGETS: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

/// The most budgets that are listed: a program may make one for each request.
const MOST: usize = 1_000;

/// Lists a budget, once for each recorder that it is used under. Those that are gone make room.
pub(super) fn add(name: Cow<'static, str>, scope: BudgetScope, terms: Terms, accounts: &Arc<Accounts>) {
    let mut budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    let is_listed = |listed: &Listed| std::ptr::eq(listed.accounts.as_ptr(), Arc::as_ptr(accounts));
    if budgets.iter().any(is_listed) {
        return;
    }
    if budgets.len() >= MOST {
        budgets.retain(|listed| listed.accounts.strong_count() > 0);
    }
    if budgets.len() < MOST {
        budgets.push(Listed { name, scope, terms, accounts: Arc::downgrade(accounts) });
    }
}

/// Returns all accounts of a recorder, those with the smallest share left first.
pub(crate) fn accounts(recorder: &'static Recorder, now: Monotonic) -> Vec<AccountReading> {
    let budgets = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    let listed: Vec<_> = budgets
        .iter()
        .filter_map(|listed| Some((listed.name.clone(), listed.scope, listed.terms, listed.accounts.upgrade()?)))
        .collect();
    drop(budgets);
    let mut readings = Vec::new();
    for (name, scope, terms, accounts) in listed {
        // Reservations wait for the table: the rest of the work comes after it.
        let mut of_budget: Vec<(Option<Arc<str>>, Account)> = Vec::new();
        accounts.each(recorder, |owner, account| of_budget.push((owner.cloned(), *account)));
        let budget = Arc::as_ptr(&accounts).addr();
        readings.extend(of_budget.into_iter().map(|(owner, account)| AccountReading {
            budget,
            name: name.clone(),
            scope,
            owner,
            period: terms.period,
            period_left: account.period_left(now, &terms),
            limit: terms.limit,
            soft: terms.soft,
            reserved: account.reserved(),
            spent: account.spent(now, &terms),
        }));
    }
    let left = |reading: &AccountReading| {
        let left = reading.limit.saturating_sub(reading.spent).saturating_sub(reading.reserved);
        left as f64 / reading.limit.max(1) as f64
    };
    readings.sort_by(|one, other| left(one).total_cmp(&left(other)).then_with(|| one.name.cmp(&other.name)));
    readings
}
