//! The tokens and the cost of a workflow run: of all calls to models inside, of nested workflows too.

use std::iter::successors;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::call_cost::CallCost;
use super::usage::Usage;
use crate::metric::{Histogram, Sampled};

/// A workflow run, from its start to the end of the last call to a model that began in it.
///
/// A run stays open until its own call and all model calls inside have ended, such as streams that are read after the workflow
/// returned. Then its cost is observed once. A nested run is open in the run around it.
pub(crate) struct WorkflowRun {
    outer: Option<Arc<Self>>,
    cost: CallCost,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    /// The calls and nested runs that have not ended, the workflow's own call included.
    open: AtomicUsize,
    /// The histogram of the workflow's costs.
    costs: &'static Histogram,
    sampled: OnceLock<Sampled>,
}

impl WorkflowRun {
    /// Begins a run inside of another one.
    pub(crate) fn begin(outer: Option<&Arc<Self>>, costs: &'static Histogram) -> Arc<Self> {
        Arc::new(Self {
            outer: outer.and_then(Self::join),
            cost: CallCost::default(),
            input_tokens: AtomicU64::new(0),
            output_tokens: AtomicU64::new(0),
            open: AtomicUsize::new(1),
            costs,
            sampled: OnceLock::new(),
        })
    }

    /// Begins a call in this run, or in the innermost run around it that is open, which is returned. A task may outlive its
    /// run.
    pub(crate) fn join(self: &Arc<Self>) -> Option<Arc<Self>> {
        let is_joined = |run: &&Arc<Self>| {
            let join = |open: usize| open.checked_add(1).filter(|_| open > 0);
            run.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, join).is_ok()
        };
        successors(Some(self), |run| run.outer.as_ref()).find(is_joined).cloned()
    }

    /// Ends a call in this run. The last one to end observes the cost.
    pub(crate) fn leave(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let cost = match (self.cost.known(), self.cost.basis()) {
            (Some(cost), _) => Some(cost.0),
            // Without a call, nothing was spent; otherwise it is not known.
            (None, basis) => basis.is_none().then_some(0),
        };
        match (cost, self.sampled.get()) {
            (Some(cost), Some(&sampled)) => self.costs.observe_sampled(cost, sampled),
            (Some(cost), None) => self.costs.observe(cost),
            (None, _) => {}
        }
        if let Some(outer) = &self.outer {
            outer.leave();
        }
    }

    /// Sets the span of the run, which becomes the exemplar of its cost.
    pub(crate) fn set_sampled(&self, sampled: Sampled) {
        // A run has one span.
        let _ = self.sampled.set(sampled);
    }

    /// Adds the tokens of a call.
    pub(crate) fn add_tokens(&self, usage: &Usage) {
        for run in self.and_outer() {
            for (sum, tokens) in [(&run.input_tokens, usage.input_tokens), (&run.output_tokens, usage.output_tokens)] {
                let add = |sum: u64| Some(sum.saturating_add(tokens));
                let _ = sum.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
            }
        }
    }

    /// Adds to the cost, by adding to that of this run and of each run around it.
    pub(crate) fn add_cost(&self, add: impl Fn(&CallCost)) {
        self.and_outer().for_each(|run| add(&run.cost));
    }

    /// Returns the cost of the calls that ended.
    pub(crate) fn cost(&self) -> &CallCost {
        &self.cost
    }

    /// Returns the input tokens and the output tokens of the calls that ended.
    pub(crate) fn tokens(&self) -> [u64; 2] {
        [&self.input_tokens, &self.output_tokens].map(|sum| sum.load(Ordering::Acquire))
    }

    /// Iterates over the runs that this one is open in, itself first.
    fn and_outer(&self) -> impl Iterator<Item = &Self> {
        successors(Some(self), |run| run.outer.as_deref())
    }
}

impl std::fmt::Debug for WorkflowRun {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cost, open, .. } = self;
        formatter.debug_struct("WorkflowRun").field("cost", cost).field("open", open).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::WorkflowRun;
    use crate::metric::{Bounds, Histogram};
    use crate::model::NanoUsd;
    use crate::model::price_basis::{Cost, PriceBasis};

    fn histogram() -> &'static Histogram {
        Box::leak(Box::new(Histogram::new(&Arc::new(Bounds::new(&[0.001], 1e9)))))
    }

    fn read(histogram: &Histogram) -> (Vec<u64>, u64) {
        let counts = histogram.read();
        (counts.counts, counts.sum)
    }

    #[test]
    fn a_run_is_observed_once_after_the_last_call_that_began_in_it() {
        let [inner_costs, outer_costs] = [histogram(), histogram()];
        let outer = WorkflowRun::begin(None, outer_costs);
        let inner = WorkflowRun::begin(Some(&outer), inner_costs);
        let stream = inner.join().unwrap();
        inner.leave();
        outer.leave();
        assert_eq!([read(inner_costs), read(outer_costs)], [(vec![0, 0], 0), (vec![0, 0], 0)]);
        stream.add_cost(|sum| sum.add(Cost { nanos: NanoUsd(2_000_000), basis: PriceBasis::Priced }));
        stream.leave();
        assert_eq!([read(inner_costs), read(outer_costs)], [(vec![0, 1], 2_000_000), (vec![0, 1], 2_000_000)]);
        assert!(inner.join().is_none(), "both runs are over");
    }

    #[test]
    fn a_call_of_a_task_that_outlives_its_run_belongs_to_the_run_around_it() {
        let [inner_costs, outer_costs] = [histogram(), histogram()];
        let outer = WorkflowRun::begin(None, outer_costs);
        let inner = WorkflowRun::begin(Some(&outer), inner_costs);
        inner.leave();
        let late = inner.join().unwrap();
        assert!(Arc::ptr_eq(&late, &outer));
        late.add_cost(|sum| sum.add(Cost { nanos: NanoUsd(7), basis: PriceBasis::Priced }));
        outer.leave();
        late.leave();
        assert_eq!([read(inner_costs), read(outer_costs)], [(vec![1, 0], 0), (vec![1, 0], 7)]);
    }
}
