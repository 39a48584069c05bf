//! The samples of the last hour.

use std::collections::VecDeque;
use std::time::Duration;

use super::spread::Spread;
use super::totals::{Recent, Totals};
use crate::clock::{Monotonic, nanoseconds};
use crate::recorder::Recorder;
use crate::snapshot::Snapshot;

/// A reading of all sums.
#[derive(Clone, Debug)]
pub(in crate::page) struct Sample {
    /// The steps from the first sample to this one.
    number: u64,
    pub(in crate::page) at: Monotonic,
    pub(in crate::page) totals: Totals,
    /// Percentiles over the last minute: 50, 95 and 99.
    pub(in crate::page) seconds: [f64; 3],
    recent: Option<Box<Recent>>,
}

/// The readings at a fixed pace, the oldest first. Where the process was held up, some are missing.
#[derive(Debug, Default)]
pub(in crate::page) struct Samples {
    all: VecDeque<Sample>,
    /// The time of the first sample of all, which has number 0.
    origin: Monotonic,
}

/// A sample with the one before it, and the one a minute before.
pub(in crate::page) type WithEarlier<'a> = (&'a Sample, &'a Sample, &'a Sample);

/// The time between two samples.
pub(in crate::page) const STEP_SECONDS: u64 = 5;

const STEP: Duration = Duration::from_secs(STEP_SECONDS);

/// The samples of an hour.
const OF_AN_HOUR: u64 = 3_600 / STEP_SECONDS;

/// The samples of a minute, and the one before them.
const OF_A_MINUTE: usize = 1 + 60 / STEP_SECONDS as usize;

impl Samples {
    /// Reads everything now, against the samples so far.
    pub(super) fn read(&self, recorder: &'static Recorder, snapshot: &Snapshot) -> Sample {
        let at = recorder.clock.now();
        let recent = Recent::read(recorder, snapshot);
        let before = self.before(at, 60).and_then(|sample| sample.recent.as_deref());
        let durations = before.map_or_else(Spread::default, |before| recent.durations.since(&before.durations));
        Sample {
            number: self.number(at),
            at,
            totals: Totals::read(recorder, snapshot),
            seconds: durations.quantiles([0.5, 0.95, 0.99]),
            recent: Some(Box::new(recent)),
        }
    }

    pub(super) fn push(&mut self, sample: Sample) {
        if self.all.is_empty() {
            self.origin = sample.at;
        }
        let latest = sample.number;
        self.all.push_back(sample);
        // The sample before the hour stays: the first one of the hour is compared with it.
        while self.all.front().is_some_and(|first| first.number + OF_AN_HOUR < latest) {
            self.all.pop_front();
        }
        let old = self.all.len().saturating_sub(OF_A_MINUTE + 1);
        if let Some(sample) = old.checked_sub(1).and_then(|old| self.all.get_mut(old)) {
            sample.recent = None;
        }
    }

    /// Returns the sample whose age is closest to a time, the oldest one in a program that is younger.
    pub(in crate::page) fn before(&self, now: Monotonic, seconds: u64) -> Option<&Sample> {
        let age = |sample: &Sample| now.0.saturating_sub(sample.at.0);
        self.all.iter().min_by_key(|sample| age(sample).abs_diff(seconds * 1_000_000_000))
    }

    /// Returns the calls over an edge in the last minute, per second.
    pub(in crate::page) fn edge_rate(&self, now: Monotonic, address: usize, calls: u64) -> f64 {
        let Some(before) = self.before(now, 60) else { return 0.0 };
        let earlier = before.recent.as_deref().and_then(|recent| recent.edges.get(&address)).copied().unwrap_or(0);
        super::per_second(calls.saturating_sub(earlier), now.since(before.at))
    }

