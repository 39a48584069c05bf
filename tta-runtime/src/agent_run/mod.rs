//! One run of an agent: what it has cost so far, and the steps that it made.

mod history;
mod invocation;
mod limits;
mod stopped;

use std::iter::successors;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::history::History;
#[cfg(feature = "blocks")]
pub(crate) use self::history::LONGEST_PERIOD;
pub(crate) use self::history::Step;
use self::invocation::Invocation;
pub use self::limits::{LoopLimits, OnLoop, StepOf};
pub use self::stopped::RunStopped;
use crate::model::NanoUsd;

/// A call of an agent or a workflow, or the scope of a new context, from its start to the end of the last work inside.
///
/// A nested run makes steps of its own, and its cost is also that of the runs around it.
#[derive(Debug)]
pub(crate) struct AgentRun {
    outer: Option<Arc<Self>>,
    /// The attempt in which it began.
    attempt: Attempt,
    /// The cost of the model calls that are priced so far, in nano-dollars.
    cost: AtomicU64,
    /// The guarded calls; `None` before the first, since most runs have none.
    history: Mutex<Option<Box<History>>>,
    /// The calls of the agent, if the run is the invocation of one.
    invocation: Option<Invocation>,
}

/// Whether work is done for the first time, or again by a retry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Attempt {
    #[default]
    First,
    #[cfg_attr(not(feature = "blocks"), expect(dead_code, reason = "retries are blocks"))]
    Again,
}

/// The answer to a guarded call.
#[derive(Debug, PartialEq)]
pub(crate) struct Admission {
    /// Why the call must not begin.
    pub(crate) stopped: Option<RunStopped>,
    /// The cost of the repetitions so far that were not counted before, if the call repeats them once more.
    pub(crate) repetition_cost: Option<NanoUsd>,
}

impl AgentRun {
    /// Begins a run inside of another one, in this attempt of a call there.
    pub(crate) fn begin(outer: Option<&Arc<Self>>, attempt: Attempt) -> Arc<Self> {
        Arc::new(Self::new(outer, attempt, None))
    }

    /// Begins the invocation of an agent inside of a run, in this attempt of a call there.
    pub(crate) fn invoke_agent(outer: Option<&Arc<Self>>, attempt: Attempt) -> Arc<Self> {
        Arc::new(Self::new(outer, attempt, Some(Invocation::default())))
    }

    fn new(outer: Option<&Arc<Self>>, attempt: Attempt, invocation: Option<Invocation>) -> Self {
        Self { outer: outer.cloned(), attempt, cost: AtomicU64::new(0), history: Mutex::new(None), invocation }
    }

    /// Counts a call to a model in the invocation of the innermost agent.
    pub(crate) fn count_inference(&self) {
        if let Some(invocation) = self.innermost_invocation() {
            invocation.count_inference();
        }
    }

    /// Counts a call of a tool in the invocation of the innermost agent.
    pub(crate) fn count_tool_call(&self) {
        if let Some(invocation) = self.innermost_invocation() {
            invocation.count_tool_call();
        }
    }

    /// Returns how many calls to models and how many calls of tools began in this invocation so far; `None` if it is none.
    pub(crate) fn calls(&self) -> Option<[u64; 2]> {
        self.invocation.as_ref().map(Invocation::calls)
    }

    fn innermost_invocation(&self) -> Option<&Invocation> {
        successors(Some(self), |run| run.outer.as_deref()).find_map(|run| run.invocation.as_ref())
    }

    /// Decides whether a guarded call in this attempt may begin; `None` if it is in no run.
    pub(crate) fn admit(&self, step: Step, limits: &LoopLimits, attempt: Attempt) -> Option<Admission> {
        let (run, attempt) = match limits.step_of {
            StepOf::CurrentRun => (self, attempt),
            StepOf::OuterRun => (self.outer.as_deref()?, self.attempt),
        };
        Some(match attempt {
            Attempt::First => run.admit_step(step, limits),
            Attempt::Again => run.admit_retry(limits),
        })
    }

