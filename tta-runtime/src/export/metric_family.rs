//! Prometheus' protobuf format: delimited `MetricFamily` messages, with native histograms beside the classic buckets.
//!
//! The messages are those of `io.prometheus.client` in
//! [`metrics.proto`](https://github.com/prometheus/client_model/blob/v0.6.2/io/prometheus/client/metrics.proto).

use std::borrow::Borrow;
use std::time::{SystemTime, UNIX_EPOCH};

use super::protobuf::Message;
use crate::metric::grid::SCALE;
use crate::snapshot::{Distribution, Exponential, LabelSet, Row, RowExemplar, RowKind, Rows, Value};

/// The content type of this format.
pub(crate) const CONTENT_TYPE: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Writes all rows.
pub(crate) fn encode<R: Borrow<Rows>>(families: &[R]) -> Vec<u8> {
    let mut to = Message::default();
    for rows in families.iter().map(Borrow::borrow) {
        to.delimited(|to| family(to, rows));
    }
    to.into_bytes()
}

/// Writes the fields of a `MetricFamily`.
fn family(to: &mut Message, rows: &Rows) {
    to.text(1, &rows.name);
    to.text(2, &rows.help);
    // The number of the type, and the field of its message in a `Metric`.
    let (kind, field) = match rows.kind {
        RowKind::Counter => (0, 3),
        RowKind::Gauge | RowKind::Level => (1, 2),
        RowKind::Summary => (2, 4),
        RowKind::Untyped => (3, 5),
        RowKind::Histogram => (4, 7),
    };
    to.present_number(3, kind);
    for row in &rows.series {
        to.long_message::<2>(4, |to| {
            labels(to, 1, &row.labels);
            to.message(field, |to| value(to, rows.kind, row));
        });
    }
}

/// Writes the fields of a `Counter`, `Gauge`, `Untyped`, `Summary` or `Histogram`.
fn value(to: &mut Message, kind: RowKind, row: &Row) {
    match &row.value {
        Value::Number(number) => {
            to.present_double(1, *number);
            if let Some(of) = row.exemplar.filter(|_| kind == RowKind::Counter) {
                to.message(2, |to| exemplar(to, &of));
            }
        }
        Value::Quantiles { quantiles, count, sum } => {
            to.present_number(1, *count);
            to.present_double(2, *sum);
            for (quantile, number) in quantiles {
                to.message(3, |to| {
                    to.present_double(1, *quantile);
                    to.present_double(2, *number);
                });
            }
        }
        Value::Distribution(distribution) => histogram(to, distribution),
    }
}

/// Writes the fields of a `Histogram`.
fn histogram(to: &mut Message, distribution: &Distribution) {
    let exponential = distribution.exponential();
    // A call that ends while the buckets are read may be in the classic ones alone. Prometheus wants the native ones to add up to the
    // count, so the call is left for the next scrape: a minimum of two numbers that rise never falls.
    let count = exponential.map_or_else(|| distribution.count(), Exponential::count);
    to.present_number(1, count);
    to.present_double(2, distribution.sum());
    let mut below = 0;
    for (bound, n, of) in distribution.buckets() {
        below += n;
        to.message(3, |to| {
            to.present_number(1, if bound.is_finite() { below.min(count) } else { count });
            to.present_double(2, bound);
            if let Some(of) = of {
                to.message(3, |to| exemplar(to, &of));
            }
        });
    }
    if let Some(exponential) = exponential {
        native(to, exponential);
    }
}

/// The width of the bucket around zero, that of Prometheus' own client: a histogram is native by it even without observations.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// The most empty buckets that are written within a span: two take as much as the start of another span.
const MOST_EMPTY: i32 = 2;

