//! Cost budgets.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Dollars left in the budget.
pub static REMAINING: Recording = Recording {
    name: "budget:tta_budget_remaining_usd:min",
    title: "Left of the budget",
    description: "US dollars that each budget has left in its present period, on the instance that has the least.",
    unit: Unit::Usd,
    query: "min by (job, budget) (tta_budget_remaining_usd)",
};

/// The rule group.
pub static GROUP: RecordingGroup =
    RecordingGroup { name: "tta-budget", description: "Budgets of money.", interval: "30s", rules: &[&REMAINING] };
