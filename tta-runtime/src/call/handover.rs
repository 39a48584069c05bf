//! A call that the body of a future begins itself, since its labels are read from parameters that the body owns.
//!
//! The body begins the call, leaves it here and returns to its [`CallFuture`](crate::call::future::CallFuture), which
//! takes it and goes on at once. So a labelled `async fn` needs no second future around the one that its body is.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::attribute::Attributes;
use crate::call::{Call, Inputs, begin_with};
use crate::site::CallSite;

thread_local! {
    static BEGUN: Cell<Option<Call>> = const { Cell::new(None) };
}

/// Starts the call of the future that is being polled; the result is to be awaited before the body goes on.
#[inline]
pub fn begin_inside(site: &'static CallSite, inputs: Inputs<'_>, attributes: impl FnOnce(&mut Attributes)) -> Handover {
    let call = begin_with(site, inputs, attributes);
    // On a thread that is ending, the call ends here, as cancelled.
    let handed = BEGUN.try_with(|begun| begun.set(Some(call))).is_ok();
    Handover { to_be_taken: handed }
}

/// Takes the call that the body which was just polled has begun.
#[inline]
pub(crate) fn begun_inside() -> Option<Call> {
    BEGUN.try_with(Cell::take).ok().flatten()
}

/// Leaves the body once, for its call to be taken.
#[must_use = "the call is not taken over unless this is awaited"]
#[derive(Debug)]
pub struct Handover {
    to_be_taken: bool,
}

impl Future for Handover {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // Nobody is to be woken: whoever takes the call polls again before it returns.
        if std::mem::take(&mut self.to_be_taken) { Poll::Pending } else { Poll::Ready(()) }
    }
}
