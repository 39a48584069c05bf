//! The log of a shared budget whose Redis does not answer: that it begins, and that it is over.

use std::sync::Arc;

use crate::redis::{Availability, OutageLog};

/// Makes the log of a budget, which spends a share of its own meanwhile if it is degraded.
pub(super) fn log(budget: &str, is_degraded: bool) -> Arc<OutageLog> {
    let budget = budget.to_owned();
    let down = if is_degraded {
        "the Redis of a shared budget does not answer or has just come back: this process spends its share"
    } else {
        "the Redis of a shared budget does not answer or has just come back: calls beyond the lease are refused"
    };
    OutageLog::new(move |change| match change {
        Availability::Down => tracing::warn!(target: "tta::telemetry", budget, "{down}"),
        Availability::Up => {
            tracing::info!(target: "tta::telemetry", budget, "the Redis of a shared budget answers again");
        }
    })
}
