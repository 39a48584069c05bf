//! The workflow context of a task.

pub(crate) mod caller;
pub(crate) mod deadline;
pub(crate) mod frame;
pub(crate) mod host;
#[cfg(any(feature = "blocks", test))]
mod named_caller;
pub mod propagation;
mod scope;
mod scoped_future;
mod spawn;
mod trace_ids;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::Context;

use self::caller::Caller;
use self::frame::with_current;
use self::scope::Scope;
pub use self::scoped_future::ScopedFuture;
pub use self::spawn::{JoinSet, spawn, spawn_blocking};
pub use self::trace_ids::{WithTraceIds, span_id, trace_id, with_trace_ids};
use crate::agent_run::{AgentRun, Attempt};
use crate::id::SpanIds;
use crate::model::Ledger;
use crate::recorder::Recorder;
use crate::text;
use crate::workflow_attributes::WorkflowAttributes;
use crate::workflow_id::WorkflowId;

/// The context of the workflow that a task belongs to: identifiers, defaults for model calls, deadline, tags and baggage.
///
/// The context follows the task through annotated functions and blocks. A program passes it explicitly only at the start
/// of the workflow and to tasks that it spawns. A context never changes: each `with_…` method returns another one.
///
/// ```
/// use tta_runtime::WorkflowContext;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let context = WorkflowContext::new().with_session_id("s-17").with_tag("tenant", "blue");
/// context
///     .scope(async {
///         let there = WorkflowContext::current();
///         assert_eq!(there.session_id(), Some("s-17"));
///         let in_task = there.spawn(async { WorkflowContext::current().session_id().map(str::to_owned) });
///         assert_eq!(in_task.await.unwrap().as_deref(), Some("s-17"));
///     })
///     .await;
/// assert_eq!(WorkflowContext::current().session_id(), None);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowContext {
    workflow: Arc<WorkflowAttributes>,
    deadline: Option<Instant>,
    position: Option<TracePosition>,
}

/// The position in the trace and in the service map at which a context was taken.
#[derive(Clone, Debug)]
struct TracePosition {
    recorder: &'static Recorder,
    caller: Caller,
    ids: SpanIds,
    /// The host's context of OpenTelemetry there, with that span.
    host: Context,
}

impl Default for WorkflowContext {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $with:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> Option<&str> {
            self.workflow.$name.as_deref()
        }

        #[doc = concat!("Sets [`", stringify!($name), "`](Self::", stringify!($name), "), truncated to 256 bytes.")]
        #[must_use]
        pub fn $with(mut self, value: impl AsRef<str>) -> Self {
            // Some of these become label values: sanitize them at the boundary.
            let value = text::clean(value.as_ref(), text::LONGEST_LABEL);
            Arc::make_mut(&mut self.workflow).$name = Some(value.into());
            self
        }
    )*};
}

impl WorkflowContext {
    /// Creates a context with a new workflow id and a new correlation id (UUIDv7), for work that begins here.
    #[must_use]
    pub fn new() -> Self {
        let [workflow_id, correlation_id] = WorkflowId::pair().map(Some);
        let workflow = WorkflowAttributes {
            workflow_id,
            correlation_id,
            agent_run: Some(AgentRun::begin(None, Attempt::First)),
            ..WorkflowAttributes::default()
        };
        Self { workflow: Arc::new(workflow), deadline: None, position: None }
    }

    /// Returns the context of the current task.
    ///
    /// Its causation id is the current span's id, if spans are recorded. Outside of any context, all fields are
    /// empty.
    #[must_use]
    pub fn current() -> Self {
        with_current(|frame| {
            let mut here = frame.child();
            here.join_host_span();
            let ids = here.ids;
            let host = host::context_with(ids, here.trace_state());
            let mut workflow = here.workflow.unwrap_or_default();
            if ids.is_some() {
                Arc::make_mut(&mut workflow).causation_id = Some(ids.span_id().to_string().into());
            }
            let position = TracePosition { recorder: here.recorder, caller: here.caller, ids, host };
            Self { workflow, deadline: deadline::current(), position: Some(position) }
        })
        .unwrap_or_default()
    }

