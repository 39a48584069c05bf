//! Alerts on circuit breakers, retries and sagas.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// A circuit breaker rejects calls. A breaker whose probes hang alternates between open and half-open, so the query covers two
/// minutes. An open breaker without calls does not fire.
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

/// Many attempts are retries.
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

/// A compensation failed, so a saga's effects remain.
pub static COMPENSATIONS: Alert = Alert {
    name: "TtaCompensationFailed",
    severity: Severity::Warning,
    query: r#"sum by (job, primitive_name, result) (increase(tta_saga_compensations_total{result!="done"}[15m])) > 0.5"#,
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: r#"{{ $value | printf "%.0f" }} compensations of {{ $labels.primitive_name }} were not done in 15 minutes ({{ $labels.result }})"#,
    description: "A saga failed, and a step that had succeeded could not be undone: undo it by hand.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-blocks",
    description: "Circuit breakers, retries and sagas.",
    interval: "30s",
    alerts: &[&CIRCUIT, &RETRIES, &COMPENSATIONS],
};
