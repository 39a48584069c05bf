//! The latest guarded calls of a run, and whether another one would repeat them.

use super::limits::LoopLimits;

/// The longest period of calls that can be looked for.
pub(crate) const LONGEST_PERIOD: usize = 16;

/// A guarded call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    /// The name of the primitive.
    pub(crate) name: &'static str,
    /// A hash of the name and the arguments; `None` for a call that repeats no other, as of a tool that is polled.
    pub(crate) hash: Option<u64>,
}

impl Step {
    fn repeats(self, other: Option<Self>) -> bool {
        self.hash.is_some() && other.is_some_and(|other| self.hash == other.hash)
    }
}

/// The latest steps of a run.
///
/// How far the steps match those a period before is kept for each period, so that a step costs the same after any number of
/// others.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The latest steps, by their number modulo the length.
    latest: [Step; LONGEST_PERIOD],
    steps: u64,
    /// The cost of the run when the latest step began.
    cost_at_latest: u64,
    /// For the periods 1, 2, …
    matching: [Matching; LONGEST_PERIOD],
}

/// The latest steps that equal the step one period before them, up to the first that does not.
#[derive(Clone, Copy, Debug, Default)]
struct Matching {
    steps: u64,
    /// The cost of the run when the step before all of these began.
    cost_before: u64,
}

impl History {
    /// Returns the number of steps so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Returns the shortest period of which a step would begin one repetition too many.
    pub(super) fn repeated_period(&self, step: Step, limits: &LoopLimits) -> Option<usize> {
        let repeats = u64::from(limits.repeats).saturating_sub(1);
        let is_looped = |&(period, matching): &(usize, &Matching)| {
            matching.steps >= repeats.saturating_mul(period as u64) && step.repeats(self.before(period))
        };
        (1..=limits.period as usize).zip(&self.matching).find(is_looped).map(|(period, _)| period)
    }

    /// Returns the names of the latest steps, in their order.
    pub(super) fn latest_names(&self, n: usize) -> Vec<&'static str> {
        (1..=n).rev().filter_map(|back| self.before(back)).map(|step| step.name).collect()
    }

    /// Adds a step, at whose start the run has cost this much.
    pub(super) fn push(&mut self, step: Step, cost: u64) {
        let before = std::array::from_fn::<_, LONGEST_PERIOD, _>(|index| self.before(index + 1));
        for (matching, before) in self.matching.iter_mut().zip(before) {
            if !step.repeats(before) {
                matching.steps = 0;
                continue;
            }
            if matching.steps == 0 {
                matching.cost_before = self.cost_at_latest;
            }
            matching.steps += 1;
        }
        if let Some(place) = self.latest.get_mut(self.steps as usize % LONGEST_PERIOD) {
            *place = step;
        }
        self.steps += 1;
        self.cost_at_latest = cost;
    }

    /// Returns what the run has spent on the repetitions of a period and did not return before.
    pub(super) fn take_cost(&mut self, period: usize, cost: u64) -> u64 {
        let before = match self.matching.get_mut(period - 1) {
            Some(matching) if matching.steps > 0 => &mut matching.cost_before,
            _ => &mut self.cost_at_latest,
        };
        cost.saturating_sub(std::mem::replace(before, cost))
    }

    /// Returns the step that was made so many steps ago, where the latest was made one ago.
    fn before(&self, steps: usize) -> Option<Step> {
        let number = self.steps.checked_sub(steps as u64)?;
        self.latest.get(number as usize % LONGEST_PERIOD).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{History, LONGEST_PERIOD, LoopLimits, Step};

    /// Returns whether the latest calls are `repeats` times the same ones, and `next` begins them once more.
    fn loops(calls: &[u8], next: u8, repeats: usize, period: usize) -> bool {
        let Some(start) = calls.len().checked_sub(repeats * period) else { return false };
        let latest = &calls[start..];
        latest.chunks(period).all(|chunk| chunk == &latest[..period]) && latest[0] == next
    }

    proptest! {
        #[test]
        fn a_run_is_stopped_exactly_before_the_next_repetition(
            calls in proptest::collection::vec(0_u8..3, 0..60),
            repeats in 1_u32..5,
            period in 1_u32..=LONGEST_PERIOD as u32,
        ) {
            let limits = LoopLimits { repeats, period, ..LoopLimits::DEFAULT };
            let mut history = History::default();
            let step = |call: u8| Step { name: "tool", hash: Some(u64::from(call)) };
            for (made, call) in calls.iter().enumerate() {
                let period_of = |period: &u32| loops(&calls[..made], *call, repeats as usize, *period as usize);
                let expected = (1..=period).find(period_of).map(|period| period as usize);
                let found = history.repeated_period(step(*call), &limits);
                prop_assert_eq!(found, expected);
                history.push(step(*call), 0);
            }
        }
    }
}
