//! `library`: what this library itself costs, and what it could not keep.

use serde::Serialize;

use super::Recorded;
use super::row::{count, distribution, label, quantiles};
use crate::outages::{self, Outage};
use crate::page::model_calls::MOST_BYTES;
use crate::page::number::Decimal;
use crate::page::own_cpu;
use crate::redactor::redact_keys;
use crate::schema::Id;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
pub(super) struct Library {
    spans_ended: Decimal,
    spans_exported: Decimal,
    spans_dropped: Vec<Dropped>,
    span_parts_dropped: Vec<PartsDropped>,
    log_records_dropped: Vec<RecordsDropped>,
    queue_spans: usize,
    queue_limit_spans: usize,
    queue_bytes: usize,
    ring_traces: usize,
    ring_bytes: usize,
    ring_limit_bytes: usize,
    series_bytes: usize,
    model_calls: usize,
    model_calls_bytes: usize,
    model_calls_limit_bytes: usize,
    capped_metrics: Vec<CappedMetric>,
    capped_labels: Vec<CappedLabel>,
    exports: Vec<Export>,
    failing_exports: Vec<FailingExport>,
    scrape_p95_seconds: f64,
    background_cpu_ratio: Option<f64>,
}

#[derive(Serialize)]
struct Dropped {
    reason: String,
    spans: u64,
}

#[derive(Serialize)]
struct PartsDropped {
    part: String,
    parts: u64,
}

#[derive(Serialize)]
struct RecordsDropped {
    reason: String,
    records: u64,
}

#[derive(Serialize)]
struct CappedMetric {
    metric: String,
    records: u64,
}

#[derive(Serialize)]
struct CappedLabel {
    label: String,
    records: u64,
}

#[derive(Serialize)]
struct Export {
    signal: String,
    result: String,
    exports: u64,
}

#[derive(Serialize)]
struct FailingExport {
    signal: &'static str,
    for_seconds: f64,
    error: String,
}

pub(super) fn library(recorded: &Recorded<'_>, snapshot: &Snapshot) -> Library {
    let Recorded { source, ring, model_calls, history } = recorded;
    let (model_calls, model_calls_bytes) = model_calls.size();
    let total = |id| Decimal(snapshot.rows(id).series.iter().map(count).sum());
    let by = |id, name: &'static str| {
        let rows = snapshot.rows(id).series.iter().filter(|row| count(row) > 0);
        rows.map(move |row| (label(row, name).to_owned(), count(row)))
    };
    let scrapes = snapshot.rows(Id::TelemetryScrapeDuration).series.iter().find_map(distribution);
    let [scrape_p95_seconds] = scrapes.map_or([0.0], |scrapes| quantiles(scrapes, [0.95]));
    let exports = snapshot.rows(Id::TelemetryExports).series.iter().map(|row| Export {
        signal: label(row, "signal").to_owned(),
        result: label(row, "result").to_owned(),
        exports: count(row),
    });
    let failing = |Outage { signal, lasts, error }| FailingExport {
        signal,
        for_seconds: lasts.as_secs_f64(),
        error: redact_keys(&error).into_owned(),
    };
    let spans = &source.recorder.spans;
    let kept = ring.read();
    Library {
        spans_ended: total(Id::TelemetrySpansEnded),
        spans_exported: total(Id::TelemetrySpansExported),
        spans_dropped: by(Id::TelemetrySpansDropped, "reason")
            .map(|(reason, spans)| Dropped { reason, spans })
            .collect(),
        span_parts_dropped: by(Id::TelemetrySpanPartsDropped, "part")
            .map(|(part, parts)| PartsDropped { part, parts })
            .collect(),
        log_records_dropped: by(Id::TelemetryLogRecordsDropped, "reason")
            .map(|(reason, records)| RecordsDropped { reason, records })
            .collect(),
        queue_spans: spans.held(),
        queue_limit_spans: spans.most_spans(),
        queue_bytes: spans.held_bytes(),
        ring_traces: kept.traces.len(),
        ring_bytes: kept.bytes,
        ring_limit_bytes: ring.limit(),
        series_bytes: history.bytes(),
        model_calls,
        model_calls_bytes,
        model_calls_limit_bytes: MOST_BYTES,
        capped_metrics: by(Id::TelemetryCapped, "metric")
            .map(|(metric, records)| CappedMetric { metric, records })
            .collect(),
        capped_labels: by(Id::TelemetryLabelValuesCapped, "label")
            .map(|(label, records)| CappedLabel { label, records })
            .collect(),
        exports: exports.collect(),
        failing_exports: outages::outages().into_iter().map(failing).collect(),
        scrape_p95_seconds,
        background_cpu_ratio: own_cpu::seconds().map(|seconds| seconds / source.age().as_secs_f64().max(1.0)),
    }
}
