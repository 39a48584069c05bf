//! The future of a call: polls the body as part of the call, and ends the call with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::Call;
use crate::verdict::End;

pin_project! {
    /// A body that runs as a call.
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct CallFuture<F, E> {
        #[pin]
        body: Option<F>,
        end: Option<E>,
        call: Call,
    }

    impl<F, E> PinnedDrop for CallFuture<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // The body goes first and inside the call: what its drop calls has this call as its caller, and calls
            // that it cancels end before this one.
            this.call.drop_inside(|| this.body.set(None));
        }
    }
}

/// Runs a future as the call; `end` tells from its output how the call ended.
#[inline]
pub fn future<F, E>(call: Call, body: F, end: E) -> CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut End<'_>),
{
    CallFuture { body: Some(body), end: Some(end), call }
}

impl<F, E> Future for CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut End<'_>),
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let output = std::task::ready!(this.call.run(|| body.poll(cx)));
        if let Some(end) = this.end.take() {
            this.call.finish(|told| end(&output, told));
        }
        Poll::Ready(output)
    }
}
