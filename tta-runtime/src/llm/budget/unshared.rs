//! Budgets without Redis: there are no shared ones.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;
#[cfg(feature = "page")]
use std::time::Duration;

use super::Opening;
use super::exceeded::Refusal;
#[cfg(feature = "page")]
use crate::recorder::Recorder;
use crate::schema::Id;

/// No budget is shared without the feature `redis`.
#[derive(Clone, Debug)]
pub(super) struct Shared(Infallible);

/// No call reserves in a shared account.
#[derive(Clone, Debug)]
pub(super) struct SharedPlace(Infallible);

impl Shared {
    pub(super) fn reserve(
        &self,
        _: Opening<'_>,
        _: Option<Arc<str>>,
        _: Option<u64>,
    ) -> Result<(SharedPlace, u64), Refusal> {
        match self.0 {}
    }

    pub(super) fn reserve_async(
        &self,
        _: Opening<'_>,
        _: Option<Arc<str>>,
        _: Option<u64>,
    ) -> Ready<Result<(SharedPlace, u64), Refusal>> {
        match self.0 {}
    }

    pub(super) fn left(&self, _: Opening<'_>, _: Option<Arc<str>>) -> u64 {
        match self.0 {}
    }

    pub(super) fn declare_metrics(&self, _: Opening<'_>, _: Id, _: Option<Id>) {
        match self.0 {}
    }

    #[cfg(feature = "page")]
    pub(super) fn listing(&self, _: Opening<'_>) -> SharedListing {
        match self.0 {}
    }
}

/// There are no shared accounts to show.
#[cfg(feature = "page")]
#[derive(Clone, Debug)]
pub(super) struct SharedListing(Infallible);

#[cfg(feature = "page")]
impl SharedListing {
    pub(super) fn address(&self) -> usize {
        match self.0 {}
    }

    pub(super) fn is_gone(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn read(&self, _: &'static Recorder) -> Vec<SharedReading> {
        match self.0 {}
    }
}

/// An account: its owner, what is reserved and spent, and the time until its period ends.
#[cfg(feature = "page")]
type SharedReading = (Option<Arc<str>>, [u64; 2], Option<Duration>);

impl SharedPlace {
    pub(super) fn settle(&self, _: u64, _: u64) {
        match self.0 {}
    }

    pub(super) fn account_id(&self) -> u64 {
        match self.0 {}
    }
}