    /// Adds the cost of a model call to this run and to each run around it.
    pub(crate) fn add_cost(&self, cost: NanoUsd) {
        for run in successors(Some(self), |run| run.outer.as_deref()) {
            let add = |sum: u64| Some(sum.saturating_add(cost.0));
            let _ = run.cost.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
        }
    }

    /// Decides whether a guarded call may begin. If it may, it is a step of the run.
    fn admit_step(&self, step: Step, limits: &LoopLimits) -> Admission {
        let spent = self.cost.load(Ordering::Acquire);
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let history = history.get_or_insert_default();
        let limit_reached = limit_reached(limits, history.steps(), spent);
        if limit_reached.is_some() {
            return Admission { stopped: limit_reached, repetition_cost: None };
        }
        let Some(period) = history.repeated_period(step, limits) else {
            history.push(step, spent);
            return Admission { stopped: None, repetition_cost: None };
        };
        let cycle = history.latest_names(period);
        let repetition_cost = Some(NanoUsd(history.take_cost(period, spent)));
        match limits.on_loop {
            OnLoop::Stop => {
                Admission { stopped: Some(RunStopped::Loop { cycle, times: limits.repeats }), repetition_cost }
            }
            OnLoop::Count => {
                history.push(step, spent);
                Admission { stopped: None, repetition_cost }
            }
        }
    }

    /// Decides whether a call that a retry repeats may begin; it is no step of its own.
    fn admit_retry(&self, limits: &LoopLimits) -> Admission {
        let stopped = limit_reached(limits, 0, self.cost.load(Ordering::Acquire));
        Admission { stopped, repetition_cost: None }
    }
}

/// Returns the limit that a run with these steps and this cost has reached.
fn limit_reached(limits: &LoopLimits, steps: u64, spent: u64) -> Option<RunStopped> {
    if let Some(limit) = limits.steps.filter(|limit| steps >= u64::from(*limit)) {
        return Some(RunStopped::Steps { limit });
    }
    let limit = limits.cost_nano_usd.filter(|limit| spent >= *limit)?;
    Some(RunStopped::Cost { limit: NanoUsd(limit), spent: NanoUsd(spent) })
}

#[cfg(test)]
mod tests {
    use super::{Admission, AgentRun, Attempt, LoopLimits, OnLoop, RunStopped, Step};
    use crate::model::NanoUsd;

    const FREE: Admission = Admission { stopped: None, repetition_cost: None };

    fn step(hash: u64) -> Step {
        Step { name: "search", hash: Some(hash) }
    }

    fn looped(cost: u64) -> Admission {
        let stopped = Some(RunStopped::Loop { cycle: vec!["search"], times: 3 });
        Admission { stopped, repetition_cost: Some(NanoUsd(cost)) }
    }

    #[test]
    fn a_loop_costs_what_its_run_spent_since_the_call_that_it_repeats() {
        let run = AgentRun::begin(None, Attempt::First);
        for (hash, cost) in [(0, 1), (1, 10), (1, 100), (1, 1_000)] {
            assert_eq!(run.admit_step(step(hash), &LoopLimits::DEFAULT), FREE);
            run.add_cost(NanoUsd(cost));
        }
        // The first call with these arguments repeats nothing: 10 came after it.
        assert_eq!(run.admit_step(step(1), &LoopLimits::DEFAULT), looped(1_110));
        run.add_cost(NanoUsd(5));
        assert_eq!(run.admit_step(step(1), &LoopLimits::DEFAULT), looped(5), "no cost is counted twice");
        assert_eq!(run.admit_step(step(2), &LoopLimits::DEFAULT), FREE);
        assert_eq!(run.admit_step(step(1), &LoopLimits::DEFAULT), FREE, "another call came between");
    }

    #[test]
    fn a_loop_that_is_only_counted_goes_on() {
        let run = AgentRun::begin(None, Attempt::First);
        let limits = LoopLimits { on_loop: OnLoop::Count, ..LoopLimits::DEFAULT };
        let found = (0..6).filter(|_| run.admit_step(step(1), &limits).repetition_cost.is_some()).count();
        assert_eq!(found, 3);
    }