    /// Returns the samples behind a number, one for each step; `None` where the process took none.
    pub(in crate::page) fn after(&self, number: u64) -> Vec<Option<WithEarlier<'_>>> {
        let [latest, _] = self.numbers();
        (number + 1..=latest).map(|number| self.with_earlier(number)).collect()
    }

    fn with_earlier(&self, number: u64) -> Option<WithEarlier<'_>> {
        let place = self.all.binary_search_by_key(&number, |sample| sample.number).ok()?;
        let in_minute = self.all.partition_point(|sample| sample.number + OF_A_MINUTE as u64 <= number + 1);
        Some((self.all.get(place)?, self.all.get(place.checked_sub(1)?)?, self.all.get(in_minute.saturating_sub(1))?))
    }

    /// Returns the number of the latest sample, and that of the oldest one.
    pub(in crate::page) fn numbers(&self) -> [u64; 2] {
        [self.all.back(), self.all.front()].map(|sample| sample.map_or(0, |sample| sample.number))
    }

    /// Returns the time of the sample with a number, to half a step.
    pub(in crate::page) fn time(&self, number: u64) -> Monotonic {
        Monotonic(self.origin.0 + number * nanoseconds(STEP))
    }

    /// Returns the number of a sample at a time: later than that of the latest one.
    fn number(&self, at: Monotonic) -> u64 {
        let Some(latest) = self.all.back() else { return 0 };
        let step = nanoseconds(STEP);
        ((at.0.saturating_sub(self.origin.0) + step / 2) / step).max(latest.number + 1)
    }

    /// Returns the time until the next sample is due.
    pub(in crate::page) fn wait(&self, now: Monotonic) -> Duration {
        let since_latest = now.0.saturating_sub(self.origin.0) % nanoseconds(STEP);
        Duration::from_nanos(nanoseconds(STEP) - since_latest)
    }

    /// Returns the bytes that the samples take.
    pub(in crate::page) fn bytes(&self) -> usize {
        let recent = |recent: &Recent| {
            size_of::<Recent>() + recent.edges.capacity() * (size_of::<(usize, u64)>() + 1) + recent.durations.bytes()
        };
        let of_recent: usize = self.all.iter().filter_map(|sample| sample.recent.as_deref()).map(recent).sum();
        self.all.capacity() * size_of::<Sample>() + of_recent
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Sample, Samples};
    use crate::clock::Monotonic;
    use crate::page::history::totals::Totals;

    /// Adds samples at these times in seconds, each with the time as its sum of tokens.
    fn taken(seconds: &[u64]) -> Samples {
        let mut samples = Samples::default();
        for second in seconds {
            let at = Monotonic(second * 1_000_000_000);
            let totals = Totals { tokens: *second, ..Totals::default() };
            samples.push(Sample { number: samples.number(at), at, totals, seconds: [0.0; 3], recent: None });
        }
        samples
    }

    /// Returns the sums of tokens of each step: of the sample, the one before and the one a minute before.
    fn steps(samples: &Samples, after: u64) -> Vec<Option<[u64; 3]>> {
        let steps = samples.after(after).into_iter();
        steps.map(|step| step.map(|(one, before, minute)| [one, before, minute].map(|one| one.totals.tokens))).collect()
    }

    #[test]
    fn a_step_without_a_sample_has_no_values_and_those_behind_it_keep_their_times() {
        // The process was held up for a while, and then went on a little late.
        let samples = taken(&[100, 105, 110, 126, 130]);
        let expected =
            [Some([105, 100, 100]), Some([110, 105, 100]), None, None, Some([126, 110, 100]), Some([130, 126, 100])];
        assert_eq!(steps(&samples, 0), expected);
        assert_eq!(samples.numbers(), [6, 0]);
        assert_eq!(samples.time(6), Monotonic(130_000_000_000));
        assert_eq!(steps(&samples, 4), [Some([126, 110, 100]), Some([130, 126, 100])]);
        assert_eq!(samples.wait(Monotonic(126_000_000_000)), Duration::from_secs(4));
    }

    #[test]
    fn an_hour_is_kept_however_late_its_samples_were() {
        let exact: Vec<_> = (0..2_000).map(|step| step * 5).collect();
        let samples = taken(&exact);
        assert_eq!(samples.numbers(), [1_999, 1_279]);
        let steps = steps(&samples, 1_279);
        assert_eq!(
            (steps.len(), steps[0], steps[719]),
            (720, Some([6_400, 6_395, 6_395]), Some([9_995, 9_990, 9_935]))
        );
        let rare: Vec<_> = (0..100).map(|minute| minute * 60).collect();
        assert_eq!(taken(&rare).numbers(), [1_188, 468]);
    }
}
