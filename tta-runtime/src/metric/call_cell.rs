//! The cell of one label set of a call site: calls started, and calls ended by outcome and duration.

use std::sync::{Arc, OnceLock};

use super::durations::Durations;
use super::ended::{BucketCounts, Ended, EndedCounts};
use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::histogram::{Bounds, HistogramCounts};
use super::sketch::{ExponentialCounts, keeps_exponential_counts};
use crate::clock::ClockAnchor;
use crate::label::top::Rising;
use crate::outcome::Outcome;

/// Counts the calls of one series.
///
/// An ended call adds to exactly one bucket of exactly one outcome. Executions by outcome, the duration histogram and calls
/// in progress are all derived from these counts, so they cannot disagree.
pub(crate) struct CallCell {
    bounds: Arc<Bounds>,
    /// The ended calls; if they have exponential buckets of their own, those that ended before these were wanted.
    ended: Ended,
    /// The sampled successes.
    exemplars: Exemplars,
    /// The sampled calls of all other outcomes.
    other_exemplars: Exemplars,
    exponential: Exponential,
}

/// The exponential buckets of a series.
enum Exponential {
    /// Another sketch has the same calls.
    Elsewhere,
    /// The calls that ended since exponential buckets are wanted.
    Own(OnceLock<Box<Late>>),
}

/// Calls that ended, in both kinds of buckets.
struct Late {
    ended: Ended,
    durations: Durations,
}

/// A reading of a [`CallCell`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallCounts {
    pub(crate) started: u64,
    /// Ended calls by outcome, in the order of [`Outcome::ALL`].
    pub(crate) ended: [u64; Outcome::COUNT],
    /// The durations of all calls.
    pub(crate) all: CallDurations,
    /// Those of successes; `None` if there are no other calls.
    successes: Option<CallDurations>,
}

/// The durations of calls, and the latest sampled call of each bucket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallDurations {
    pub(crate) histogram: HistogramCounts,
    pub(crate) exemplars: Vec<Option<Exemplar>>,
}

impl CallCounts {
    /// Returns the number of calls in progress.
    pub(crate) fn active(&self) -> u64 {
        self.started.saturating_sub(self.ended.iter().sum())
    }

    /// Returns the durations of successes.
    pub(crate) fn successes(&self) -> &CallDurations {
        self.successes.as_ref().unwrap_or(&self.all)
    }

    /// Adds exponential buckets, which were read apart: those of successes, and those of all other calls.
    pub(crate) fn set_exponential(&mut self, [successes, others]: [ExponentialCounts; 2]) {
        let mut all = successes.clone();
        all.add(&others);
        for (durations, counts) in [(Some(&mut self.all), all), (self.successes.as_mut(), successes)] {
            if let Some(CallDurations { histogram, .. }) = durations {
                histogram.exponential = Some(ExponentialCounts { sum: histogram.sum, ..counts });
            }
        }
    }

    /// Returns the counts with exponential buckets, also if these were not wanted yet when they were read.
    pub(crate) fn in_both_kinds(self) -> Self {
        let both =
            |durations: CallDurations| CallDurations { histogram: durations.histogram.in_both_kinds(), ..durations };
        Self { all: both(self.all), successes: self.successes.map(both), ..self }
    }
}

impl CallDurations {
    /// Returns the durations of these calls and of others.
    fn with(&self, others: &Self) -> Self {
        let mut all = self.clone();
        all.histogram.add(&others.histogram);
        if all.exemplars.is_empty() {
            all.exemplars.clone_from(&others.exemplars);
        }
        for (latest, other) in all.exemplars.iter_mut().zip(&others.exemplars) {
            // Of two at the same time, the first.
            *latest = [*latest, *other]
                .into_iter()
                .flatten()
                .reduce(|one, other| if other.at > one.at { other } else { one });
        }
        all
    }

    /// Returns what ended since an earlier reading.
    fn since(&self, earlier: &Self) -> Self {
        let was_there = |bucket: usize, now: &Exemplar| {
            earlier.exemplars.get(bucket).is_some_and(|then| then.is_some_and(|then| then.span == now.span))
        };
        let since = |(bucket, now): (usize, &Option<Exemplar>)| now.filter(|now| !was_there(bucket, now));
        Self {
            histogram: self.histogram.since(&earlier.histogram),
            exemplars: self.exemplars.iter().enumerate().map(since).collect(),
        }
    }
}

