//! The telemetry itself.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// The share of spans that were dropped.
pub static SPAN_LOSS: Recording = Recording {
    name: "job:tta_telemetry_spans_dropped:ratio_rate5m",
    title: "Spans lost",
    description: "Share of the sampled spans that were lost on the way to an exporter.",
    unit: Unit::Ratio,
    query: "sum by (job) (rate(tta_telemetry_spans_dropped_total[5m])) / (sum by (job) (rate(tta_telemetry_spans_ended_total[5m])) > 0)",
};

/// Exports per second, by result.
pub static EXPORTS: Recording = Recording {
    name: "signal_result:tta_telemetry_exports:rate5m",
    title: "Exports",
    description: "Attempts to export a batch, per second, signal and result.",
    unit: Unit::PerSecond,
    query: "sum by (job, signal, result) (rate(tta_telemetry_exports_total[5m]))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-telemetry",
    description: "The telemetry itself.",
    interval: "30s",
    rules: &[&SPAN_LOSS, &EXPORTS],
};