    #[test]
    fn a_run_ends_at_its_limits_and_counts_the_cost_of_runs_inside() {
        let run = AgentRun::begin(None, Attempt::First);
        let inner = AgentRun::begin(Some(&run), Attempt::First);
        let limits = LoopLimits { steps: Some(2), cost_nano_usd: Some(50), ..LoopLimits::DEFAULT };
        assert_eq!(run.admit_step(step(1), &limits), FREE);
        assert_eq!(run.admit_step(step(2), &limits), FREE);
        assert_eq!(run.admit_step(step(3), &limits).stopped, Some(RunStopped::Steps { limit: 2 }));
        assert_eq!(inner.admit_step(step(1), &limits), FREE, "it makes steps of its own");
        inner.add_cost(NanoUsd(49));
        assert_eq!(run.admit_retry(&limits), FREE, "a retry is no step");
        inner.add_cost(NanoUsd(2));
        let stopped = Some(RunStopped::Cost { limit: NanoUsd(50), spent: NanoUsd(51) });
        for of_run in [&run, &inner] {
            assert_eq!(of_run.admit_retry(&limits).stopped, stopped);
        }
    }

    #[test]
    fn a_call_counts_in_the_invocation_of_the_innermost_agent_alone() {
        let workflow = AgentRun::begin(None, Attempt::First);
        workflow.count_tool_call();
        let planner = AgentRun::invoke_agent(Some(&workflow), Attempt::First);
        planner.count_inference();
        let nested_workflow = AgentRun::begin(Some(&planner), Attempt::First);
        nested_workflow.count_tool_call();
        nested_workflow.count_tool_call();
        let researcher = AgentRun::invoke_agent(Some(&nested_workflow), Attempt::First);
        (0..3).for_each(|_| researcher.count_inference());
        researcher.count_tool_call();
        let calls = [&workflow, &planner, &nested_workflow, &researcher].map(|run| run.calls());
        assert_eq!(calls, [None, Some([1, 2]), None, Some([3, 1])]);
    }

    /// Reads a call of a corpus: the step, and whether a retry makes it again.
    fn read(call: &str) -> (Step, Attempt) {
        let (call, attempt) = match call.strip_suffix('~') {
            Some(call) => (call, Attempt::Again),
            None => (call, Attempt::First),
        };
        // A tool that is polled has steps that are never the same.
        let is_unique = call.ends_with('*');
        let hash = call.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte));
        (Step { name: "tool", hash: (!is_unique).then_some(hash) }, attempt)
    }

    /// Returns where a run is stopped: the number of the call that is not made, from 1, and the period.
    fn end(calls: &str) -> String {
        let run = AgentRun::begin(None, Attempt::First);
        for (number, call) in (1..).zip(calls.split_whitespace()) {
            let (step, attempt) = read(call);
            match run.admit(step, &LoopLimits::DEFAULT, attempt) {
                Some(Admission { stopped: None, .. }) => {}
                Some(Admission { stopped: Some(RunStopped::Loop { cycle, times: 3 }), .. }) => {
                    return format!("call {number}, period {}", cycle.len());
                }
                other => return format!("call {number}: {other:?}"),
            }
        }
        "passes".to_owned()
    }

    /// Checks each line of a corpus: where the default limits stop a run, and its calls.
    fn check_corpus(corpus: &str) {
        let lines: Vec<_> = corpus.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(lines.len() >= 10, "the corpus is read");
        for line in lines {
            let (expected, calls) = line.split_once(':').expect("`expected: calls`");
            assert_eq!(end(calls), expected, "{line}");
        }
    }

    #[test]
    fn runs_that_poll_retry_or_make_progress_are_not_stopped() {
        let corpus = include_str!("testdata/progress.txt");
        check_corpus(corpus);
        // Without the marks of retries, their attempts would be repetitions.
        let is_loop = |line: &&str| !line.starts_with('#') && end(&line.replace('~', "")[7..]) != "passes";
        let loops = corpus.lines().filter(|line| line.contains('~')).filter(is_loop).count();
        assert!(loops >= 5, "{loops} runs pass only because retries are no steps");
    }

    #[test]
    fn runs_that_loop_are_stopped_before_the_next_repetition() {
        check_corpus(include_str!("testdata/loops.txt"));
    }
}
