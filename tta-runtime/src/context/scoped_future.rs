//! The future that runs in a workflow context.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::WorkflowContext;
use super::frame::{self, Frame};

pin_project! {
    /// A future that runs in a [`WorkflowContext`].
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct ScopedFuture<F> {
        #[pin]
        body: Option<F>,
        // Created by the first poll, as a child of the frame that is current then.
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

impl<F> ScopedFuture<F> {
    pub(super) fn new(context: WorkflowContext, body: F) -> Self {
        Self { body: Some(body), frame: None, context }
    }
}

impl<F: Future> Future for ScopedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let frame = this.frame.get_or_insert_with(|| this.context.frame());
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let _entered = frame::enter_scope(frame);
        body.poll(cx)
    }
}