impl Rising for CallCounts {
    fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, n)| *sum += n);
        if self.successes.is_some() || other.successes.is_some() {
            let mut successes = self.successes().clone();
            successes.histogram.add(&other.successes().histogram);
            self.successes = Some(successes);
        }
        self.all.histogram.add(&other.all.histogram);
    }

    fn since(&self, earlier: &Self) -> Self {
        let mut ended = self.ended;
        ended.iter_mut().zip(earlier.ended).for_each(|(now, earlier)| *now = now.saturating_sub(earlier));
        Self {
            started: self.started.saturating_sub(earlier.started),
            ended,
            all: self.all.since(&earlier.all),
            successes: self.successes.as_ref().map(|now| now.since(earlier.successes())),
        }
    }

    fn is_empty(&self) -> bool {
        self.started == 0 && self.ended.iter().all(|n| *n == 0)
    }

    fn running(&self) -> u64 {
        self.active()
    }

    fn without_traces(mut self) -> Self {
        self.all.exemplars.fill(None);
        self.successes.iter_mut().for_each(|successes| successes.exemplars.fill(None));
        self
    }

    fn in_present_form(self) -> Self {
        if keeps_exponential_counts() { self.in_both_kinds() } else { self }
    }
}

impl CallCell {
    /// Creates a cell with these bounds, which count in nanoseconds.
    pub(crate) fn new(bounds: &Arc<Bounds>) -> Self {
        Self {
            bounds: Arc::clone(bounds),
            ended: Ended::new(bounds.buckets()),
            exemplars: Exemplars::new(),
            other_exemplars: Exemplars::new(),
            exponential: Exponential::Elsewhere,
        }
    }

    /// Creates a cell whose calls no other sketch has.
    pub(crate) fn with_own_sketch(bounds: &Arc<Bounds>) -> Self {
        Self { exponential: Exponential::Own(OnceLock::new()), ..Self::new(bounds) }
    }

    #[inline]
    pub(crate) fn start(&self) {
        self.ended.start();
    }

    #[inline]
    pub(crate) fn end(&self, outcome: Outcome, nanoseconds: u64) {
        match &self.exponential {
            Exponential::Own(late) if keeps_exponential_counts() => self.end_late(late, outcome, nanoseconds),
            _ => self.ended.add(self.bounds.bucket(nanoseconds), outcome, nanoseconds),
        }
    }

    fn end_late(&self, late: &OnceLock<Box<Late>>, outcome: Outcome, nanoseconds: u64) {
        let late = late.get_or_init(|| {
            Box::new(Late { ended: Ended::new(self.bounds.buckets()), durations: Durations::new(self.bounds.grid) })
        });
        late.ended.add(self.bounds.bucket(nanoseconds), outcome, nanoseconds);
        late.durations.observe_with_sum(outcome, nanoseconds);
    }

