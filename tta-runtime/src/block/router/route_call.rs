//! One call to a route, which is recorded however it ends.

use super::recent_samples::{RecentSamples, Sample};
use crate::clock::Monotonic;
use crate::context::frame;
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::schema::Id;

/// A call to a route in flight. Dropped before [`end`](Self::end), it was cancelled or timed out.
pub(super) struct RouteCall<'a> {
    recorder: &'static Recorder,
    /// The names of the router and the route.
    labels: [&'static str; 2],
    /// The time at which the router was called, before it chose.
    called: Monotonic,
    /// The samples that the duration is added to, if routes are chosen by latency.
    recent: Option<&'a RecentSamples>,
    start: Monotonic,
    outcome: Option<Outcome>,
}

impl<'a> RouteCall<'a> {
    pub(super) fn begin(
        recorder: &'static Recorder,
        labels: [&'static str; 2],
        called: Monotonic,
        recent: Option<&'a RecentSamples>,
    ) -> Self {
        Self { recorder, labels, called, recent, start: recorder.clock.now(), outcome: None }
    }

    pub(super) fn end(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for RouteCall<'_> {
    fn drop(&mut self) {
        let outcome = self.outcome.unwrap_or_else(frame::outcome_if_dropped);
        let now = self.recorder.clock.now();
        self.recorder.add(Id::RouterDuration, &self.labels, now.0.saturating_sub(self.called.0));
        // Added even when zero: a router built under another recorder declared its series there.
        self.recorder.add(Id::RouterErrors, &self.labels, u64::from(outcome.is_bad()));
        let Some(recent) = self.recent else { return };
        let took = now.0.saturating_sub(self.start.0) as f64;
        match outcome {
            Outcome::Success => recent.add(Sample::Succeeded(took)),
            Outcome::Failure | Outcome::Timeout | Outcome::Panicked => recent.add(Sample::Failed(took)),
            // The call would have taken even longer, so its duration is a sample only if it exceeds the mean.
            Outcome::Cancelled if recent.statistics().succeeded.value().is_some_and(|mean| took > mean) => {
                recent.add(Sample::Succeeded(took));
            }
            Outcome::Cancelled => {}
        }
    }
}
