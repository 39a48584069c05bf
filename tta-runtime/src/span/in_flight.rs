//! The batches of one exporter that are being exported, and the decision which attempt may begin.
//!
//! While nothing fails, several batches are on their way at the same time. After a failure that can be retried there is one attempt at a
//! time, that of the oldest batch, until an attempt succeeds: a collector that has asked for a pause is not asked by others meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::held_span::HeldSpan;

/// The wait after the first failed attempt; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The longest wait between two attempts during a shutdown.
const LONGEST_LAST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait that a collector can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// The batches that are being exported.
#[derive(Default)]
pub(super) struct InFlight {
    /// The oldest first.
    sending: Vec<Sending>,
    batches: u64,
    outage: Option<Outage>,
}

/// A batch that is being exported.
struct Sending {
    number: u64,
    /// Shared with the attempt.
    spans: Arc<Vec<Arc<HeldSpan>>>,
    /// The position of its first span among all that the exporter took.
    first: u64,
    bytes: usize,
    /// The end of the current attempt; `None` between two attempts.
    deadline: Option<Instant>,
    /// True after a failed attempt.
    is_failing: bool,
    /// True if the current attempt began during an outage.
    is_probe: bool,
}

/// A time in which no attempt has succeeded since one failed.
struct Outage {
    failures: u32,
    /// The latest failure, and the end of the pause after it.
    since: Instant,
    until: Instant,
}

/// The start of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Now,
    /// At this time, unless something changes before.
    At(Instant),
    /// When something changes.
    Later,
}

/// Spans whose fate is to be counted, and the position of the first of them.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) first: u64,
    pub(super) spans: Arc<Vec<Arc<HeldSpan>>>,
}

impl InFlight {
    /// Returns the number of spans, and their bytes.
    pub(super) fn held(&self) -> (usize, usize) {
        let of = |sending: &Sending| (sending.spans.len(), sending.bytes);
        self.sending.iter().map(of).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1))
    }

    /// Returns the bytes of each batch that is on its way now, for which its exporter has copies.
    pub(super) fn on_the_way(&self) -> impl Iterator<Item = usize> {
        self.sending.iter().filter(|sending| sending.deadline.is_some()).map(|sending| sending.bytes)
    }

    /// Returns the position of the oldest span.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.sending.iter().map(|sending| sending.first).min()
    }

    pub(super) fn is_in_outage(&self) -> bool {
        self.outage.is_some()
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.sending.iter().any(|sending| sending.number == number)
    }

    /// Returns when the next attempt to export a batch may begin; a new batch is `None`.
    ///
    /// The pause of an outage ends early during a shutdown, or at once if `is_hurried`, which then counts as the first failure.
    pub(super) fn start_of(
        &mut self,
        batch: Option<u64>,
        now: Instant,
        is_hurried: &mut bool,
        is_stopping: bool,
    ) -> Start {
        let oldest = self.sending.iter().find(|sending| sending.is_failing).map(|sending| sending.number);
        let is_first = oldest == batch && self.on_the_way().next().is_none();
        let Some(outage) = &mut self.outage else { return Start::Now };
        if !is_first {
            return Start::Later;
        }
        if std::mem::take(is_hurried) {
            outage.failures = 0;
            return Start::Now;
        }
        let until = if is_stopping { outage.until.min(outage.since + LONGEST_LAST_WAIT) } else { outage.until };
        if now >= until { Start::Now } else { Start::At(until) }
    }

    /// Adds a batch. Returns its number.
    pub(super) fn add(&mut self, first: u64, spans: Vec<Arc<HeldSpan>>) -> u64 {
        let bytes = spans.iter().map(|span| span.weight()).sum();
        self.batches += 1;
        let (number, spans) = (self.batches, Arc::new(spans));
        self.sending.push(Sending { number, spans, first, bytes, deadline: None, is_failing: false, is_probe: false });
        number
    }

    /// Begins an attempt, which ends at the deadline. Returns the batch's spans.
    pub(super) fn begin(&mut self, number: u64, deadline: Instant) -> Option<Arc<Vec<Arc<HeldSpan>>>> {
        let sending = self.sending.iter_mut().find(|sending| sending.number == number)?;
        sending.deadline = Some(deadline);
        sending.is_probe = self.outage.is_some();
        Some(Arc::clone(&sending.spans))
    }

    /// Notes that an attempt failed and that another one may succeed, after the time that the collector asked for.
    pub(super) fn fail(&mut self, number: u64, asked: Option<Duration>, now: Instant) {
        let mut is_probe = false;
        if let Some(sending) = self.sending.iter_mut().find(|sending| sending.number == number) {
            (sending.deadline, sending.is_failing) = (None, true);
            is_probe = sending.is_probe;
        }
        // A collector may ask for no wait at all, or by a clock of its own.
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        match &mut self.outage {
            // An attempt that began before the outage says no more about it than the first one that failed.
            Some(outage) if !is_probe => outage.until = outage.until.max(now + asked),
            outage => {
                let failures = outage.as_ref().map_or(0, |outage| outage.failures);
                let until = now + asked.max(backoff(failures));
                *outage = Some(Outage { failures: failures.saturating_add(1), since: now, until });
            }
        }
    }

    /// Notes that an attempt ended, whose batch is not retried. Returns the batch, if nobody else has taken it; whoever takes it settles it.
    ///
    /// Only an attempt that began during the outage ends it: an earlier one says nothing about the collector that has failed since.
    pub(super) fn end(&mut self, number: u64) -> Taken {
        if self.sending.iter().any(|sending| sending.number == number && sending.is_probe) {
            self.outage = None;
        }
        self.take(|sending| sending.number == number)
    }

    /// Takes the oldest batch that waits for another attempt.
    pub(super) fn take_failing(&mut self) -> Option<Taken> {
        let taken = self.take(|sending| sending.is_failing && sending.deadline.is_none());
        (!taken.spans.is_empty()).then_some(taken)
    }

    /// Takes a batch whose attempt should have ended before this time.
    pub(super) fn take_overdue(&mut self, before: Instant) -> Option<Taken> {
        let taken = self.take(|sending| sending.deadline.is_some_and(|deadline| deadline < before));
        (!taken.spans.is_empty()).then_some(taken)
    }

    /// Takes all batches.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Arc<HeldSpan>> {
        std::mem::take(&mut self.sending).into_iter().flat_map(|sending| Arc::unwrap_or_clone(sending.spans))
    }

    fn take(&mut self, is_it: impl FnMut(&Sending) -> bool) -> Taken {
        let Some(at) = self.sending.iter().position(is_it) else { return Taken::default() };
        let Sending { first, spans, .. } = self.sending.remove(at);
        Taken { first, spans }
    }
}