/// Writes the native buckets of a `Histogram`.
fn native(to: &mut Message, exponential: &Exponential) {
    to.signed(5, SCALE);
    to.present_double(6, ZERO_THRESHOLD);
    to.present_number(7, exponential.zero());
    // Runs of buckets, each with the distance to the run before it and its length.
    let mut spans: Vec<(i32, u32)> = Vec::new();
    let mut counts: Vec<i64> = Vec::new();
    let mut end = 0;
    for (power, n) in exponential.powers() {
        let empty = power - end;
        match spans.last_mut() {
            Some((_, length)) if empty <= MOST_EMPTY => {
                *length += empty.unsigned_abs() + 1;
                counts.extend((0..empty).map(|_| 0));
            }
            _ => spans.push((empty, 1)),
        }
        counts.push(n as i64);
        end = power + 1;
    }
    for (offset, length) in spans {
        to.message(12, |to| {
            to.signed(1, offset);
            to.present_number(2, u64::from(length));
        });
    }
    let mut before = 0;
    to.packed_signed(13, counts.into_iter().map(|n| n - std::mem::replace(&mut before, n)));
}

/// Writes the fields of an `Exemplar`.
fn exemplar(to: &mut Message, of: &RowExemplar) {
    let ids = [("trace_id", of.span.trace_id().to_string()), ("span_id", of.span.span_id().to_string())];
    for (name, id) in &ids {
        to.message(1, |to| {
            to.text(1, name);
            to.text(2, id);
        });
    }
    to.present_double(2, of.value);
    to.message(3, |to| timestamp(to, of.at));
}

/// Writes the fields of a `google.protobuf.Timestamp`.
fn timestamp(to: &mut Message, at: SystemTime) {
    let at = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    to.number(1, at.as_secs());
    to.number(2, u64::from(at.subsec_nanos()));
}

