//! The limits that a guarded call sets for its run.

/// The limits of a guarded call.
#[derive(Clone, Copy, Debug)]
pub struct LoopLimits {
    /// The number of times that the same calls may be made in a row.
    pub repeats: u32,
    /// The longest period of calls that is looked for.
    pub period: u32,
    /// The number of guarded calls in a run.
    pub steps: Option<u32>,
    /// The cost of a run, in nano-dollars.
    pub cost_nano_usd: Option<u64>,
    /// The end of a call that would repeat once more.
    pub on_loop: OnLoop,
    /// The run that the call is a step of.
    pub step_of: StepOf,
}

/// The run that a guarded call is a step of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOf {
    /// The current run.
    CurrentRun,
    /// The run around the current one, which the call itself began: the call of an agent or a workflow.
    OuterRun,
}

/// The end of a call that would repeat earlier calls once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLoop {
    /// The call does not begin.
    Stop,
    /// The call begins, and is counted.
    Count,
}

impl LoopLimits {
    /// Three times the same one, two or three calls; any number of steps and any cost.
    pub const DEFAULT: Self = Self {
        repeats: 3,
        period: 3,
        steps: None,
        cost_nano_usd: None,
        on_loop: OnLoop::Stop,
        step_of: StepOf::CurrentRun,
    };
}