    texts! {
        /// Returns the id of this execution of the workflow.
        workflow_id, with_workflow_id;
        /// Returns the workflow's name; a call of type `workflow` sets it for the code inside.
        workflow_name, with_workflow_name;
        /// Returns the id of the session, or conversation, that the workflow belongs to.
        session_id, with_session_id;
        /// Returns the id that all work for one request shares, across processes.
        correlation_id, with_correlation_id;
        /// Returns the id of the span that started this work, in hexadecimal.
        causation_id, with_causation_id;
        /// Returns the id of the agent.
        agent_id, with_agent_id;
        /// Returns the agent's type; a call of type `agent` sets it for the code inside.
        agent_type, with_agent_type;
        /// Returns the tenant for whom the work is done, whose model calls are added up in `tta_llm_cost_by_tenant_total`.
        tenant, with_tenant;
        /// Returns the default provider, for model calls that do not name one.
        provider, with_provider;
        /// Returns the default model, for model calls that do not name one.
        model, with_model;
        /// Returns the default tier, for model calls that do not name one.
        tier, with_tier;
    }

    /// Returns the time by which the work should complete.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Sets [`deadline`](Self::deadline).
    #[must_use]
    pub fn with_deadline(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Returns the tags: attributes of every span in the workflow. Metrics never carry them.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.workflow.tags
    }

    /// Adds a tag, replacing an earlier value of the same key.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.workflow).tags.insert(key.into(), value.into());
        self
    }

    /// Returns the baggage, which is sent to other processes in the header `baggage`.
    #[must_use]
    pub fn baggage(&self) -> &BTreeMap<String, String> {
        &self.workflow.baggage
    }

    /// Adds an entry to the baggage, replacing an earlier value of the same key.
    #[must_use]
    pub fn with_baggage(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let (key, workflow) = (key.into(), Arc::make_mut(&mut self.workflow));
        if !workflow.baggage_properties.is_empty() {
            workflow.baggage_properties.remove(&key);
        }
        workflow.baggage.insert(key, value.into());
        self
    }

    /// Runs a future in this context.
    ///
    /// Calls inside join the trace at the position where [`current`](Self::current) took the context; in a
    /// [`new`](Self::new) one they stay in the trace of the caller.
    pub fn scope<F: Future>(&self, body: F) -> ScopedFuture<F> {
        ScopedFuture::new(self.clone(), body)
    }

    /// Spawns a future in this context as a task on the current tokio runtime.
    ///
    /// [`tta_runtime::spawn`](crate::spawn) does so in the current context.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime, like [`tokio::spawn`].
    pub fn spawn<F>(&self, body: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(self.scope(body))
    }

    /// Runs a closure in this context, such as a job of a thread pool.
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        let mut scope = Scope::of(self);
        let _entered = scope.enter();
        body()
    }

    pub(crate) fn from_remote(workflow: WorkflowAttributes, ids: SpanIds) -> Self {
        let host = host::context_with(ids, workflow.trace_state.clone());
        let position =
            with_current(|frame| TracePosition { recorder: frame.recorder, caller: Caller::NONE, ids, host });
        Self { workflow: Arc::new(workflow), deadline: None, position }
    }

    /// Creates the context of work that an isolated recorder records.
    #[cfg(feature = "testing")]
    pub(crate) fn of(recorder: &'static Recorder) -> Self {
        let host = host::context_with(SpanIds::NONE, opentelemetry::trace::TraceState::default());
        let position = TracePosition { recorder, caller: Caller::NONE, ids: SpanIds::NONE, host };
        Self { workflow: Arc::default(), deadline: None, position: Some(position) }
    }

    /// Adds a ledger that sums up the cost of the calls in this context.
    pub(crate) fn with_ledger(mut self, ledger: Arc<Ledger>) -> Self {
        ledger.nest(&mut Arc::make_mut(&mut self.workflow).ledgers);
        self
    }
}
