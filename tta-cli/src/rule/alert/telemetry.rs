//! Alerts on incomplete telemetry.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// Spans are dropped.
pub static SPANS: Alert = Alert {
    name: "TtaSpansDropped",
    severity: Severity::Warning,
    query: "sum by (job, reason) (increase(tta_telemetry_spans_dropped_total[5m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("10m"),
    labels: &[],
    summary: "{{ $labels.job }} lost {{ $value | humanize }} spans in 5 minutes ({{ $labels.reason }})",
    description: "Traces have holes. Metrics are complete nevertheless.",
};

/// Log records are dropped.
pub static LOG_RECORDS: Alert = Alert {
    name: "TtaLogRecordsDropped",
    severity: Severity::Warning,
    query: "sum by (job, reason) (increase(tta_telemetry_log_records_dropped_total[5m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("10m"),
    labels: &[],
    summary: "{{ $labels.job }} lost {{ $value | humanize }} log records in 5 minutes ({{ $labels.reason }})",
    description: "Content or results of evaluations are missing among the logs. Spans and metrics are complete nevertheless.",
};

/// Limits cut parts of spans off.
pub static PARTS: Alert = Alert {
    name: "TtaSpanPartsDropped",
    severity: Severity::Info,
    query: "sum by (job, part) (increase(tta_telemetry_span_parts_dropped_total[15m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: "{{ $labels.job }}'s spans lost {{ $value | humanize }} parts in 15 minutes ({{ $labels.part }})",
    description: "A limit on spans left out attributes or events, or cut off the end of texts or lists. Metrics are complete.",
};

/// Label sets beyond a metric's cap are counted in its overflow series.
pub static CAPPED: Alert = Alert {
    name: "TtaLabelsCapped",
    severity: Severity::Warning,
    query: "sum by (job, metric) ((max_over_time(tta_telemetry_capped_total[15m]) unless last_over_time(tta_telemetry_capped_total[1h] offset 15m))
        or increase(tta_telemetry_capped_total[15m])) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: "{{ $value | humanize }} records of {{ $labels.metric }} went to its overflow series in 15 minutes",
    description: "The metric holds as many label sets as it may; new ones read `other`. Totals stay right, the split does not.",
};

/// Values beyond a label's cap are recorded as `other`.
pub static VALUES: Alert = Alert {
    name: "TtaLabelValuesCapped",
    severity: Severity::Info,
    query: "sum by (job, label) (
            (max_over_time(tta_telemetry_label_values_capped_total[15m]) unless last_over_time(tta_telemetry_label_values_capped_total[1h] offset 15m))
            or increase(tta_telemetry_label_values_capped_total[15m])
        ) > 0.5",
    pending_for: None,
    keep_firing_for: Some("15m"),
    labels: &[],
    summary: "{{ $value | humanize }} records had a value of {{ $labels.label }} that reads `other`, in 15 minutes",
    description: "The label is `capped(…)` and has its 50 values. Totals stay right, the split does not.",
};

/// Part of the telemetry could not be attached when the program started.
pub static DETACHED: Alert = Alert {
    name: "TtaDetached",
    severity: Severity::Warning,
    query: "sum by (job, what) (max_over_time(tta_telemetry_detached_total[5m])) > 0.5",
    pending_for: None,
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $labels.job }} left out {{ $labels.what }} {{ $value }} times when it started",
    description: "Its place was taken, by a metric of the program with the same name, or by an earlier call to `init`.",
};

/// Exports fail.
pub static EXPORT: Alert = Alert {
    name: "TtaExportFailing",
    severity: Severity::Warning,
    query: r#"sum by (job, signal) (signal_result:tta_telemetry_exports:rate5m{result="error"})
        / sum by (job, signal) (signal_result:tta_telemetry_exports:rate5m) > 0.1
        and sum by (job, signal) (increase(tta_telemetry_exports_total[10m])) >= 5"#,
    pending_for: Some("5m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value | humanizePercentage }} of {{ $labels.job }}'s exports of {{ $labels.signal }} fail",
    description: "Over 10 % for five minutes: the collector refuses, is slow or is gone.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-telemetry",
    description: "The telemetry itself.",
    interval: "30s",
    alerts: &[&SPANS, &LOG_RECORDS, &PARTS, &CAPPED, &VALUES, &DETACHED, &EXPORT],
};
