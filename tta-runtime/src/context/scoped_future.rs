//! The future that runs in a workflow context.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::WorkflowContext;
use super::scope::Scope;

pin_project! {
    /// A future that runs in a [`WorkflowContext`].
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct ScopedFuture<F> {
        #[pin]
        body: Option<F>,
        // Created by the first poll, as a child of the frame that is current then.
        scope: Option<Scope>,
        context: WorkflowContext,
    }

    impl<F> PinnedDrop for ScopedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let scope = this.scope.get_or_insert_with(|| Scope::of(this.context));
            let _entered = scope.enter_to_drop();
            this.body.set(None);
        }
    }
}

impl<F> ScopedFuture<F> {
    pub(super) fn new(context: WorkflowContext, body: F) -> Self {
        Self { body: Some(body), scope: None, context }
    }
}

impl<F: Future> Future for ScopedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let scope = this.scope.get_or_insert_with(|| Scope::of(this.context));
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let _entered = scope.enter();
        body.poll(cx)
    }
}
