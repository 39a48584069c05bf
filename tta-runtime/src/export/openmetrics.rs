//! The OpenMetrics text format, version 1.0.0, with exemplars.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use super::number::{bound, write_escaped, write_labels, write_number};
use crate::snapshot::{Row, RowExemplar, RowKind, Rows, Value};

/// The content type of this format.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all rows.
pub(crate) fn encode(families: &[Rows]) -> String {
    let mut out = String::with_capacity(16 * 1024);
    for family in families {
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
                out.extend(["# ", keyword, " ", name, " ", value, "\n"]);
            }
        }
        out.extend(["# HELP ", name, " "]);
        write_escaped(&mut out, &family.help, true);
        out.push('\n');
        for row in &family.series {
            write_row(&mut out, name, family, row);
        }
    }
    out.push_str("# EOF\n");
    out
}

/// Returns the unit for the `# UNIT` line, which the format allows only if the name ends in it.
fn unit(name: &str, unit: &str) -> &'static str {
    match unit {
        "s" if name.ends_with("_seconds") => "seconds",
        "ms" if name.ends_with("_milliseconds") => "milliseconds",
        _ => "",
    }
}

fn write_row(out: &mut String, name: &str, family: &Rows, row: &Row) {
    let mut sample = |suffix: &str, last: Option<(&str, &str)>, number: f64, exemplar: Option<RowExemplar>| {
        out.push_str(name);
        out.push_str(suffix);
        write_labels(out, &row.labels, last);
        out.push(' ');
        write_number(out, number);
        if let Some(exemplar) = exemplar {
            write_exemplar(out, exemplar);
        }
        out.push('\n');
    };
    match &row.value {
        Value::Number(number) => {
            sample(if family.kind == RowKind::Counter { "_total" } else { "" }, None, *number, row.exemplar);
        }
        Value::Distribution(distribution) => {
            let mut below = 0;
            for &(upper, n, exemplar) in &distribution.buckets {
                below += n;
                sample("_bucket", Some(("le", &bound(upper))), below as f64, exemplar);
            }
            sample("_sum", None, distribution.sum, None);
            sample("_count", None, below as f64, None);
        }
        Value::Quantiles { quantiles, count, sum } => {
            for &(quantile, number) in quantiles {
                sample("", Some(("quantile", &bound(quantile))), number, None);
            }
            sample("_sum", None, *sum, None);
            sample("_count", None, *count as f64, None);
        }
    }
}

fn write_exemplar(out: &mut String, exemplar: RowExemplar) {
    let labels = [
        ("trace_id".into(), exemplar.span.trace_id().to_string().into()),
        ("span_id".into(), exemplar.span.span_id().to_string().into()),
    ];
    out.push_str(" # ");
    write_labels(out, &labels, None);
    out.push(' ');
    write_number(out, exemplar.value);
    let at = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    // Prometheus stores timestamps in milliseconds.
    // Writing to a `String` cannot fail.
    let _ = write!(out, " {}.{:03}", at.as_secs(), at.subsec_millis());
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::id::SpanIds;
    use crate::snapshot::{Distribution, Row, RowExemplar, RowKind, Rows, Value};
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
        let buckets = vec![(0.1, 1, Some(exemplar)), (f64::INFINITY, 0, None)];
        let value = Value::Distribution(Distribution { buckets, sum: 0.05 });
        let rows = |name: &'static str, kind, unit, value, exemplar| Rows {
            name: name.into(),
            help: "Help.".into(),
            kind,
            unit,
            series: vec![Row { labels: Vec::new(), value, exemplar }],
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
