//! Multi-window burn-rate alerts on service level objectives.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// Defines a burn-rate alert. The long window shows that the burn matters, the short one that it still goes on. Fewer than 20 events
/// in the long window are too few to judge. The threshold is capped at 0.9, since a low objective's would exceed 1.
macro_rules! burn {
    ($id:ident, $name:literal, $severity:ident, $burn:literal, $factor:literal, $long:literal, $short:literal, $hold:literal, $spent:literal) => {
        #[doc = concat!("The error budget burns ", $factor, " times too fast over ", $long, " and ", $short, ".")]
        pub static $id: Alert = Alert {
            name: $name,
            severity: Severity::$severity,
            query: concat!(
                "slo:tta_slo_errors:ratio_rate", $long, " > clamp_max(", $factor, " * slo:tta_slo_error_budget:ratio, 0.9)
                    and slo:tta_slo_errors:ratio_rate", $short, " > clamp_max(", $factor, " * slo:tta_slo_error_budget:ratio, 0.9)
                    and sum by (job, primitive_name, slo) (increase(tta_slo_events_total[", $long, "])) >= 20"
            ),
            pending_for: Some($hold),
            keep_firing_for: Some("5m"),
            labels: &[("burn", $burn)],
            summary: concat!(
                "{{ $value | humanizePercentage }} of {{ $labels.primitive_name }}'s events were bad for its {{ $labels.slo }} objective in the past ",
                $long
            ),
            description: concat!(
                "That is more than ", $factor, " times what the objective allows (or 90 %, where it allows much), over ", $long,
                " and still over ", $short, ". At that pace ", $spent
            ),
        };
    };
}

burn!(FASTEST, "TtaSloBurn14x", Critical, "fast", "14.4", "1h", "5m", "2m", "the budget of 30 days is used up in two.");
burn!(FAST, "TtaSloBurn6x", Critical, "fast", "6", "6h", "30m", "5m", "the budget of 30 days is used up in five.");
burn!(SLOW, "TtaSloBurn3x", Warning, "slow", "3", "1d", "2h", "15m", "the budget of 30 days is used up in ten.");
burn!(SLOWEST, "TtaSloBurn1x", Warning, "slow", "1", "3d", "6h", "1h", "nothing of the budget is left after 30 days.");

/// The error budget is exhausted.
pub static EXHAUSTED: Alert = Alert {
    name: "TtaSloBudgetExhausted",
    severity: Severity::Critical,
    query: "slo:tta_slo_error_budget_remaining:ratio <= 0 and slo:tta_slo_events:sum30d >= 100",
    pending_for: Some("5m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value | humanizePercentage }} of {{ $labels.primitive_name }}'s {{ $labels.slo }} budget is left",
    description: "The past 30 days had more bad events than the objective allows. It stays so until bad days leave the window.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-slo",
    description: "Objectives whose error budget goes too fast, or is gone.",
    interval: "30s",
    alerts: &[&FASTEST, &FAST, &SLOW, &SLOWEST, &EXHAUSTED],
};
