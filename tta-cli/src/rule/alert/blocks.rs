//! Blocks that stand between callers and what is broken.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// A circuit breaker turns calls away. While probes hang it is half-open as often as it is open, so two minutes are looked at; one
/// that nobody calls stays open, and is no news.
pub static CIRCUIT: Alert = Alert {
    name: "TtaCircuitOpen",
    severity: Severity::Warning,
    query: r#"count by (job, primitive_name) (max_over_time(tta_circuit_breaker_state[2m]) == 2
        and on (job, instance, primitive_name) rate(tta_circuit_breaker_calls_total{result="rejected"}[5m]) > 0)"#,
    pending_for: Some("1m"),
    keep_firing_for: Some("1m"),
    labels: &[],
    summary: "The circuit breaker {{ $labels.primitive_name }} rejects calls on {{ $value }} instances",
    description: "What it protects failed too often: it has been open in the past two minutes, and calls are rejected at once.",
};

/// Much of the work is done again.
pub static RETRIES: Alert = Alert {
    name: "TtaRetryStorm",
    severity: Severity::Warning,
    query: "retry:tta_retry_attempts_retried:ratio_rate5m > 0.3
        and sum by (job, primitive_name) (increase(tta_retry_attempts_total[5m])) >= 50",
    pending_for: Some("5m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value | humanizePercentage }} of {{ $labels.primitive_name }}'s attempts are followed by another one",
    description: "Over 30 % for five minutes. Retries add load to what is already failing, and cost tokens and time.",
};

/// What was done is not undone.
pub static COMPENSATIONS: Alert = Alert {
    name: "TtaCompensationFailed",
    severity: Severity::Warning,
    query: r#"sum by (job, primitive_name, result) (increase(tta_saga_compensations_total{result!="done"}[15m])) > 0.5"#,
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: r#"{{ $value | printf "%.0f" }} compensations of {{ $labels.primitive_name }} were not done in 15 minutes ({{ $labels.result }})"#,
    description: "A saga did not succeed, and a step of it that did is not undone: somebody has to do that by hand.",
};

/// The group of them.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-blocks",
    description: "Blocks that stand between callers and what is broken.",
    interval: "30s",
    alerts: &[&CIRCUIT, &RETRIES, &COMPENSATIONS],
};
