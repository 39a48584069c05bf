//! The future of a call: polls the body as part of the call, and ends the call with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::classification::CallEnd;
use crate::call::handover::begun_inside;
use crate::call::{Call, Inputs, begin_with};
use crate::site::CallSite;

pin_project! {
    /// A body that runs as a call.
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct CallFuture<F, E> {
        #[pin]
        body: Option<F>,
        end: Option<E>,
        stage: Stage,
    }

    impl<F, E> PinnedDrop for CallFuture<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match this.stage {
                // The body goes first and inside the call: what its drop calls has this call as its caller, and calls
                // that it cancels end before this one.
                Stage::Runs(call) => call.drop_inside(|| this.body.set(None)),
                Stage::Waits(..) | Stage::BeginsInside => this.body.set(None),
            }
        }
    }
}

/// How far a call has come; a future that nobody polls is no call.
#[derive(Debug)]
enum Stage {
    /// The first poll begins the call.
    Waits(&'static CallSite, &'static Inputs<'static>),
    /// The first statement of the body begins it.
    BeginsInside,
    Runs(Call),
}

/// Runs a future as the call; `end` tells from its output how the call ended.
#[inline]
pub fn future<F, E>(call: Call, body: F, end: E) -> CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut CallEnd),
{
    CallFuture { body: Some(body), end: Some(end), stage: Stage::Runs(call) }
}

/// Runs a future as a call that begins when it is first polled.
#[inline]
pub fn call<F, E>(site: &'static CallSite, body: F, end: E) -> CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut CallEnd),
{
    call_with(site, &Inputs::NONE, body, end)
}

/// Runs a future as a call that begins when it is first polled, and always has the same inputs.
#[inline]
pub fn call_with<F, E>(site: &'static CallSite, inputs: &'static Inputs<'static>, body: F, end: E) -> CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut CallEnd),
{
    CallFuture { body: Some(body), end: Some(end), stage: Stage::Waits(site, inputs) }
}

/// Runs a future as the call that its own first statement [hands over](crate::call::handover::begin_inside).
#[inline]
pub fn call_inside<F, E>(body: F, end: E) -> CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut CallEnd),
{
    CallFuture { body: Some(body), end: Some(end), stage: Stage::BeginsInside }
}

impl<F, E> Future for CallFuture<F, E>
where
    F: Future,
    E: FnOnce(&F::Output, &mut CallEnd),
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(mut body) = this.body.as_pin_mut() else { return Poll::Pending };
        match *this.stage {
            Stage::Waits(site, inputs) => *this.stage = Stage::Runs(begin_with(site, *inputs, |_| {})),
            Stage::BeginsInside => {
                let polled = body.as_mut().poll(cx);
                let Some(call) = begun_inside() else { return polled };
                *this.stage = Stage::Runs(call);
            }
            Stage::Runs(_) => {}
        }
        let Stage::Runs(call) = this.stage else { return Poll::Pending };
        let output = std::task::ready!(call.run(|| body.poll(cx)));
        if let Some(end) = this.end.take() {
            call.finish(|call_end| end(&output, call_end));
        }
        Poll::Ready(output)
    }
}
