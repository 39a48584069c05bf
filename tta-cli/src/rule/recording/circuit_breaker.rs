//! Circuit breakers.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// The worst state.
pub static STATE: Recording = Recording {
    name: "circuit_breaker:tta_circuit_breaker_state:max",
    title: "State",
    description: "State of each circuit breaker, the worst of all instances: 0 closed, 1 half-open, 2 open.",
    unit: Unit::Count,
    query: "max by (job, primitive_name) (tta_circuit_breaker_state)",
};

/// Calls per second, by result.
pub static CALLS: Recording = Recording {
    name: "circuit_breaker_result:tta_circuit_breaker_calls:rate5m",
    title: "Calls",
    description: "Calls at each circuit breaker per second: permitted or rejected, and how the permitted ones ended.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, result) (rate(tta_circuit_breaker_calls_total[5m]))",
};

/// Changes of state per second.
pub static TRANSITIONS: Recording = Recording {
    name: "circuit_breaker_from_to:tta_circuit_breaker_transitions:rate5m",
    title: "Transitions",
    description: "Changes of each circuit breaker's state, per second.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, from, to) (rate(tta_circuit_breaker_transitions_total[5m]))",
};

/// The share of calls that were rejected.
pub static REJECTED: Recording = Recording {
    name: "circuit_breaker:tta_circuit_breaker_rejected:ratio_rate5m",
    title: "Rejected",
    description: "Share of the calls at each circuit breaker that it rejected.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (circuit_breaker_result:tta_circuit_breaker_calls:rate5m{result="rejected"})
        / (sum by (job, primitive_name) (circuit_breaker_result:tta_circuit_breaker_calls:rate5m{result=~"permitted|rejected"}) > 0)"#,
};

/// The share of time in each state.
pub static TIME: Recording = Recording {
    name: "circuit_breaker_state:tta_circuit_breaker_state_seconds:ratio_rate5m",
    title: "Time in each state",
    description: "Share of the time that each circuit breaker was in each state, over all instances.",
    unit: Unit::Ratio,
    query: "sum by (job, primitive_name, state) (rate(tta_circuit_breaker_state_seconds_total[5m])) / on (job, primitive_name) group_left ()
        (sum by (job, primitive_name) (rate(tta_circuit_breaker_state_seconds_total[5m])) > 0)",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-circuit-breaker",
    description: "Circuit breakers.",
    interval: "30s",
    rules: &[&STATE, &CALLS, &TRANSITIONS, &REJECTED, &TIME],
};
