//! Spans, and parts of spans, that were lost.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

/// The advice for each reason of `tta_telemetry_spans_dropped_total` and `tta_telemetry_log_records_dropped_total`.
const REMEDIES: &[(&str, &str)] = &[
    (
        "queue_full",
        "sample fewer traces (`OTEL_TRACES_SAMPLER`), or raise `OTEL_BSP_MAX_QUEUE_SIZE` and `TTA_SPAN_QUEUE_BYTES`",
    ),
    (
        "retry_exhausted",
        "the collector was out for longer than the queue lasts: mend it, or raise `OTEL_BSP_MAX_QUEUE_SIZE`",
    ),
    ("non_retryable", "the collector refuses them for good: its answer is in the program's log"),
    (
        "rejected",
        "the collector or the program's own exporter refuses some of them: the reason is in the program's log",
    ),
    ("exporter_panic", "mend the program's own exporter, which panics"),
    ("too_large", "record less on a span, or raise `TTA_SPAN_QUEUE_BYTES`: a span may take a quarter of it"),
    ("after_shutdown", "end all calls before `shutdown`"),
    ("deadline", "an exporter does not return in time: mend it, or raise `OTEL_BSP_EXPORT_TIMEOUT`"),
    ("forked", "call `init` in the forked process"),
];

/// Returns the advice for a reason.
pub(super) fn remedy(reason: &str) -> &'static str {
    REMEDIES.iter().find(|(known, _)| *known == reason).map_or("see docs/reliability.md", |(_, remedy)| remedy)
}

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let ended = program.sum("tta_telemetry_spans_ended_total");
    let dropped = program.above("tta_telemetry_spans_dropped_total", 0.0).map(|sample| {
        let reason = sample.label("reason");
        let fault = format!("{} of {ended} spans are lost (`{reason}`)", sample.value);
        Finding::of(program, fault, remedy(reason))
    });
    let parts = program.above("tta_telemetry_span_parts_dropped_total", 0.0).map(|sample| {
        let fault = format!("{} parts of spans are left out (`{}`)", sample.value, sample.label("part"));
        Finding::of(program, fault, "record less on a span, or raise the limit (`OTEL_SPAN_…_LIMIT`)")
    });
    dropped.chain(parts).collect()
}
