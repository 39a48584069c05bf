//! One call site at one moment: every cell is read once, and all rows about the site are made from that reading.

use std::borrow::Cow;
use std::sync::PoisonError;

use super::label_set::LabelSet;
use super::series::OTHER;
use super::tenants;
use crate::clock::ClockAnchor;
use crate::metric::{CallCounts, keeps_exponential_counts};
use crate::outcome::Outcome;
use crate::site::{CallSite, Calls, Constants, LabelDef, SiteCells};

/// The values of one call site when it was read.
pub(crate) struct SiteReading {
    pub(crate) constants: &'static Constants,
    pub(crate) cells: &'static SiteCells,
    /// The calls by the site's own labels, sorted by them.
    pub(crate) calls: Vec<LabelledCalls>,
    /// Successes within and beyond the threshold of the latency objective.
    pub(crate) latency: Option<LatencyEvents>,
    /// Dates the exemplars.
    pub(super) anchor: ClockAnchor,
}

/// The values of one label set of a call site when it was read.
pub(crate) struct LabelledCalls {
    pub(crate) own_labels: LabelSet,
    pub(crate) counts: CallCounts,
}

/// Successes by the latency objective's threshold.
#[derive(Clone, Copy)]
pub(crate) struct LatencyEvents {
    pub(crate) within: u64,
    pub(crate) beyond: u64,
}

impl SiteReading {
    pub(super) fn take(site: &'static CallSite, cells: &'static SiteCells, anchor: ClockAnchor) -> Self {
        let constants = &site.constants;
        let latency = cells.latency.as_ref();
        let latency = latency.map(|cells| LatencyEvents { within: cells.good.value(), beyond: cells.slow.value() });
        Self { constants, cells, calls: calls(constants, cells, anchor), latency, anchor }
    }

    /// Returns whether calls of a tenant run that has lost this place.
    pub(super) fn is_running(&self, place: &str) -> bool {
        self.cells.folding.lock().unwrap_or_else(PoisonError::into_inner).is_running(place)
    }

    /// Returns whether there are calls beyond the series limit.
    pub(super) fn has_overflowed(&self) -> bool {
        matches!(&self.cells.calls, Calls::Labelled(family, _) if family.overflowed().is_some())
    }

    pub(crate) fn started(&self) -> u64 {
        self.calls.iter().map(|calls| calls.counts.started).sum()
    }

    pub(crate) fn active(&self) -> u64 {
        self.calls.iter().map(|calls| calls.counts.active()).sum()
    }

    pub(crate) fn ended(&self, outcome: Outcome) -> u64 {
        self.calls.iter().filter_map(|calls| calls.counts.ended.get(outcome.index())).sum()
    }

    pub(crate) fn ended_in_all(&self) -> u64 {
        Outcome::ALL.iter().map(|&outcome| self.ended(outcome)).sum()
    }

    /// Returns how many calls ended in an outcome that counts against an objective.
    pub(crate) fn bad(&self) -> u64 {
        Outcome::ALL.iter().filter(|outcome| outcome.is_bad()).map(|&outcome| self.ended(outcome)).sum()
    }
}

fn calls(constants: &'static Constants, cells: &'static SiteCells, anchor: ClockAnchor) -> Vec<LabelledCalls> {
    let family = match &cells.calls {
        Calls::Plain(set) => {
            // Read before the calls, which are counted first: the exponential buckets never have a call more.
            let exponential = keeps_exponential_counts().then(|| cells.durations.read_apart());
            let mut counts = set.cell.read(anchor);
            if let Some(exponential) = exponential {
                counts.set_exponential(exponential);
            }
            return vec![LabelledCalls { own_labels: LabelSet::default(), counts }];
        }
        Calls::Labelled(family, _) => family,
    };
    let names = || constants.labels.iter().map(|label| Cow::Borrowed(label.name));
    let of_values = |values: &'static [Box<str>], counts| LabelledCalls {
        own_labels: names().zip(values.iter().map(|value| Cow::Borrowed(&**value))).collect(),
        counts,
    };
    let known: Vec<_> = match constants.labels.iter().position(LabelDef::is_top) {
        None => family.iter().map(|(values, set)| of_values(values, set.cell.read(anchor))).collect(),
        Some(top) => {
            // Locked before the cells are read: of two scrapes, the later one to fold has read what the earlier one has.
            let mut folding = cells.folding.lock().unwrap_or_else(PoisonError::into_inner);
            let sets: Vec<_> = family.iter().map(|(values, set)| (values, set.cell.read(anchor))).collect();
            let labels = |values: Vec<String>| names().zip(values.into_iter().map(Cow::Owned)).collect();
            let unfolded = tenants::unfold(&mut folding, top, sets);
            unfolded.into_iter().map(|(values, counts)| LabelledCalls { own_labels: labels(values), counts }).collect()
        }
    };
    // Overflowing calls stay with their function, so that no sum over its series is wrong.
    let overflow = family.overflowed().map(|set| LabelledCalls {
        own_labels: names().map(|name| (name, OTHER.into())).collect(),
        counts: set.cell.read(anchor),
    });
    let mut calls: Vec<_> = known.into_iter().chain(overflow).collect();
    calls.sort_by(|a, b| a.own_labels.cmp(&b.own_labels));
    calls
}
