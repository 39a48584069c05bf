//! Work without a call of its own, which is counted if it ends without a result.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::context::frame::outcome_if_dropped;
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::schema::Id;

/// Where work is counted that is cancelled, times out or panics: a metric whose labels are the block and the outcome.
#[derive(Clone, Copy)]
pub(super) struct UnfinishedSeries {
    pub(super) recorder: &'static Recorder,
    pub(super) id: Id,
    pub(super) block: &'static str,
}

pin_project! {
    /// Work that is counted if it ends without a result.
    pub(super) struct Watched<F> {
        #[pin]
        work: Option<F>,
        // `None` once the work has ended.
        if_unfinished: Option<UnfinishedSeries>,
    }

    impl<F> PinnedDrop for Watched<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // As in a call, the work drops before its end is counted.
            this.work.set(None);
            if let Some(series) = this.if_unfinished.take() {
                series.count(outcome_if_dropped());
            }
        }
    }
}

impl UnfinishedSeries {
    /// Watches work.
    pub(super) fn watch<F: Future>(self, work: F) -> Watched<F> {
        Watched { work: Some(work), if_unfinished: Some(self) }
    }

    #[cold]
    fn count(self, outcome: Outcome) {
        self.recorder.add(self.id, &[self.block, outcome.as_str()], 1);
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        /// Counts the work as panicked if it unwinds.
        struct CountOnUnwind<'a>(&'a mut Option<UnfinishedSeries>);
        impl Drop for CountOnUnwind<'_> {
            fn drop(&mut self) {
                if let Some(series) = self.0.take() {
                    series.count(Outcome::Panicked);
                }
            }
        }
        let this = self.project();
        let Some(work) = this.work.as_pin_mut() else { return Poll::Pending };
        let guard = CountOnUnwind(this.if_unfinished);
        let polled = work.poll(cx);
        if polled.is_ready() {
            *guard.0 = None;
        }
        std::mem::forget(guard);
        polled
    }
}
