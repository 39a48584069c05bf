//! The first part of a call that ends later: the body of an `async fn` that returns a stream.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::Call;

pin_project! {
    /// A body that runs as the first part of a call. Resolves to its output and the call, which continues.
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct Entering<F> {
        #[pin]
        body: Option<F>,
        call: Option<Call>,
    }

    impl<F> PinnedDrop for Entering<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.call {
                Some(call) => call.drop_inside(|| this.body.set(None)),
                None => this.body.set(None),
            }
        }
    }
}

/// Runs a future as the first part of a call.
#[inline]
pub fn enter_future<F: Future>(call: Call, body: F) -> Entering<F> {
    Entering { body: Some(body), call: Some(call) }
}

impl<F: Future> Future for Entering<F> {
    type Output = (Call, F::Output);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (Some(body), Some(call)) = (this.body.as_pin_mut(), this.call.as_mut()) else { return Poll::Pending };
        let output = std::task::ready!(call.run(|| body.poll(cx)));
        match this.call.take() {
            Some(call) => Poll::Ready((call, output)),
            None => Poll::Pending,
        }
    }
}
