//! Tokio's timers, which are there only inside a tokio runtime that has them.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task;
use tokio::time::Sleep;

use crate::panics::caught;

/// There are no timers where the block runs.
#[derive(Debug)]
pub(super) struct NoTimer;

/// Returns a timer.
pub(super) fn sleep(duration: Duration) -> Result<Sleep, NoTimer> {
    if !is_in_runtime() {
        return Err(NoTimer);
    }
    // A runtime without timers cannot be recognised otherwise.
    caught(|| tokio::time::sleep(duration)).ok_or(NoTimer)
}

/// Returns a timer that ends this long after `now`, the time of tokio's clock.
pub(super) fn sleep_from(now: Instant, duration: Duration) -> Result<Sleep, NoTimer> {
    let Some(end) = now.checked_add(duration) else { return sleep(duration) };
    if !is_in_runtime() {
        return Err(NoTimer);
    }
    caught(|| tokio::time::sleep_until(end.into())).ok_or(NoTimer)
}

/// Returns whether there is a runtime. A task runs in one, and to ask for the task takes no count of the runtime's owners.
fn is_in_runtime() -> bool {
    task::try_id().is_some() || Handle::try_current().is_ok()
}
