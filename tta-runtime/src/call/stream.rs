//! The stream of a call: one call from the start to the stream's end, drop or error.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::call::Call;
use crate::call::verdict::End;
use crate::context::frame;

pin_project! {
    /// A stream that runs as a call.
    #[must_use = "streams do nothing unless they are polled"]
    #[derive(Debug)]
    pub struct CallStream<S, E> {
        #[pin]
        body: Option<S>,
        told: Option<End<'static>>,
        end_of_item: E,
        call: Call,
    }

    impl<S, E> PinnedDrop for CallStream<S, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.call.drop_inside(|| this.body.set(None));
            if let Some(told) = this.told.take() {
                // An item that was an error is why the reader left.
                let outcome = if told.outcome.is_bad() { told.outcome } else { frame::outcome_if_dropped() };
                this.call.finish_told(End { outcome, ..told });
            }
        }
    }
}

/// Goes on with the call where its stream opened; `end` tells how the call ended where it did not.
///
/// # Errors
///
/// Returns the error that the body gave instead of a stream.
#[inline]
pub fn opened<S, R>(
    mut call: Call,
    body: Result<S, R>,
    end: impl FnOnce(&Result<S, R>, &mut End<'_>),
) -> Result<(Call, S), R> {
    if body.is_err() {
        call.finish(|told| end(&body, told));
    }
    body.map(|body| (call, body))
}

/// Runs a stream as the call; `end_of_item` tells from each item what it means for the call.
#[inline]
pub fn stream<S, E>(mut call: Call, body: S, end_of_item: E) -> CallStream<S, E>
where
    S: Stream,
    E: FnMut(&S::Item, &mut End<'_>),
{
    call.gives_pieces();
    let told = Some(End::new(call.is_recorded()));
    CallStream { body: Some(body), told, end_of_item, call }
}

impl<S, E> Stream for CallStream<S, E>
where
    S: Stream,
    E: FnMut(&S::Item, &mut End<'_>),
{
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Pending };
        let item = std::task::ready!(this.call.run(|| body.poll_next(cx)));
        match (&item, &mut *this.told) {
            (Some(item), Some(told)) => {
                (this.end_of_item)(item, told);
                this.call.note_item(told);
            }
            (None, told) => {
                if let Some(told) = told.take() {
                    this.call.finish_told(told);
                }
            }
            (Some(_), None) => {}
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.body.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}
