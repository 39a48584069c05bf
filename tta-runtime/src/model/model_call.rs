//! A call to a model that is in progress: which one it asks, and what it reported.

use std::borrow::Cow;
use std::sync::Arc;

use super::call_cost::CallCost;
use super::usage::Usage;
use crate::clock::Monotonic;
use crate::site::MoneyCells;

/// A model and who provides it, under the names that metrics and prices use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModelName {
    pub(crate) provider: Cow<'static, str>,
    pub(crate) model: Cow<'static, str>,
}

/// What stands for a provider or a model that nobody named.
const UNKNOWN: &str = "unknown";

impl ModelName {
    /// Makes the name of what is known of it.
    pub(crate) fn of_known(provider: Option<Cow<'static, str>>, model: Option<Cow<'static, str>>) -> Self {
        let or_unknown = |name: Option<_>| name.unwrap_or(Cow::Borrowed(UNKNOWN));
        Self { provider: or_unknown(provider), model: or_unknown(model) }
    }

    pub(crate) fn known_provider(&self) -> Option<Cow<'static, str>> {
        (self.provider != UNKNOWN).then(|| self.provider.clone())
    }

    pub(crate) fn known_model(&self) -> Option<Cow<'static, str>> {
        (self.model != UNKNOWN).then(|| self.model.clone())
    }
}

/// A call to a model that is in progress.
#[derive(Debug)]
pub(crate) struct ModelCall {
    pub(crate) name: ModelName,
    pub(crate) tier: Option<Cow<'static, str>>,
    /// What the call has reported so far, and what that cost.
    pub(crate) reported: Vec<Usage>,
    pub(crate) cost: Arc<CallCost>,
    /// Where the call site adds up what its calls cost.
    pub(crate) money: Option<&'static MoneyCells>,
    /// The usage that the items of a stream reported so far; it is counted when the call ends.
    pub(crate) streamed_usage: Option<Usage>,
    /// When a stream gave its items, once it gave one.
    pub(crate) items: Option<ItemTimes>,
}

/// When a stream gave its first item, and its latest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemTimes {
    pub(crate) first: Monotonic,
    pub(crate) latest: Monotonic,
}

impl ModelCall {
    pub(crate) fn new(name: ModelName, tier: Option<Cow<'static, str>>) -> Self {
        Self { name, tier, reported: Vec::new(), cost: Arc::default(), money: None, streamed_usage: None, items: None }
    }
}
