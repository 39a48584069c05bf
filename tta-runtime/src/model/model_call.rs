//! A model call in progress: the model, and the usage reported so far.

use std::borrow::Cow;
use std::sync::Arc;

use super::call_cost::CallCost;
use super::inner_usage::InnerUsage;
use super::usage::Usage;
use super::workflow_run::WorkflowRun;
use crate::clock::Monotonic;
use crate::id::SpanIds;
use crate::site::ModelCells;

/// The names of a model and its provider, as in metrics and prices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModelName {
    pub(crate) provider: Cow<'static, str>,
    pub(crate) model: Cow<'static, str>,
}

/// The name of a provider or model that is not known.
const UNKNOWN: &str = "unknown";

impl ModelName {
    /// Creates a name; a part that is `None` becomes `unknown`.
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

/// A model call in progress.
#[derive(Debug)]
pub(crate) struct ModelCall {
    pub(crate) name: ModelName,
    pub(crate) tier: Option<Cow<'static, str>>,
    pub(crate) is_embedding: bool,
    /// The usages reported so far.
    pub(crate) reported: Vec<Usage>,
    /// The cost of these usages.
    pub(crate) cost: Arc<CallCost>,
    /// The cells of the call site, if the call has one.
    pub(crate) cells: Option<&'static ModelCells>,
    /// The usage that the items of a stream reported so far; it is counted when the call ends.
    pub(crate) streamed_usage: Option<Usage>,
    /// The times of a stream's items, `None` before the first.
    pub(crate) items: Option<ItemTimes>,
    /// The call failed before its request was sent.
    pub(crate) was_not_sent: bool,
    /// The usage of the calls inside this one that a client reports by `tracing` spans; it is counted if nothing else is.
    inner: Option<Arc<InnerUsage>>,
    /// The run that pays for the call.
    pub(crate) run: Option<Arc<WorkflowRun>>,
    /// The call's span, if its trace is sampled.
    pub(crate) span: Option<SpanIds>,
}

/// The times of a stream's first item and latest item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemTimes {
    pub(crate) first: Monotonic,
    pub(crate) latest: Monotonic,
}

impl ModelCall {
    pub(crate) fn new(name: ModelName, tier: Option<Cow<'static, str>>) -> Self {
        Self {
            name,
            tier,
            is_embedding: false,
            reported: Vec::new(),
            cost: Arc::default(),
            cells: None,
            streamed_usage: None,
            items: None,
            was_not_sent: false,
            inner: None,
            run: None,
            span: None,
        }
    }

    /// Returns where the parts of this call report their usage.
    pub(crate) fn inner(&mut self) -> Arc<InnerUsage> {
        Arc::clone(self.inner.get_or_insert_default())
    }

    /// Returns what the parts of this call have reported; later reports are not its own.
    pub(crate) fn end_inner(&mut self) -> Vec<Usage> {
        self.inner.take().map(|inner| inner.end()).unwrap_or_default()
    }
}
