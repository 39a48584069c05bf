//! The sums over all primitives at one moment.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::spread::Spread;
use crate::metric::{Cells, Counter, Gauge};
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::site::Role;
use crate::snapshot::Snapshot;

/// Sums since the program started, but the calls in progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::page) struct Totals {
    /// Calls that ended, in the order of [`Outcome::ALL`].
    pub(in crate::page) ended: [u64; Outcome::COUNT],
    pub(in crate::page) cost_nano_usd: u64,
    pub(in crate::page) tokens: u64,
    pub(in crate::page) active_workflows: u64,
}

/// What is compared with a moment ago and is too large to keep for longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// Calls over each edge, by the address of its series.
    pub(super) edges: HashMap<usize, u64, RandomState>,
    /// Durations of workflows, or of what nothing calls.
    pub(super) durations: Spread,
}

impl Totals {
    pub(super) fn read(recorder: &'static Recorder, snapshot: &Snapshot) -> Self {
        let mut ended = [0; Outcome::COUNT];
        for (sum, outcome) in ended.iter_mut().zip(Outcome::ALL) {
            *sum = snapshot.sites().iter().map(|site| site.ended(*outcome)).sum();
        }
        Self {
            ended,
            cost_nano_usd: sum(recorder, Id::LlmCost),
            tokens: sum(recorder, Id::LlmTokens),
            active_workflows: active_workflows(recorder),
        }
    }

    pub(in crate::page) fn judged(&self) -> [u64; 2] {
        judged(self.ended)
    }
}

/// Returns the calls of these, by outcome, that count for or against an objective, and those that count against it.
pub(in crate::page) fn judged(ended: [u64; Outcome::COUNT]) -> [u64; 2] {
    let of = |is_wanted: fn(Outcome) -> bool| {
        let outcomes = Outcome::ALL.iter().zip(ended);
        outcomes.filter(|(outcome, _)| is_wanted(**outcome)).map(|(_, n)| n).sum()
    };
    [of(|outcome| outcome != Outcome::Cancelled), of(Outcome::is_bad)]
}

impl Recent {
    pub(super) fn read(recorder: &'static Recorder, snapshot: &Snapshot) -> Self {
        let mut durations = Spread::default();
        let workflows = || snapshot.sites().iter().filter(|site| site.constants.role == Role::Workflow);
        if workflows().any(|site| site.ended_in_all() > 0) {
            workflows().for_each(|site| durations.add(&site.cells.durations.read().into()));
        } else {
            let called = targets(recorder);
            let outermost = snapshot.sites().iter().filter(|site| !called.contains(site.constants.name));
            outermost.for_each(|site| durations.add(&site.cells.durations.read().into()));
        }
        Self { edges: edges(recorder), durations }
    }
}

/// Returns the address that tells an edge's series from others, which live as long as the program.
pub(in crate::page) fn address(values: &[Box<str>]) -> usize {
    values.as_ptr().addr()
}

fn edges(recorder: &Recorder) -> HashMap<usize, u64, RandomState> {
    match recorder.series(Id::Connections).map(|series| &series.cells) {
        Some(Cells::Counter(family)) => family.iter().map(|(values, cell)| (address(values), cell.value())).collect(),
        _ => HashMap::default(),
    }
}

/// Returns the names of primitives that others call.
fn targets(recorder: &Recorder) -> HashSet<String> {
    match recorder.series(Id::Connections).map(|series| &series.cells) {
        Some(Cells::Counter(family)) => {
            family.iter().filter_map(|(values, _)| Some(values.get(1)?.to_string())).collect()
        }
        _ => HashSet::new(),
    }
}

fn sum(recorder: &Recorder, id: Id) -> u64 {
    match recorder.series(id).map(|series| &series.cells) {
        Some(Cells::Counter(family)) => family.cells().map(Counter::value).fold(0, u64::saturating_add),
        _ => 0,
    }
}

fn active_workflows(recorder: &Recorder) -> u64 {
    match recorder.series(Id::WorkflowsActive).map(|series| &series.cells) {
        Some(Cells::Gauge(family)) => {
            let sum = family.cells().map(Gauge::value).sum::<i64>();
            u64::try_from(sum).unwrap_or(0)
        }
        _ => 0,
    }
}
