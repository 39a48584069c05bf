//! The future of a response: the call ends with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::status;
use crate::call::Call;

pin_project! {
    /// The response of a service that is a primitive.
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        response: Option<F>,
        call: Option<Call>,
        first_failure: u16,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.call {
                Some(call) => call.drop_inside(|| this.response.set(None)),
                None => this.response.set(None),
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(call: Call, response: F, first_failure: u16) -> Self {
        Self { response: Some(response), call: Some(call), first_failure }
    }

    /// Polls the response inside the call, and returns both once it is there.
    pub(super) fn poll_with_call<R, E>(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered<R, E>>
    where
        F: Future<Output = Result<Response<R>, E>>,
    {
        let this = self.project();
        let (Some(response), Some(call)) = (this.response.as_pin_mut(), this.call.as_mut()) else {
            return Poll::Pending;
        };
        let response = ready!(call.run(|| response.poll(context)));
        let Some(call) = this.call.take() else { return Poll::Pending };
        Poll::Ready(Answered { call, response, first_failure: *this.first_failure })
    }
}

/// A response that is there, and its call.
pub(super) struct Answered<R, E> {
    pub(super) call: Call,
    pub(super) response: Result<Response<R>, E>,
    pub(super) first_failure: u16,
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Answered { mut call, response, first_failure } = ready!(self.poll_with_call(context));
        let end = status::read(&mut call, &response, first_failure);
        call.finish_with(end);
        Poll::Ready(response)
    }
}
