//! The accounts of a shared budget, for whoever shows them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::accounts::SharedAccounts;
use crate::recorder::Recorder;

/// The accounts of a shared budget, as long as it lives.
#[derive(Clone, Debug)]
pub(in crate::llm::budget) struct SharedListing(pub(super) Weak<SharedAccounts>);

/// An account: its owner, what is reserved and spent, and the time until its period ends.
pub(in crate::llm::budget) type SharedReading = (Option<Arc<str>>, [u64; 2], Option<Duration>);

impl SharedListing {
    pub(in crate::llm::budget) fn address(&self) -> usize {
        self.0.as_ptr().addr()
    }

    pub(in crate::llm::budget) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Returns the accounts of a recorder, as far as this process knows what others reserve and spend.
    pub(in crate::llm::budget) fn read(&self, recorder: &'static Recorder) -> Vec<SharedReading> {
        let accounts = self.0.upgrade().filter(|accounts| accounts.is_of(recorder));
        accounts
            .map(|accounts| accounts.balances())
            .unwrap_or_default()
            .into_iter()
            .map(|(owner, balance)| (owner, [balance.reserved, balance.spent], balance.resets_in))
            .collect()
    }
}