/// Writes the labels, each a `LabelPair`.
fn labels(to: &mut Message, field: u32, labels: &LabelSet) {
    for (name, value) in labels.iter() {
        to.message(field, |to| {
            to.text(1, name);
            to.text(2, value);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use prost::Message as _;

    use super::{ZERO_THRESHOLD, encode};
    use crate::id::SpanIds;
    use crate::metric::grid::OF_ONES;
    use crate::metric::{Bounds, Exemplar, HistogramCounts, Sketch};
    use crate::schema::Unit;
    use crate::snapshot::{Distribution, LabelSet, Row, RowExemplar, RowKind, Rows, Value};

    /// The messages as `metrics.proto` has them, as far as they are written.
    mod proto {
        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct MetricFamily {
            #[prost(string, tag = 1)]
            pub(super) name: String,
            #[prost(string, tag = 2)]
            pub(super) help: String,
            #[prost(uint32, tag = 3)]
            pub(super) kind: u32,
            #[prost(message, repeated, tag = 4)]
            pub(super) metric: Vec<Metric>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Metric {
            #[prost(message, repeated, tag = 1)]
            pub(super) label: Vec<LabelPair>,
            #[prost(message, optional, tag = 2)]
            pub(super) gauge: Option<Number>,
            #[prost(message, optional, tag = 3)]
            pub(super) counter: Option<Number>,
            #[prost(message, optional, tag = 4)]
            pub(super) summary: Option<Summary>,
            #[prost(message, optional, tag = 5)]
            pub(super) untyped: Option<Number>,
            #[prost(message, optional, tag = 7)]
            pub(super) histogram: Option<Histogram>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct LabelPair {
            #[prost(string, tag = 1)]
            pub(super) name: String,
            #[prost(string, tag = 2)]
            pub(super) value: String,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Number {
            #[prost(double, tag = 1)]
            pub(super) value: f64,
            #[prost(message, optional, tag = 2)]
            pub(super) exemplar: Option<Exemplar>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Summary {
            #[prost(uint64, tag = 1)]
            pub(super) sample_count: u64,
            #[prost(double, tag = 2)]
            pub(super) sample_sum: f64,
            #[prost(message, repeated, tag = 3)]
            pub(super) quantile: Vec<Quantile>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Quantile {
            #[prost(double, tag = 1)]
            pub(super) quantile: f64,
            #[prost(double, tag = 2)]
            pub(super) value: f64,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Exemplar {
            #[prost(message, repeated, tag = 1)]
            pub(super) label: Vec<LabelPair>,
            #[prost(double, tag = 2)]
            pub(super) value: f64,
            #[prost(message, optional, tag = 3)]
            pub(super) timestamp: Option<Timestamp>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Timestamp {
            #[prost(int64, tag = 1)]
            pub(super) seconds: i64,
            #[prost(int32, tag = 2)]
            pub(super) nanos: i32,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Bucket {
            #[prost(uint64, tag = 1)]
            pub(super) cumulative_count: u64,
            #[prost(double, tag = 2)]
            pub(super) upper_bound: f64,
            #[prost(message, optional, tag = 3)]
            pub(super) exemplar: Option<Exemplar>,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct BucketSpan {
            #[prost(sint32, tag = 1)]
            pub(super) offset: i32,
            #[prost(uint32, tag = 2)]
            pub(super) length: u32,
        }

        #[derive(Clone, PartialEq, prost::Message)]
        pub(super) struct Histogram {
            #[prost(uint64, tag = 1)]
            pub(super) sample_count: u64,
            #[prost(double, tag = 2)]
            pub(super) sample_sum: f64,
            #[prost(message, repeated, tag = 3)]
            pub(super) bucket: Vec<Bucket>,
            #[prost(sint32, tag = 5)]
            pub(super) schema: i32,
            #[prost(double, tag = 6)]
            pub(super) zero_threshold: f64,
            #[prost(uint64, tag = 7)]
            pub(super) zero_count: u64,
            #[prost(message, repeated, tag = 12)]
            pub(super) positive_span: Vec<BucketSpan>,
            #[prost(sint64, repeated, tag = 13)]
            pub(super) positive_delta: Vec<i64>,
        }
    }

    fn rows(name: &'static str, kind: RowKind, series: Vec<Row>) -> Rows {
        Rows { name: name.into(), help: "Help.".into(), kind, unit: "", is_whole: false, series }
    }

    fn decoded(families: &[Rows]) -> Vec<proto::MetricFamily> {
        let bytes = encode(families);
        let mut rest = &bytes[..];
        let next =
            || (!rest.is_empty()).then(|| proto::MetricFamily::decode_length_delimited(&mut rest).expect("a family"));
        std::iter::from_fn(next).collect()
    }

    fn histogram(counts: Vec<u64>, observed: &[u64]) -> proto::Histogram {
        let sketch = Sketch::new(&OF_ONES);
        for n in observed {
            sketch.observe_with_sum(*n);
        }
        let sum = observed.iter().sum();
        let exemplar = Exemplar { span: SpanIds::NONE, at: UNIX_EPOCH + Duration::from_millis(1_500), amount: 3 };
        let counts = HistogramCounts {
            bounds: Bounds::new(&[2.0, 8.0], 1.0).into(),
            counts,
            sum,
            exponential: Some(sketch.read()),
        };
        let value = Value::Distribution(Distribution::of(counts, Unit::Tokens, &[None, Some(exemplar), None]));
        let family = rows("tokens", RowKind::Histogram, vec![Row::new(LabelSet::default(), value)]);
        decoded(&[family]).remove(0).metric.remove(0).histogram.expect("it is a histogram")
    }

    fn bucket(cumulative_count: u64, upper_bound: f64) -> proto::Bucket {
        proto::Bucket { cumulative_count, upper_bound, exemplar: None }
    }

    fn exemplar(value: f64) -> proto::Exemplar {
        let label = |name: &str, id: &str| proto::LabelPair { name: name.into(), value: id.into() };
        let ids = [label("trace_id", &"0".repeat(32)), label("span_id", &"0".repeat(16))];
        let timestamp = proto::Timestamp { seconds: 1, nanos: 500_000_000 };
        proto::Exemplar { label: ids.into(), value, timestamp: Some(timestamp) }
    }

    #[test]
    fn a_histogram_has_classic_and_native_buckets_of_the_same_observations() {
        let of_exemplar = proto::Bucket { exemplar: Some(exemplar(3.0)), ..bucket(6, 8.0) };
        let expected = proto::Histogram {
            sample_count: 7,
            sample_sum: 1_032.0,
            bucket: vec![bucket(4, 2.0), of_exemplar, bucket(7, f64::INFINITY)],
            schema: 6,
            zero_threshold: ZERO_THRESHOLD,
            zero_count: 2,
            // 1 is 2^(0/64), 2 is 2^(64/64), 3 lies below 2^(102/64), and 1,024 is 2^(640/64).
            positive_span: [(0, 1), (63, 1), (37, 1), (537, 1)]
                .map(|(offset, length)| proto::BucketSpan { offset, length })
                .into(),
            positive_delta: vec![1, 1, -1, 0],
        };
        assert_eq!(histogram(vec![4, 2, 1], &[0, 1, 2, 2, 3, 0, 1_024]), expected);
    }

    #[test]
    fn buckets_that_lie_close_together_share_a_span() {
        // The powers of 100, 102, 104 and 110 are 426, 428, 429 and 435.
        let found = histogram(vec![0, 0, 4], &[100, 102, 104, 110]);
        let spans: Vec<_> = found.positive_span.iter().map(|span| (span.offset, span.length)).collect();
        assert_eq!(found.positive_delta.len() as u32, spans.iter().map(|(_, length)| length).sum::<u32>());
        let mut total = 0;
        let counts: Vec<i64> = found
            .positive_delta
            .iter()
            .map(|delta| {
                total += delta;
                total
            })
            .collect();
        assert_eq!(counts.iter().sum::<i64>(), 4);
        assert_eq!(spans, [(426, 4), (5, 1)]);
    }

    #[test]
    fn a_call_that_ended_while_the_buckets_were_read_is_left_for_the_next_scrape() {
        let found = histogram(vec![1, 2, 1], &[1, 3, 9]);
        assert_eq!(found.sample_count, 3);
        let cumulative: Vec<_> = found.bucket.iter().map(|bucket| bucket.cumulative_count).collect();
        assert_eq!(cumulative, [1, 3, 3]);
    }

    #[test]
    fn a_histogram_without_observations_is_native() {
        let found = histogram(vec![0, 0, 0], &[]);
        assert_eq!((found.sample_count, found.zero_threshold, found.positive_span.len()), (0, ZERO_THRESHOLD, 0));
    }

    #[test]
    fn every_kind_of_family_is_written() {
        let labels: LabelSet = [("tenant".into(), "blue".into())].into_iter().collect();
        let number = |n| Row::new(labels.clone(), Value::Number(n));
        let of_call = RowExemplar { span: SpanIds::NONE, value: 1.0, at: UNIX_EPOCH + Duration::from_millis(1_500) };
        let counted = Row { exemplar: Some(of_call), ..number(2.0) };
        let quantiles = Value::Quantiles { quantiles: vec![(0.5, 0.25)], count: 3, sum: 1.5 };
        let families = [
            rows("a_total", RowKind::Counter, vec![counted]),
            rows("b", RowKind::Gauge, vec![number(-0.5)]),
            rows("c", RowKind::Level, vec![number(1.0)]),
            rows("d", RowKind::Untyped, vec![number(0.0)]),
            rows("e", RowKind::Summary, vec![Row::new(labels.clone(), quantiles)]),
        ];
        let metric = || proto::Metric {
            label: vec![proto::LabelPair { name: "tenant".into(), value: "blue".into() }],
            ..Default::default()
        };
        let number = |value| Some(proto::Number { value, exemplar: None });
        let summary = proto::Summary {
            sample_count: 3,
            sample_sum: 1.5,
            quantile: vec![proto::Quantile { quantile: 0.5, value: 0.25 }],
        };
        let family = |name: &str, kind, metric| proto::MetricFamily {
            name: name.into(),
            help: "Help.".into(),
            kind,
            metric: vec![metric],
        };
        let counter = Some(proto::Number { value: 2.0, exemplar: Some(exemplar(1.0)) });
        let expected = [
            family("a_total", 0, proto::Metric { counter, ..metric() }),
            family("b", 1, proto::Metric { gauge: number(-0.5), ..metric() }),
            family("c", 1, proto::Metric { gauge: number(1.0), ..metric() }),
            family("d", 3, proto::Metric { untyped: number(0.0), ..metric() }),
            family("e", 2, proto::Metric { summary: Some(summary), ..metric() }),
        ];
        assert_eq!(decoded(&families), expected);
    }
}
