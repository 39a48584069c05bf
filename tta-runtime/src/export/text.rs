//! Prometheus' text format, version 0.0.4.

use super::number::{bound, write_escaped, write_labels, write_number};
use crate::snapshot::{Row, RowKind, Rows, Value};

/// The content type of this format.
#[cfg(any(feature = "exporter", feature = "push"))]
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes all rows.
pub(crate) fn encode(families: &[Rows]) -> String {
    let mut out = String::with_capacity(16 * 1024);
    for family in families {
        let kind = match family.kind {
            RowKind::Counter => "counter",
            RowKind::Gauge | RowKind::Level => "gauge",
            RowKind::Histogram => "histogram",
            RowKind::Summary => "summary",
            RowKind::Untyped => "untyped",
        };
        out.push_str("# HELP ");
        out.push_str(&family.name);
        out.push(' ');
        write_escaped(&mut out, &family.help, false);
        out.push_str("\n# TYPE ");
        out.push_str(&family.name);
        out.push(' ');
        out.push_str(kind);
        out.push('\n');
        for row in &family.series {
            write_row(&mut out, &family.name, row);
        }
    }
    out
}

fn write_row(out: &mut String, name: &str, row: &Row) {
    let mut sample = |suffix: &str, last: Option<(&str, &str)>, number: f64| {
        out.push_str(name);
        out.push_str(suffix);
        write_labels(out, &row.labels, last);
        out.push(' ');
        write_number(out, number);
        out.push('\n');
    };
    match &row.value {
        Value::Number(number) => sample("", None, *number),
        Value::Distribution(distribution) => {
            let mut below = 0;
            for &(upper, n, _) in &distribution.buckets {
                below += n;
                sample("_bucket", Some(("le", &bound(upper))), below as f64);
            }
            sample("_sum", None, distribution.sum);
            sample("_count", None, below as f64);
        }
        Value::Quantiles { quantiles, count, sum } => {
            for &(quantile, number) in quantiles {
                sample("", Some(("quantile", &bound(quantile))), number);
            }
            sample("_sum", None, *sum);
            sample("_count", None, *count as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::snapshot::{Distribution, Row, RowKind, Rows, Value};
    use expect_test::expect;
    use proptest::prelude::*;

    fn counter(help: &'static str, value: String) -> Rows {
        let row = Row::new(vec![("path".into(), value.into())], Value::Number(2.0));
        Rows { name: "a_total".into(), help: help.into(), kind: RowKind::Counter, unit: "", series: vec![row] }
    }

    #[test]
    fn quotes_backslashes_and_line_breaks_are_escaped() {
        let text = encode(&[counter("a \"b\" \\ c\nd", "e \"f\" \\ g\nh".into())]);
        expect![[r#"
            # HELP a_total a "b" \\ c\nd
            # TYPE a_total counter
            a_total{path="e \"f\" \\ g\nh"} 2
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn buckets_are_cumulative_and_the_last_is_the_count() {
        let buckets = vec![(0.1, 2, None), (f64::INFINITY, 1, None)];
        let value = Value::Distribution(Distribution { buckets, sum: 1.5 });
        let rows = vec![Row::new(Vec::new(), value)];
        let family =
            Rows { name: "d_seconds".into(), help: "D.".into(), kind: RowKind::Histogram, unit: "s", series: rows };
        expect![[r#"
            # HELP d_seconds D.
            # TYPE d_seconds histogram
            d_seconds_bucket{le="0.1"} 2
            d_seconds_bucket{le="+Inf"} 3
            d_seconds_sum 1.5
            d_seconds_count 3
        "#]]
        .assert_eq(&encode(&[family]));
    }

    proptest! {
        #[test]
        fn another_parser_reads_back_any_label_value(value in "[^\r]{0,40}") {
            let text = encode(&[counter("Help.", value.clone())]);
            let parsed = openmetrics_parser::prometheus::parse_prometheus(&text).expect("the text parses");
            let sample = parsed.families["a_total"].iter_samples().next().expect("one sample").clone();
            let labels = sample.get_labelset().expect("labels");
            prop_assert_eq!(labels.get_label_value("path"), Some(value.as_str()));
        }
    }
}
