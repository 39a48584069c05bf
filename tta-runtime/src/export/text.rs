//! Prometheus' text format, version 0.0.4.

use std::borrow::Borrow;

use super::page::Page;
use crate::snapshot::{Row, RowKind, Rows, Value};

/// The content type of this format.
#[cfg(any(feature = "exporter", feature = "push"))]
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes all rows.
pub(crate) fn encode<R: Borrow<Rows>>(families: &[R]) -> String {
    let mut page = Page::for_families(families.iter().map(Borrow::borrow));
    for family in families.iter().map(Borrow::borrow) {
        let kind = match family.kind {
            RowKind::Counter => "counter",
            RowKind::Gauge | RowKind::Level => "gauge",
            RowKind::Histogram => "histogram",
            RowKind::Summary => "summary",
            RowKind::Untyped => "untyped",
        };
        page.push_help(&family.name, &family.help, false);
        page.push(&["# TYPE ", &family.name, " ", kind, "\n"]);
        for row in &family.series {
            write_row(&mut page, &family.name, row);
        }
    }
    page.into_text()
}

fn write_row(page: &mut Page, name: &str, row: &Row) {
    page.set_labels(&row.labels);
    match &row.value {
        Value::Number(number) => page.sample(name, "", *number, |_| {}),
        Value::Distribution(distribution) => page.histogram(name, distribution, |_, _| {}),
        Value::Quantiles { quantiles, count, sum } => page.summary(name, quantiles, *count, *sum),
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::snapshot::{Distribution, LabelSet, Row, RowKind, Rows, Value};
    use expect_test::expect;
    use proptest::prelude::*;

    fn counter(help: &'static str, value: String) -> Rows {
        let row = Row::new([("path".into(), value.into())].into_iter().collect(), Value::Number(2.0));
        Rows {
            name: "a_total".into(),
            help: help.into(),
            kind: RowKind::Counter,
            unit: "",
            is_whole: false,
            series: vec![row],
        }
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
        let value = Value::Distribution(Distribution::of_buckets(&[(0.1, 2, None), (f64::INFINITY, 1, None)], 1.5));
        let rows = vec![Row::new(LabelSet::default(), value)];
        let family = Rows {
            name: "d_seconds".into(),
            help: "D.".into(),
            kind: RowKind::Histogram,
            unit: "s",
            is_whole: false,
            series: rows,
        };
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
