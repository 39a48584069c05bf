//! The stream of a call: one call, from its start to the end or the drop of the stream.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::call::Call;
use crate::call::classification::CallEnd;
use crate::call::future::{Inferred, Written};
use crate::context::{deadline, frame};

pin_project! {
    /// A stream that runs as a call. `O` tells where the type of the items comes from.
    #[must_use = "streams do nothing unless they are polled"]
    pub struct CallStream<S, E, O> {
        #[pin]
        pub(super) body: Option<S>,
        pub(super) end: Option<CallEnd>,
        pub(super) classify_item: E,
        pub(super) call: StreamCall,
        pub(super) output: PhantomData<O>,
    }

    impl<S, E, O> PinnedDrop for CallStream<S, E, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.call.drop_inside(|| this.body.set(None));
            if let Some(mut end) = this.end.take() {
                // After an error item the reader stopped because of that error: keep its outcome.
                if !end.outcome.is_bad() {
                    end.outcome = frame::outcome_if_dropped();
                }
                this.call.call.finish_with(end);
            }
        }
    }
}

/// The call of a stream, and the deadline where the stream was opened: whoever reads it may be elsewhere.
pub(super) struct StreamCall {
    call: Call,
    deadline: Option<Instant>,
}

impl StreamCall {
    /// Polls a part of the stream as the call.
    #[inline]
    pub(super) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let _entered = deadline::enter(self.deadline);
        self.call.run(work)
    }

    fn drop_inside(&mut self, drop_work: impl FnOnce()) {
        let _entered = deadline::enter(self.deadline);
        self.call.drop_inside(drop_work);
    }

    /// Returns the call of a copy of the stream, which is none.
    pub(super) fn unobserved(&self) -> Self {
        Self { call: Call::UNOBSERVED, deadline: self.deadline }
    }
}

/// Continues the call if its stream opened; otherwise ends it as `end` reports.
///
/// # Errors
///
/// Returns the error that the body returned instead of a stream.
#[inline]
pub fn opened<S, R>(
    mut call: Call,
    body: Result<S, R>,
    end: impl FnOnce(&Result<S, R>, &mut CallEnd),
) -> Result<(Call, S), R> {
    if body.is_err() {
        call.finish(|call_end| end(&body, call_end));
    }
    body.map(|body| (call, body))
}

/// Runs a stream as the call; `classify_item` updates the end of the call with each item.
#[inline]
pub fn stream<S, E>(call: Call, body: S, classify_item: E) -> CallStream<S, E, Inferred>
where
    S: Stream,
    E: FnMut(&S::Item, &mut CallEnd),
{
    start(call, body, classify_item)
}

/// Runs a body that should be a stream of `T` as the call; `classify_item` updates the end of the call with each item.
#[inline]
pub fn stream_of<T, S, E>(call: Call, body: S, classify_item: E) -> CallStream<S, E, Written<T>>
where
    E: FnMut(&T, &mut CallEnd),
{
    start(call, body, classify_item)
}

#[inline]
fn start<S, E, O>(mut call: Call, body: S, classify_item: E) -> CallStream<S, E, O> {
    call.mark_streaming();
    let end = Some(CallEnd::new(call.is_recorded()));
    let call = StreamCall { call, deadline: deadline::current() };
    CallStream { body: Some(body), end, classify_item, call, output: PhantomData }
}

impl<S, E> Stream for CallStream<S, E, Inferred>
where
    S: Stream,
    E: FnMut(&S::Item, &mut CallEnd),
{
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.poll_call(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.body.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<T, S, E> Stream for CallStream<S, E, Written<T>>
where
    S: Stream<Item = T>,
    E: FnMut(&T, &mut CallEnd),
{
    type Item = T;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_call(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.body.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S, E, O> CallStream<S, E, O>
where
    S: Stream,
    E: FnMut(&S::Item, &mut CallEnd),
{
    #[inline]
    fn poll_call(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let item = std::task::ready!(this.call.run(|| body.poll_next(cx)));
        let call = &mut this.call.call;
        match (&item, &mut *this.end) {
            (Some(item), Some(end)) => {
                (this.classify_item)(item, end);
                call.record_item(end);
            }
            (None, end) => {
                if let Some(end) = end.take() {
                    call.finish_with(end);
                }
            }
            (Some(_), None) => {}
        }
        Poll::Ready(item)
    }
}
