//! Waiting until something is so, for a bounded time.

use std::time::{Duration, Instant};

/// The time limit; then the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Repeats an action until it returns `true`.
///
/// # Panics
///
/// Panics if it does not in time.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
