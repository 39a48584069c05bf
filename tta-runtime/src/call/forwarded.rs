//! Traits that the future or stream of a call has if its body has them.
//!
//! A function may promise them in its return type. A clone is no call of its own: it runs unobserved.

use std::fmt::{Debug, Formatter};
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedFuture, FusedStream, Stream};
use futures_sink::Sink;

use super::future::{CallFuture, CallStage, Observed};
use super::stream::CallStream;

impl<F, E, O> FusedFuture for CallFuture<F, E, O>
where
    Self: Future,
    F: FusedFuture,
{
    fn is_terminated(&self) -> bool {
        self.body().is_none_or(FusedFuture::is_terminated)
    }
}

impl<S, E, O> FusedStream for CallStream<S, E, O>
where
    Self: Stream,
    S: FusedStream,
{
    fn is_terminated(&self) -> bool {
        self.body.as_ref().is_none_or(FusedStream::is_terminated)
    }
}

impl<S: Sink<T>, E, O, T> Sink<T> for CallStream<S, E, O> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        this.call.run(|| body.poll_ready(cx))
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), S::Error> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Ok(()) };
        this.call.run(|| body.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        this.call.run(|| body.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        this.call.run(|| body.poll_close(cx))
    }
}

impl<F: Clone, E: Clone, O> Clone for CallFuture<F, E, O> {
    fn clone(&self) -> Self {
        let observed = self.body().map(|body| Observed { body: body.clone(), stage: CallStage::unobserved() });
        Self { observed, end: self.end.clone(), output: PhantomData }
    }
}

impl<S: Clone, E: Clone, O> Clone for CallStream<S, E, O> {
    fn clone(&self) -> Self {
        Self {
            body: self.body.clone(),
            end: None,
            classify_item: self.classify_item.clone(),
            call: self.call.unobserved(),
            output: PhantomData,
        }
    }
}

impl<F: Debug, E, O> Debug for CallFuture<F, E, O> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self.body() {
            Some(body) => body.fmt(formatter),
            None => formatter.write_str("CallFuture"),
        }
    }
}

impl<S: Debug, E, O> Debug for CallStream<S, E, O> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match &self.body {
            Some(body) => body.fmt(formatter),
            None => formatter.write_str("CallStream"),
        }
    }
}

// The call and the closure that classifies it stay consistent whatever panics: counters are atomic.
impl<F: UnwindSafe, E, O> UnwindSafe for CallFuture<F, E, O> {}
impl<F: RefUnwindSafe, E, O> RefUnwindSafe for CallFuture<F, E, O> {}
impl<S: UnwindSafe, E, O> UnwindSafe for CallStream<S, E, O> {}
impl<S: RefUnwindSafe, E, O> RefUnwindSafe for CallStream<S, E, O> {}
