//! The health score of a job.

use crate::dashboard::panel::{Kind, Panel, Size, Thresholds};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::rule::recording::requests::SUCCESS_RATE;
use crate::rule::recording::slo::budget::{BAD_EVENTS, EVENTS, REMAINING};

/// Returns the panel with the health score: a weighted sum of availability (0.4), the share of calls within their latency objectives
/// (0.4), and the rest of the error budgets (0.2).
///
/// A term without a declared objective counts as 1.
pub fn score() -> Panel {
    Panel::new(
    "Health score",
    "0.4 × the share of calls that succeed + 0.4 × the share of calls within their latency objective + 0.2 × what is left of the \
     30-day error budgets, on average and never below 0. A part for which no objective is declared, or that had no event, counts as 1.",
    Kind::Stat(Thresholds::HigherIsBetter(0.9, 0.97)),
    Size::Tile,
    [Query::over(
        r#"0.4 * $0
            + on (job) 0.4 * (1 - sum by (job) ($1{slo="latency"}) / (sum by (job) ($2{slo="latency"}) > 0) or on (job) 0 * $0 + 1)
            + on (job) 0.2 * (avg by (job) (clamp($3, 0, 1)) or on (job) 0 * $0 + 1)"#,
        [&SUCCESS_RATE, &BAD_EVENTS, &EVENTS, &REMAINING],
        "{{job}}",
        Unit::Ratio,
    )
    .job_wide()],
)
}