    /// Returns the number of ended calls.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.total() + self.late().map_or(0, |late| late.ended.total())
    }

    fn late(&self) -> Option<&Late> {
        match &self.exponential {
            Exponential::Own(late) => late.get().map(Box::as_ref),
            Exponential::Elsewhere => None,
        }
    }

    /// Stores a sampled call as the exemplar of its bucket.
    pub(crate) fn set_exemplar(&self, outcome: Outcome, nanoseconds: u64, call: Sampled) {
        let buckets = self.bounds.buckets();
        let exemplars = if outcome == Outcome::Success { &self.exemplars } else { &self.other_exemplars };
        exemplars.put(self.bounds.bucket(nanoseconds), buckets, call, nanoseconds);
    }

    /// Returns the counts; the anchor dates the exemplars.
    pub(crate) fn read(&self, anchor: ClockAnchor) -> CallCounts {
        match self.exponential {
            Exponential::Own(_) if keeps_exponential_counts() => self.read_both(anchor),
            _ => self.counts(self.ended.read(), anchor),
        }
    }

    /// Returns the counts in both kinds of buckets.
    fn read_both(&self, anchor: ClockAnchor) -> CallCounts {
        // Read before the others, which are counted first: the exponential buckets never have a call more.
        let late = self.late().map(|late| late.durations.read_apart());
        let early = self.ended.read();
        let [late_successes, late_others] = late.map_or([None, None], |late| late.map(Some));
        let both = |early: &BucketCounts, late| self.bounds.exponential(&early.buckets, early.sum, late);
        let none = BucketCounts::default();
        let exponential =
            [both(&early.successes, late_successes), both(early.others.as_ref().unwrap_or(&none), late_others)];
        let mut counts = self.counts(early, anchor);
        counts.set_exponential(exponential);
        counts
    }

    fn counts(&self, early: EndedCounts, anchor: ClockAnchor) -> CallCounts {
        let mut counts = early;
        if let Some(late) = self.late() {
            counts.add(late.ended.read());
        }
        // Read the starts last: a call that ends meanwhile counts as in progress, never as ended before its start.
        let started = self.ended.started();
        let EndedCounts { ended, successes, others } = counts;
        let durations = |BucketCounts { buckets, sum }, exemplars: &Exemplars| CallDurations {
            histogram: HistogramCounts { bounds: Arc::clone(&self.bounds), counts: buckets, sum, exponential: None },
            exemplars: exemplars.read(anchor),
        };
        let successes = durations(successes, &self.exemplars);
        match others.map(|others| durations(others, &self.other_exemplars)) {
            None => CallCounts { started, ended, all: successes, successes: None },
            Some(others) => CallCounts { started, ended, all: successes.with(&others), successes: Some(successes) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CallCell, CallDurations, Exponential};
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;
    use crate::metric::{Bounds, Sampled};
    use crate::outcome::Outcome;

    #[test]
    fn outcomes_durations_and_calls_in_progress_come_from_the_same_counts() {
        let cell = CallCell::new(&Arc::new(Bounds::new(&[0.001], 1e9)));
        for _ in 0..4 {
            cell.start();
        }
        cell.end(Outcome::Success, 500);
        cell.end(Outcome::Panicked, 2_000_000);
        cell.end(Outcome::Success, 1_500_000);
        let counts = cell.read(Clock::System.anchor());
        assert_eq!((counts.started, counts.ended, counts.active()), (4, [2, 0, 0, 0, 1], 1));
        let parts = |of: &CallDurations| (of.histogram.counts.clone(), of.histogram.sum);
        assert_eq!(parts(&counts.all), (vec![1, 2], 3_500_500));
        assert_eq!(parts(counts.successes()), (vec![1, 1], 1_500_500));
    }

    #[test]
    fn an_exemplar_of_successes_is_one() {
        let cell = CallCell::new(&Arc::new(Bounds::new(&[0.001], 1e9)));
        let [success, failure, timeout] = [1, 2, 3].map(|n| SpanIds::remote(n, 1, true));
        for (outcome, span, nanoseconds, at) in [
            (Outcome::Success, success, 500, 1),
            (Outcome::Failure, failure, 600, 2),
            (Outcome::Timeout, timeout, 2_000_000, 0),
        ] {
            cell.start();
            cell.end(outcome, nanoseconds);
            cell.set_exemplar(outcome, nanoseconds, Sampled { span, at: Monotonic(at) });
        }
        let counts = cell.read(Clock::System.anchor());
        let spans = |of: &CallDurations| -> Vec<_> { of.exemplars.iter().map(|one| one.map(|one| one.span)).collect() };
        assert_eq!(spans(&counts.all), [Some(failure), Some(timeout)], "the latest of each bucket");
        assert_eq!(spans(counts.successes()), [Some(success), None]);
    }

    #[test]
    fn calls_that_ended_before_exponential_buckets_were_wanted_are_in_both_kinds() {
        let cell = CallCell::with_own_sketch(&Arc::new(Bounds::new(&[0.001], 1e9)));
        let Exponential::Own(late) = &cell.exponential else { panic!("it has a sketch of its own") };
        (0..5).for_each(|_| cell.start());
        cell.end(Outcome::Success, 500);
        cell.end(Outcome::Failure, 3_000_000);
        cell.end_late(late, Outcome::Success, 1_000_000);
        cell.end_late(late, Outcome::Failure, 1_000_000);
        let counts = cell.read_both(Clock::System.anchor());
        assert_eq!((counts.started, counts.active(), cell.ended()), (5, 1, 4));
        assert_eq!((counts.ended[Outcome::Success.index()], counts.ended[Outcome::Failure.index()]), (2, 2));
        let of_successes = counts.successes().histogram.exponential.clone().expect("it is kept");
        assert_eq!((of_successes.buckets.iter().map(|(_, n)| n).sum::<u64>(), of_successes.sum), (2, 1_000_500));
        let all = counts.all.histogram;
        assert_eq!((all.counts, all.sum), (vec![3, 1], 5_000_500));
        let exponential = all.exponential.expect("it is kept");
        let ended: u64 = exponential.buckets.iter().map(|(_, n)| n).sum();
        assert_eq!((ended, exponential.buckets.len(), exponential.sum), (4, 2, 5_000_500));
        assert_eq!(exponential.buckets[0].1, 3, "the bound stands in for what took no longer");
    }
}
