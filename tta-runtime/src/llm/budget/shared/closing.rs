//! The end of the process: what its shared budgets hold is given back.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use super::accounts::SharedAccounts;

/// The accounts of all shared budgets of the process.
static OPEN: Mutex<Vec<Weak<SharedAccounts>>> = Mutex::new(Vec::new());

/// Remembers accounts for the end of the process.
pub(super) fn register(accounts: &Arc<SharedAccounts>) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|accounts| accounts.strong_count() > 0);
    open.push(Arc::downgrade(accounts));
}

/// Gives back what all shared budgets hold, up to the deadline; returns whether Redis has it all.
pub(crate) fn give_all_back(deadline: Instant) -> bool {
    let open: Vec<_> = {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter_map(Weak::upgrade).collect()
    };
    let given_back: Vec<_> = open.iter().map(|accounts| accounts.give_back(deadline)).collect();
    given_back.into_iter().all(|is_given_back| is_given_back)
}
