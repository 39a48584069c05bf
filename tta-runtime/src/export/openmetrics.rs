//! The OpenMetrics text format, version 1.0.0, with exemplars.

use std::borrow::Borrow;
use std::fmt::Write;
use std::time::UNIX_EPOCH;

use super::number::write_number;
use super::page::Page;
use crate::snapshot::{Row, RowExemplar, RowKind, Rows, Value};

/// The content type of this format.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all rows.
pub(crate) fn encode<R: Borrow<Rows>>(families: &[R]) -> String {
    let mut page = Page::for_families(families.iter().map(Borrow::borrow));
    for family in families.iter().map(Borrow::borrow) {
        // A counter's samples end in `_total`, the name of its family does not.
        let name = match family.kind {
            RowKind::Counter => family.name.strip_suffix("_total").unwrap_or(&family.name),
            _ => &family.name,
        };
        let kind = match family.kind {
            RowKind::Counter => "counter",
            RowKind::Gauge | RowKind::Level => "gauge",
            RowKind::Histogram => "histogram",
            RowKind::Summary => "summary",
            RowKind::Untyped => "unknown",
        };
        for (keyword, value) in [("TYPE", kind), ("UNIT", unit(name, family.unit))] {
            if !value.is_empty() {
                page.push(&["# ", keyword, " ", name, " ", value, "\n"]);
            }
        }
        page.push_help(name, &family.help, true);
        for row in &family.series {
            write_row(&mut page, name, family.kind, row);
        }
    }
    page.push(&["# EOF\n"]);
    page.into_text()
}

/// Returns the unit for the `# UNIT` line, which the format allows only if the name ends in it.
fn unit(name: &str, unit: &str) -> &'static str {
    match unit {
        "s" if name.ends_with("_seconds") => "seconds",
        "ms" if name.ends_with("_milliseconds") => "milliseconds",
        _ => "",
    }
}

fn write_row(page: &mut Page, name: &str, kind: RowKind, row: &Row) {
    page.set_labels(&row.labels);
    match &row.value {
        Value::Number(number) => {
            let suffix = if kind == RowKind::Counter { "_total" } else { "" };
            page.sample(name, suffix, *number, |out| {
                if let Some(exemplar) = row.exemplar {
                    write_exemplar(out, exemplar);
                }
            });
        }
        Value::Distribution(distribution) => page.histogram(name, distribution, write_exemplar),
        Value::Quantiles { quantiles, count, sum } => page.summary(name, quantiles, *count, *sum),
    }
}

fn write_exemplar(out: &mut String, exemplar: RowExemplar) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, " # {{trace_id=\"{}\",span_id=\"{}\"}} ", exemplar.span.trace_id(), exemplar.span.span_id());
    write_number(out, exemplar.value);
    let at = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    // Prometheus stores timestamps in milliseconds.
    let _ = write!(out, " {}.{:03}", at.as_secs(), at.subsec_millis());
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::id::SpanIds;
    use crate::snapshot::{Distribution, LabelSet, Row, RowExemplar, RowKind, Rows, Value};
    use expect_test::expect;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_bucket_and_a_counter_point_to_a_trace_and_a_counter_loses_its_suffix() {
        let context =
            SpanContext::new(TraceId::from(10), SpanId::from(11), TraceFlags::SAMPLED, false, TraceState::default());
        let exemplar = RowExemplar {
            span: SpanIds::from_otel(&context),
            value: 0.05,
            at: UNIX_EPOCH + Duration::from_millis(1_500),
        };
        let buckets = [(0.1, 1, Some(exemplar)), (f64::INFINITY, 0, None)];
        let value = Value::Distribution(Distribution::of_buckets(&buckets, 0.05));
        let rows = |name: &'static str, kind, unit, value, exemplar| Rows {
            name: name.into(),
            help: "Help.".into(),
            kind,
            unit,
            is_whole: false,
            series: vec![Row { labels: LabelSet::default(), value, exemplar }],
        };
        let text = encode(&[
            rows("d_seconds", RowKind::Histogram, "s", value, None),
            rows("c_total", RowKind::Counter, "", Value::Number(3.0), Some(RowExemplar { value: 2.0, ..exemplar })),
        ]);
        expect![[r##"
            # TYPE d_seconds histogram
            # UNIT d_seconds seconds
            # HELP d_seconds Help.
            d_seconds_bucket{le="0.1"} 1 # {trace_id="0000000000000000000000000000000a",span_id="000000000000000b"} 0.05 1.500
            d_seconds_bucket{le="+Inf"} 1
            d_seconds_sum 0.05
            d_seconds_count 1
            # TYPE c counter
            # HELP c Help.
            c_total 3 # {trace_id="0000000000000000000000000000000a",span_id="000000000000000b"} 2 1.500
            # EOF
        "##]]
        .assert_eq(&text);
    }
}
