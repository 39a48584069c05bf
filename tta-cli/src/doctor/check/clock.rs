//! A clock that differs from this machine's.

use crate::doctor::finding::{Finding, time};
use crate::doctor::program::Program;

/// The largest difference that is no fault. Within it spans of two machines can still seem to be out of order.
const TOLERANCE_SECONDS: f64 = 5.0;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let ahead = program.clock_ahead_seconds.filter(|ahead| ahead.abs() > TOLERANCE_SECONDS);
    let wrong = ahead.map(|ahead| {
        let side = if ahead > 0.0 { "ahead of" } else { "behind" };
        let fault = format!("its clock is {} {side} the clock of this machine", time(ahead.abs()));
        Finding::of(program, fault, "synchronise both with NTP: spans, exemplars and metrics carry these times")
    });
    wrong.into_iter().collect()
}
