//! The workflow that a task works for: what travels with it, and how to take it to another task.

pub(crate) mod frame;
pub mod propagation;
mod tracing_layer;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use pin_project_lite::pin_project;

use self::frame::{Connection, Frame, with_current};
pub use self::tracing_layer::{TracingLayer, tracing_layer};
use crate::id::{self, SpanIds};
use crate::model::Ledger;
use crate::recorder::Recorder;
use crate::text;
use crate::workflow_attributes::WorkflowAttributes;

/// What is known about the workflow that the current task works for.
///
/// It travels on the task, through every annotated function and block; a program passes it explicitly only where it
/// starts, and to tasks that it spawns. A copy shares nothing that changes with the context it was copied from.
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
    place: Option<Place>,
}

/// Where in a trace and in the service map a context was taken.
#[derive(Clone, Copy, Debug)]
struct Place {
    recorder: &'static Recorder,
    caller: &'static str,
    ids: SpanIds,
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

        #[doc = concat!("Sets [`", stringify!($name), "`](Self::", stringify!($name), "), cut to 256 bytes.")]
        #[must_use]
        pub fn $with(mut self, value: impl AsRef<str>) -> Self {
            // Some of these become label values, so what comes from outside is made fit here.
            let value = text::clean(value.as_ref(), text::LONGEST_LABEL);
            Arc::make_mut(&mut self.workflow).$name = Some(value.into());
            self
        }
    )*};
}

impl WorkflowContext {
    /// Makes a context with a new workflow id and a new correlation id (UUIDv7), for work that begins here.
    #[must_use]
    pub fn new() -> Self {
        let workflow = WorkflowAttributes {
            workflow_id: Some(id::uuid().into()),
            correlation_id: Some(id::uuid().into()),
            ..WorkflowAttributes::default()
        };
        Self { workflow: Arc::new(workflow), place: None }
    }

    /// Returns the context of the current task: its causation id is the current span's, where spans are recorded.
    #[must_use]
    pub fn current() -> Self {
        with_current(|frame| {
            let mut workflow = frame.workflow.clone().unwrap_or_default();
            if frame.ids.is_some() {
                Arc::make_mut(&mut workflow).causation_id = Some(frame.ids.span_id().to_string().into());
            }
            let Frame { recorder, caller, ids, .. } = *frame;
            Self { workflow, place: Some(Place { recorder, caller, ids }) }
        })
        .unwrap_or_default()
    }

    texts! {
        /// Returns what identifies this one execution of the workflow.
        workflow_id, with_workflow_id;
        /// Returns the workflow's name; a call of type `workflow` sets it for all that runs inside.
        workflow_name, with_workflow_name;
        /// Returns the session or conversation that the workflow belongs to.
        session_id, with_session_id;
        /// Returns what all work for one request has in common, across processes.
        correlation_id, with_correlation_id;
        /// Returns what caused this work: the span it was started from, in hexadecimal.
        causation_id, with_causation_id;
        /// Returns what identifies the agent.
        agent_id, with_agent_id;
        /// Returns the agent's type; a call of type `agent` sets it for all that runs inside.
        agent_type, with_agent_type;
        /// Returns the provider that model calls use which name none.
        provider, with_provider;
        /// Returns the model that model calls use which name none.
        model, with_model;
        /// Returns the tier that model calls use which name none.
        tier, with_tier;
    }

    /// Returns when the work should be done.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.workflow.deadline
    }

    /// Sets [`deadline`](Self::deadline).
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        Arc::make_mut(&mut self.workflow).deadline = Some(deadline);
        self
    }

    /// Returns the tags: attributes of every span in the workflow, never of metrics.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.workflow.tags
    }

    /// Adds a tag, replacing an earlier one of the same key.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.workflow).tags.insert(key.into(), value.into());
        self
    }

    /// Returns the baggage: what is handed to other processes in the header `baggage`.
    #[must_use]
    pub fn baggage(&self) -> &BTreeMap<String, String> {
        &self.workflow.baggage
    }

    /// Adds to the baggage, replacing an earlier value of the same key.
    #[must_use]
    pub fn with_baggage(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.workflow).baggage.insert(key.into(), value.into());
        self
    }

    /// Runs a future in this context.
    pub fn scope<F: Future>(&self, body: F) -> ScopedFuture<F> {
        ScopedFuture { body: Some(body), frame: None, context: self.clone() }
    }

    /// Spawns a future in this context, as a task of the current tokio runtime.
    ///
    /// # Panics
    ///
    /// Panics where [`tokio::spawn`] does: outside of a runtime.
    pub fn spawn<F>(&self, body: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(self.scope(body))
    }

    /// Runs a closure in this context, such as one that a thread pool was given.
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        let mut frame = self.frame();
        let _entered = frame::enter_within(&mut frame);
        body()
    }

    pub(crate) fn from_remote(workflow: WorkflowAttributes, ids: SpanIds) -> Self {
        let place = with_current(|frame| Place { recorder: frame.recorder, caller: "", ids });
        Self { workflow: Arc::new(workflow), place }
    }

    /// Makes the context of work that a recorder of its own records.
    #[cfg(feature = "testing")]
    pub(crate) fn of(recorder: &'static Recorder) -> Self {
        let place = Place { recorder, caller: "", ids: SpanIds::NONE };
        Self { workflow: Arc::default(), place: Some(place) }
    }

    /// Adds up in a ledger, too, what the calls in this context cost.
    pub(crate) fn with_ledger(mut self, ledger: Arc<Ledger>) -> Self {
        Arc::make_mut(&mut self.workflow).ledgers.push(ledger);
        self
    }

    /// Makes the frame of work in this context: at the place where it was taken, or here where it was made new.
    fn frame(&self) -> Frame {
        let mut frame =
            with_current(|current| current.child()).unwrap_or_else(|| Frame::root(&crate::recorder::GLOBAL));
        if let Some(Place { recorder, caller, ids }) = self.place {
            frame.recorder = recorder;
            frame.caller = caller;
            frame.connection = Connection::Call;
            frame.ids = ids;
        }
        frame.workflow = Some(Arc::clone(&self.workflow));
        frame
    }
}

pin_project! {
    /// A future that runs in a [`WorkflowContext`].
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct ScopedFuture<F> {
        #[pin]
        body: Option<F>,
        frame: Option<Frame>,
        context: WorkflowContext,
    }

    impl<F> PinnedDrop for ScopedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let frame = this.frame.get_or_insert_with(|| this.context.frame());
            let _entered = frame::enter_to_drop(frame);
            this.body.set(None);
        }
    }
}

impl<F: Future> Future for ScopedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let frame = this.frame.get_or_insert_with(|| this.context.frame());
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let _entered = frame::enter_within(frame);
        body.poll(cx)
    }
}
