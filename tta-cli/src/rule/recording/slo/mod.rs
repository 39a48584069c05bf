//! Service level objectives that are declared in code; one set of rules serves all of them.

use crate::rule::row::RecordingGroup;

pub mod budget;
pub mod errors;

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-slo",
    description: "Objectives that are declared in code: bad events over each window, what of the budget is left, how fast it goes.",
    interval: "30s",
    rules: &[
        &errors::RATIO_5M,
        &errors::RATIO_30M,
        &errors::RATIO_1H,
        &errors::RATIO_2H,
        &errors::RATIO_6H,
        &errors::RATIO_1D,
        &errors::RATIO_3D,
        &budget::EVENTS,
        &budget::BAD_EVENTS,
        &budget::EVENTS_30D,
        &budget::RATIO_30D,
        &budget::OBJECTIVE,
        &budget::ALLOWED,
        &budget::REMAINING,
        &budget::BURN,
    ],
};
