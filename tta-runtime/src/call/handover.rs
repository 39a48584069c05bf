//! The handover of a call from a future's body, which begins it, to the future.
//!
//! Labels are read from parameters, which the body owns, so the body begins the call. It stores the call here and yields
//! to its [`CallFuture`](crate::call::future::CallFuture), which takes the call and polls the body again at once. A
//! labelled `async fn` therefore needs no second future around its body.
//!
//! A call is large. One whose start needs nothing more of the parameters is not moved through this place: the body hands over its
//! series, and the future begins the call where it stays.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::attribute::Attributes;
use crate::call::{Call, Inputs, Prepared, begin_with, prepare_plain, start_plain};
use crate::site::CallSite;

thread_local! {
    /// The call that the body being polled has begun.
    static BEGUN: Cell<Option<Call>> = const { Cell::new(None) };
    /// The series of the call that the body being polled wants begun.
    static PREPARED: Cell<Option<Prepared>> = const { Cell::new(None) };
}

/// Begins the call of the future that is being polled; the body must await the result before it continues.
#[inline]
pub fn begin_inside(site: &'static CallSite, inputs: Inputs<'_>, attributes: impl FnOnce(&mut Attributes)) -> Handover {
    // Thread locals are gone on a thread that is ending: the call drops here, as cancelled.
    let mut call = Call::unobserved();
    if let Some(prepared) = prepare_plain(site, inputs.labels) {
        let handed_over = PREPARED.try_with(|place| place.set(Some(prepared))).is_ok();
        if !handed_over {
            start_plain(&mut call, prepared);
        }
        return Handover { must_yield: handed_over };
    }
    begin_with(&mut call, site, &inputs, attributes);
    let handed_over = BEGUN.try_with(|begun| begun.set(Some(call))).is_ok();
    Handover { must_yield: handed_over }
}

/// Puts the call that the latest poll of the body has begun, or wants begun, into its place; returns whether there is one.
#[inline]
pub(crate) fn take_begun(call: &mut Call) -> bool {
    if let Some(prepared) = PREPARED.try_with(Cell::take).ok().flatten() {
        start_plain(call, prepared);
        return true;
    }
    match BEGUN.try_with(Cell::take).ok().flatten() {
        Some(begun) => {
            *call = begun;
            true
        }
        None => false,
    }
}

/// Yields once, so that the future takes the call.
#[must_use = "the call is not taken over unless this is awaited"]
#[derive(Debug)]
pub struct Handover {
    must_yield: bool,
}

impl Future for Handover {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // No wake-up is needed: the future polls the body again in the same poll.
        if std::mem::take(&mut self.must_yield) { Poll::Pending } else { Poll::Ready(()) }
    }
}
