//! Tokio's timers, which are there only inside a tokio runtime that has them.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::panics::caught;

/// There are no timers where the block runs.
#[derive(Debug)]
pub(super) struct NoTimer;

/// Returns a timer.
pub(super) fn sleep(duration: Duration) -> Result<Sleep, NoTimer> {
    if Handle::try_current().is_err() {
        return Err(NoTimer);
    }
    // A runtime without timers cannot be recognised otherwise.
    caught(|| tokio::time::sleep(duration)).ok_or(NoTimer)
}
