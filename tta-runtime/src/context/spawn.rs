//! Tasks that continue the trace of the code that spawns them.

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};

use tokio::task::{AbortHandle, JoinHandle};

use super::WorkflowContext;

/// Spawns a future as a task on the current tokio runtime, in the current trace and workflow.
///
/// [`tokio::spawn`] begins outside of both: calls in such a task begin a trace of their own, without workflow, session or
/// budget, and nothing reports that. This function is [`WorkflowContext::current`] and
/// [`spawn`](WorkflowContext::spawn) in one.
///
/// # Panics
///
/// Panics outside of a tokio runtime, like [`tokio::spawn`].
///
/// ```
/// use tta_runtime::WorkflowContext;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let session = async || WorkflowContext::current().session_id().map(str::to_owned);
/// WorkflowContext::new()
///     .with_session_id("s-17")
///     .scope(async {
///         assert_eq!(tta_runtime::spawn(session()).await.unwrap().as_deref(), Some("s-17"));
///         assert_eq!(tokio::spawn(session()).await.unwrap(), None);
///     })
///     .await;
/// # }
/// ```
pub fn spawn<F>(body: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    WorkflowContext::current().spawn(body)
}

/// Runs a closure on a thread where blocking is acceptable, in the current trace and workflow; see
/// [`tokio::task::spawn_blocking`].
///
/// # Panics
///
/// Panics outside of a tokio runtime, like [`tokio::task::spawn_blocking`].
///
/// ```
/// use tta_runtime::WorkflowContext;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let context = WorkflowContext::new().with_session_id("s-17");
/// let task = context.run(|| {
///     tta_runtime::spawn_blocking(|| WorkflowContext::current().session_id().map(str::to_owned))
/// });
/// assert_eq!(task.await.unwrap().as_deref(), Some("s-17"));
/// # }
/// ```
pub fn spawn_blocking<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let context = WorkflowContext::current();
    tokio::task::spawn_blocking(move || context.run(body))
}

/// A [`tokio::task::JoinSet`] whose tasks continue the trace and the workflow of the code that spawns them.
///
/// It derefs to tokio's set, which has every method besides the ones here.
///
/// ```
/// use tta_runtime::{JoinSet, WorkflowContext};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let context = WorkflowContext::new().with_session_id("s-17");
/// let sessions = context.scope(async {
///     let mut tasks = JoinSet::new();
///     for _ in 0..2 {
///         tasks.spawn(async { WorkflowContext::current().session_id().map(str::to_owned) });
///     }
///     tasks.join_all().await
/// });
/// assert_eq!(sessions.await, [Some("s-17".to_owned()), Some("s-17".to_owned())]);
/// # }
/// ```
pub struct JoinSet<T>(tokio::task::JoinSet<T>);

impl<T> JoinSet<T> {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self(tokio::task::JoinSet::new())
    }
}

impl<T: Send + 'static> JoinSet<T> {
    /// Spawns a future as a task of the set, in the current trace and workflow.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn spawn(&mut self, body: impl Future<Output = T> + Send + 'static) -> AbortHandle {
        self.0.spawn(WorkflowContext::current().scope(body))
    }

    /// Runs a closure on a thread where blocking is acceptable, as a task of the set, in the current trace and workflow.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn spawn_blocking(&mut self, body: impl FnOnce() -> T + Send + 'static) -> AbortHandle {
        let context = WorkflowContext::current();
        self.0.spawn_blocking(move || context.run(body))
    }

    /// Waits until all tasks are done, and returns their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// Panics if a task panicked or was aborted, as [`tokio::task::JoinSet::join_all`].
    pub async fn join_all(self) -> Vec<T> {
        self.0.join_all().await
    }

    /// Returns tokio's set.
    #[must_use]
    pub fn into_inner(self) -> tokio::task::JoinSet<T> {
        self.0
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for JoinSet<T> {
    type Target = tokio::task::JoinSet<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for JoinSet<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
