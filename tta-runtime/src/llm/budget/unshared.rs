//! Budgets without Redis: there are no shared ones.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;

use super::Opening;
use super::exceeded::Refusal;
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
}

impl SharedPlace {
    pub(super) fn settle(&self, _: u64, _: u64) {
        match self.0 {}
    }

    pub(super) fn account_id(&self) -> u64 {
        match self.0 {}
    }
}