/// Returns the wait after a failed attempt: it doubles, and half of it is random, so that programs do not retry at once.
fn backoff(failures: u32) -> Duration {
    let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_WAIT);
    wait.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{InFlight, Start};

    /// Returns the start of an attempt that nobody hurries, in a program that goes on.
    fn start_of(in_flight: &mut InFlight, batch: Option<u64>, at: Instant) -> Start {
        in_flight.start_of(batch, at, &mut false, false)
    }

    /// Adds batches and begins to export each.
    fn exporting<const N: usize>(in_flight: &mut InFlight, now: Instant) -> [u64; N] {
        [(); N].map(|()| {
            assert_eq!(start_of(in_flight, None, now), Start::Now);
            let number = in_flight.add(0, Vec::new());
            in_flight.begin(number, now + Duration::from_secs(10));
            number
        })
    }

    #[test]
    fn after_a_failure_there_is_one_attempt_at_a_time_until_one_succeeds() {
        let (mut in_flight, now) = (InFlight::default(), Instant::now());
        let [first, second, third] = exporting(&mut in_flight, now);
        in_flight.fail(second, Some(Duration::from_secs(7)), now);
        in_flight.fail(first, None, now);
        let until = now + Duration::from_secs(7);
        for batch in [None, Some(first), Some(second)] {
            assert_eq!(start_of(&mut in_flight, batch, until), Start::Later, "the third one is on the way");
        }
        in_flight.fail(third, None, now);
        assert_eq!(start_of(&mut in_flight, Some(first), now), Start::At(until), "the wish of the second one's answer");
        for batch in [None, Some(second), Some(third)] {
            assert_eq!(start_of(&mut in_flight, batch, until), Start::Later, "the first one is older");
        }
        assert_eq!(start_of(&mut in_flight, Some(first), until), Start::Now);
        in_flight.begin(first, until + Duration::from_secs(10));
        assert_eq!(start_of(&mut in_flight, Some(second), until), Start::Later);
        in_flight.end(first);
        for batch in [None, Some(second), Some(third)] {
            assert_eq!(start_of(&mut in_flight, batch, until), Start::Now);
        }
    }

    #[test]
    fn a_success_that_began_before_the_outage_does_not_end_it() {
        let (mut in_flight, now) = (InFlight::default(), Instant::now());
        let [first, second] = exporting(&mut in_flight, now);
        in_flight.fail(second, Some(Duration::from_secs(7)), now);
        in_flight.end(first);
        assert!(in_flight.is_in_outage());
        let until = now + Duration::from_secs(7);
        assert_eq!(start_of(&mut in_flight, Some(second), now), Start::At(until));
        in_flight.begin(second, until + Duration::from_secs(10));
        in_flight.end(second);
        assert!(!in_flight.is_in_outage());
    }

    #[test]
    fn only_attempts_during_an_outage_lengthen_its_pauses() {
        let (mut in_flight, now) = (InFlight::default(), Instant::now());
        let [first, second, third] = exporting(&mut in_flight, now);
        for batch in [first, second, third] {
            in_flight.fail(batch, None, now);
        }
        let pause = |in_flight: &mut InFlight| match start_of(in_flight, Some(first), now) {
            Start::At(until) => (until - now).as_secs_f64(),
            other => panic!("{other:?}"),
        };
        for longest in [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0] {
            let pause = pause(&mut in_flight);
            assert!((longest / 2.0..=longest).contains(&pause), "{pause} of {longest}");
            in_flight.begin(first, now);
            in_flight.fail(first, None, now);
        }
        assert_eq!(in_flight.start_of(Some(first), now, &mut true, false), Start::Now, "a flush waits for no pause");
        in_flight.begin(first, now);
        in_flight.fail(first, None, now);
        assert!(pause(&mut in_flight) <= 0.25, "and then the pauses are short again");
        in_flight.fail(first, Some(Duration::from_secs(60)), now);
        let last = in_flight.start_of(Some(first), now, &mut false, true);
        assert_eq!(last, Start::At(now + Duration::from_millis(250)), "a shutdown waits a quarter of a second at most");
    }
}
