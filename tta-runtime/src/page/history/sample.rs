//! The samples of the last hour.

use std::collections::VecDeque;

use super::spread::Spread;
use super::totals::{Recent, Totals};
use crate::clock::Monotonic;
use crate::recorder::Recorder;
use crate::snapshot::Snapshot;

/// A reading of all sums.
#[derive(Clone, Debug)]
pub(in crate::page) struct Sample {
    pub(in crate::page) at: Monotonic,
    pub(in crate::page) totals: Totals,
    /// Percentiles over the last minute: 50, 95 and 99.
    pub(in crate::page) seconds: [f64; 3],
    recent: Option<Box<Recent>>,
}

/// The readings at a fixed pace, the oldest first.
#[derive(Debug, Default)]
pub(in crate::page) struct Samples {
    all: VecDeque<Sample>,
    /// The number of the latest sample; that of the first one is 0.
    latest: u64,
}

/// The time between two samples.
pub(in crate::page) const STEP_SECONDS: u64 = 5;

/// The samples of an hour, and the one before them.
const MOST: usize = 1 + 3_600 / STEP_SECONDS as usize;

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
            at,
            totals: Totals::read(recorder, snapshot),
            seconds: durations.quantiles([0.5, 0.95, 0.99]),
            recent: Some(Box::new(recent)),
        }
    }

    pub(super) fn push(&mut self, sample: Sample) {
        self.latest = if self.all.is_empty() { 0 } else { self.latest + 1 };
        self.all.push_back(sample);
        if self.all.len() > MOST {
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

    /// Iterates over the samples after the one with a number, each with its number and those before it.
    pub(in crate::page) fn after(&self, number: Option<u64>) -> impl Iterator<Item = (&Sample, &Sample, &Sample)> {
        let first = self.latest + 1 - self.all.len() as u64;
        let skip = number.map_or(0, |number| number.saturating_sub(first) as usize);
        let shown = self.all.iter().enumerate().skip(1 + skip);
        shown.filter_map(move |(place, sample)| {
            let minute = self.all.get(place.saturating_sub(OF_A_MINUTE - 1))?;
            Some((sample, self.all.get(place - 1)?, minute))
        })
    }

    /// Returns the number of the latest sample, and that of the oldest one.
    pub(in crate::page) fn numbers(&self) -> [u64; 2] {
        [self.latest, (self.latest + 1).saturating_sub(self.all.len() as u64)]
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
