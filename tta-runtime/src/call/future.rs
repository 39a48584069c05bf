//! The future of a call: polls the body inside the call, then ends the call.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::classification::CallEnd;
use crate::call::handover::take_begun;
use crate::call::{Call, Inputs, begin_plain};
use crate::recorder::is_any_enabled;
use crate::site::CallSite;

/// Says that the type of an output or item is that of the body.
#[derive(Debug)]
pub struct Inferred;

/// Says that the signature gives the type of an output or item. Where the body has another one, the compiler then reports
/// the return type, and not a part of the expansion.
#[derive(Debug)]
pub struct Written<T>(PhantomData<fn() -> T>);

pin_project! {
    /// A body that runs as a call. `O` tells where the type of the output comes from.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct CallFuture<F, E, O> {
        #[pin]
        pub(super) observed: Option<Observed<F>>,
        pub(super) end: E,
        pub(super) output: PhantomData<O>,
    }

    impl<F, E, O> PinnedDrop for CallFuture<F, E, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut observed = this.project().observed;
            let unfinished = observed.as_mut().as_pin_mut().and_then(|observed| observed.project().stage.take_unfinished());
            if let Some(mut call) = unfinished {
                // The body drops first and inside the call: calls made by its drop have this call as their caller, and
                // calls that it cancels end before this one.
                call.drop_inside(|| observed.set(None));
            }
        }
    }
}

pin_project! {
    #[project = ObservedProjection]
    /// A body with the progress of its call.
    // Together, so that the unused values of a call say whether there is a body: an option of the body alone takes a word more.
    #[derive(Debug)]
    pub(super) struct Observed<F> {
        #[pin]
        pub(super) body: F,
        pub(super) stage: CallStage,
    }
}

/// The progress of a call; a future that is never polled is no call.
#[derive(Debug)]
pub(super) enum CallStage {
    /// The first poll begins a call of this site, with these inputs.
    Waiting(&'static CallSite, &'static Inputs<'static>),
    /// The first statement of the body begins the call.
    BegunByBody,
    Running(Call),
}

/// Runs a future as a call that has begun; `end` classifies the call by its output.
#[inline]
pub fn future<F, E>(call: Call, body: F, end: E) -> CallFuture<F, E, Inferred>
where
    F: Future,
    E: FnMut(&F::Output, &mut CallEnd),
{
    CallFuture::new(body, CallStage::Running(call), end)
}

/// Runs a body that should be a future of `T` as a call that has begun; `end` classifies the call by its output.
#[inline]
pub fn future_of<T, F, E>(call: Call, body: F, end: E) -> CallFuture<F, E, Written<T>>
where
    E: FnMut(&T, &mut CallEnd),
{
    CallFuture::new(body, CallStage::Running(call), end)
}

/// Runs a future as a call that begins with the first poll.
#[inline]
pub fn call<T, F, E>(site: &'static CallSite, body: F, end: E) -> CallFuture<F, E, Inferred>
where
    F: Future<Output = T>,
    E: FnMut(&F::Output, &mut CallEnd),
{
    call_with(site, &Inputs::NONE, body, end)
}

/// Runs a future as a call that begins with the first poll; its inputs are constants.
#[inline]
pub fn call_with<T, F, E>(
    site: &'static CallSite,
    inputs: &'static Inputs<'static>,
    body: F,
    end: E,
) -> CallFuture<F, E, Inferred>
where
    F: Future<Output = T>,
    E: FnMut(&F::Output, &mut CallEnd),
{
    CallFuture::new(body, CallStage::Waiting(site, inputs), end)
}

/// Runs a future as the call that its first statement [begins](crate::call::handover::begin_inside).
#[inline]
pub fn call_inside<T, F, E>(body: F, end: E) -> CallFuture<F, E, Inferred>
where
    F: Future<Output = T>,
    E: FnMut(&F::Output, &mut CallEnd),
{
    CallFuture::new(body, CallStage::BegunByBody, end)
}

impl<F, E> Future for CallFuture<F, E, Inferred>
where
    F: Future,
    E: FnMut(&F::Output, &mut CallEnd),
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.poll_call(cx)
    }
}

impl<T, F, E> Future for CallFuture<F, E, Written<T>>
where
    F: Future<Output = T>,
    E: FnMut(&T, &mut CallEnd),
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.poll_call(cx)
    }
}

impl<F, E, O> CallFuture<F, E, O> {
    #[inline]
    pub(super) fn new(body: F, stage: CallStage, end: E) -> Self {
        Self { observed: Some(Observed { body, stage }), end, output: PhantomData }
    }

    /// Returns the body, which is there until the future drops.
    pub(super) fn body(&self) -> Option<&F> {
        self.observed.as_ref().map(|observed| &observed.body)
    }
}

impl<F, E, O> CallFuture<F, E, O>
where
    F: Future,
    E: FnMut(&F::Output, &mut CallEnd),
{
    #[inline]
    fn poll_call(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(observed) = this.observed.as_pin_mut() else { return Poll::Pending };
        let ObservedProjection { mut body, stage } = observed.project();
        match stage {
            CallStage::Running(_) => {}
            CallStage::Waiting(..) => stage.begin(),
            CallStage::BegunByBody => {
                let polled = body.as_mut().poll(cx);
                if !stage.take_over() {
                    return polled;
                }
            }
        }
        let CallStage::Running(call) = stage else { return Poll::Pending };
        if !call.is_observed() {
            return body.poll(cx);
        }
        let output = std::task::ready!(call.run(|| body.poll(cx)));
        call.finish(|call_end| (this.end)(&output, call_end));
        Poll::Ready(output)
    }
}

impl CallStage {
    /// Returns the stage of a call that records nothing.
    #[inline]
    pub(super) fn unobserved() -> Self {
        Self::Running(Call::unobserved())
    }

    /// Begins the call.
    #[inline]
    fn begin(&mut self) {
        if is_any_enabled() {
            self.begin_recorded();
        } else {
            *self = Self::unobserved();
        }
    }

    /// Takes the call out, if it has begun, is observed, and has not ended.
    #[inline]
    fn take_unfinished(&mut self) -> Option<Call> {
        match self {
            Self::Running(call) if call.is_observed() => Some(std::mem::replace(call, Call::unobserved())),
            Self::Running(_) | Self::Waiting(..) | Self::BegunByBody => None,
        }
    }

    // Not inlined: what it needs on the stack would lie below the body's frame.
    #[inline(never)]
    fn begin_recorded(&mut self) {
        let Self::Waiting(site, inputs) = *self else { return };
        *self = Self::unobserved();
        if let Self::Running(call) = self {
            begin_plain(call, site, inputs);
        }
    }

    /// Takes the call that the body has begun; returns whether it has.
    // Not inlined, for the same reason.
    #[inline(never)]
    fn take_over(&mut self) -> bool {
        *self = Self::unobserved();
        let Self::Running(call) = self else { return false };
        let is_begun = take_begun(call);
        if !is_begun {
            *self = Self::BegunByBody;
        }
        is_begun
    }
}

#[cfg(test)]
mod tests {
    use super::{CallFuture, Inferred};
    use crate::call::Call;

    #[test]
    fn a_future_is_larger_than_its_body_by_a_call_alone() {
        assert_eq!(size_of::<CallFuture<[u64; 2], (), Inferred>>(), size_of::<[u64; 2]>() + size_of::<Call>());
    }
}
