//! The check before a guarded call: whether it would repeat the latest calls of its run once more.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::agent_run::{Admission, LoopLimits, OnLoop, RunStopped, Step};
use crate::context::frame::with_current;
use crate::host_log::catch_panic;
use crate::schema::Id;

/// An argument that a loop guard can compare: any value with a hash.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared by `loop_guard`, since it is not `Hash`",
    label = "this argument cannot be compared with those of earlier calls",
    note = "name what decides what the call does, such as `loop_guard(arguments = (city, days))`",
    note = "if the same call is meant to be repeated, write `loop_guard(polled)`"
)]
pub trait LoopArgument: Hash {}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> LoopArgument for T {}

/// Returns a hash of the argument, whose key each process chooses at random. The error about one without a hash is shown there.
pub fn loop_argument<A: LoopArgument + ?Sized>(argument: &A) -> u64 {
    hash_of(argument)
}

/// Checks a call of the function with this name, and with arguments that have these hashes.
///
/// # Errors
///
/// Returns why the call must not begin.
pub fn loop_guard(name: &'static str, limits: &LoopLimits, arguments: &[u64]) -> Result<(), RunStopped> {
    admit(step_of(name, arguments), limits)
}

/// Checks a call that may be repeated with the same arguments any number of times.
///
/// # Errors
///
/// Returns why the call must not begin: its run has reached a limit.
pub fn loop_guard_polled(name: &'static str, limits: &LoopLimits) -> Result<(), RunStopped> {
    admit(Step { name, hash: None }, limits)
}

/// Returns the step that a call with this name and these arguments is.
pub(crate) fn step_of<A: Hash + ?Sized>(name: &'static str, arguments: &A) -> Step {
    Step { name, hash: Some(hash_of(&(name, arguments))) }
}

fn hash_of<A: Hash + ?Sized>(value: &A) -> u64 {
    static KEY: OnceLock<RandomState> = OnceLock::new();
    KEY.get_or_init(RandomState::new).hash_one(value)
}

/// Checks a step of the current run, and counts what is found.
pub(crate) fn admit(step: Step, limits: &LoopLimits) -> Result<(), RunStopped> {
    let name = step.name;
    let checked = with_current(|frame| {
        let workflow = frame.workflow.as_ref()?;
        let run = workflow.agent_run.as_ref()?;
        Some((frame.recorder, run.admit(step, limits, workflow.attempt)?))
    });
    let Some(Some((recorder, Admission { stopped, repetition_cost }))) = checked else {
        warn_once(name);
        return Ok(());
    };
    if let Some(cost) = repetition_cost {
        let action = match limits.on_loop {
            OnLoop::Stop => "stopped",
            OnLoop::Count => "counted",
        };
        recorder.add(Id::Loops, &[name, action], 1);
        recorder.add(Id::LoopsCost, &[name], cost.0);
    }
    match &stopped {
        Some(RunStopped::Steps { .. }) => recorder.add(Id::RunLimits, &[name, "steps"], 1),
        Some(RunStopped::Cost { .. }) => recorder.add(Id::RunLimits, &[name, "cost"], 1),
        Some(RunStopped::Loop { .. }) | None => {}
    }
    stopped.map_or(Ok(()), Err)
}

/// Logs a warning for the first guarded call outside of any run, which nothing can be compared with.
fn warn_once(name: &'static str) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        catch_panic(|| {
            tracing::warn!(
                target: "tta::telemetry",
                %name,
                "a call with a loop guard is outside of any agent, workflow and context: nothing guards it"
            );
        });
    }
}
