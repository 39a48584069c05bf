//! Encodes rows as OTLP's `ExportMetricsServiceRequest`.
//!
//! The numbers of the fields are those of `opentelemetry/proto/metrics/v1/metrics.proto`.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;

use super::attributes::{self, text_attribute};
use super::stream_form::Buckets;
use crate::clock::{Clock, Monotonic};
use crate::export::protobuf::Message;
use crate::schema::genai::SCHEMA_URL;
use crate::snapshot::{Distribution, Exponential, LabelSet, Row, RowExemplar, RowKind, Rows, Value};

/// The time from which counters and histograms count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sums {
    /// The start of the process, `AGGREGATION_TEMPORALITY_CUMULATIVE`.
    Cumulative,
    /// The end of the last request that was accepted, `AGGREGATION_TEMPORALITY_DELTA`.
    Since(SystemTime),
}

/// `AGGREGATION_TEMPORALITY_DELTA`.
const DELTA: u64 = 1;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u64 = 2;

/// The most buckets of an exponential histogram, by OpenTelemetry's specification; beyond, neighbours are joined.
const MOST_BUCKETS: usize = 160;

/// Returns the request that carries all rows.
pub(super) fn encode(
    families: &[Arc<Rows>],
    resource: &Resource,
    sums: Sums,
    buckets: Buckets,
    times: Times,
) -> Vec<u8> {
    let form = Form { sums, buckets, times };
    let scope = InstrumentationScope::builder("tta").with_version(env!("CARGO_PKG_VERSION")).build();
    let mut request = Message::default();
    request.message(1, |resource_metrics| {
        attributes::resource(resource_metrics, resource);
        resource_metrics.message(2, |scope_metrics| {
            attributes::scope(scope_metrics, &scope);
            for family in families {
                form.metric(scope_metrics, family);
            }
            scope_metrics.text(3, SCHEMA_URL);
        });
    });
    request.into_bytes()
}

/// The start of counting, and the time of reading.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) start: SystemTime,
    pub(super) now: SystemTime,
}

impl Times {
    pub(super) fn now(clock: &Clock) -> Self {
        // Computed once: a receiver takes another start for a reset of the counters.
        static START: OnceLock<SystemTime> = OnceLock::new();
        let anchor = clock.anchor();
        let (now, start) = (clock.now(), *START.get_or_init(|| anchor.wall(Monotonic::default())));
        Self::of(start, now.since(Monotonic::default()), anchor.wall(now))
    }

    /// Returns the times of a reading. A wall clock that was set back to before the start gives way to the time `elapsed` since it: no
    /// reading may precede the start.
    fn of(start: SystemTime, elapsed: Duration, wall: SystemTime) -> Self {
        let now = if wall > start { wall } else { start + elapsed.max(Duration::from_nanos(1)) };
        Self { start, now }
    }
}

/// The form of one request.
struct Form {
    sums: Sums,
    buckets: Buckets,
    times: Times,
}

impl Form {
    fn metric(&self, to: &mut Message, family: &Rows) {
        // Counts are integers; a gauge may become a fraction.
        let is_count = family.is_whole && matches!(family.kind, RowKind::Counter | RowKind::Level);
        // A level may fall, so that receivers could not add differences up.
        let (temporality, start) = match self.sums {
            Sums::Since(start) if family.kind != RowKind::Level => (DELTA, start),
            _ => (CUMULATIVE, self.times.start),
        };
        let numbers = |data: &mut Message| {
            family.series.iter().for_each(|row| number(data, row, is_count, Times { start, ..self.times }));
        };
        // Summaries of the host are skipped: OTLP keeps the type for legacy clients only.
        if family.kind == RowKind::Summary {
            return;
        }
        to.message(2, |to| {
            to.text(1, &family.name);
            to.text(2, &family.help);
            to.text(3, family.unit);
            match family.kind {
                RowKind::Counter | RowKind::Level => to.message(7, |sum| {
                    numbers(sum);
                    sum.number(2, temporality);
                    sum.number(3, u64::from(family.kind == RowKind::Counter));
                }),
                RowKind::Gauge | RowKind::Untyped | RowKind::Summary => to.message(5, numbers),
                RowKind::Histogram => {
                    let series = || family.series.iter().filter_map(distribution);
                    let is_exponential = self.buckets == Buckets::Exponential
                        && series().all(|(_, distribution)| distribution.exponential().is_some());
                    let field = if is_exponential { 10 } else { 9 };
                    to.message(field, |data| {
                        for (row, distribution) in series() {
                            data.message(1, |to| {
                                to.time(2, start);
                                to.time(3, self.times.now);
                                let exemplars = distribution.buckets().filter_map(|(.., of)| of);
                                let exemplars = exemplars.filter(|of| of.at >= start);
                                match distribution.exponential().filter(|_| is_exponential) {
                                    Some(exponential) => exponential_point(to, exponential, exemplars, row),
                                    None => explicit_point(to, distribution, exemplars, row),
                                }
                            });
                        }
                        data.number(2, temporality);
                    });
                }
            }
        });
    }
}

fn distribution(row: &Row) -> Option<(&Row, &Distribution)> {
    match &row.value {
        Value::Distribution(distribution) => Some((row, distribution)),
        Value::Number(_) | Value::Quantiles { .. } => None,
    }
}

fn number(to: &mut Message, row: &Row, is_count: bool, times: Times) {
    let Value::Number(number) = row.value else { return };
    to.message(1, |to| {
        to.time(2, times.start);
        to.time(3, times.now);
        if is_count {
            to.present_fixed64(6, number as i64 as u64);
        } else {
            to.present_double(4, number);
        }
        let exemplars = row.exemplar.iter().filter(|of| of.at >= times.start);
        exemplars.for_each(|of| to.message(5, |to| exemplar(to, of)));
        labels(to, 7, &row.labels);
    });
}

/// Writes the fields of a `HistogramDataPoint` after its times.
fn explicit_point(
    to: &mut Message,
    distribution: &Distribution,
    exemplars: impl Iterator<Item = RowExemplar>,
    row: &Row,
) {
    to.fixed64(4, distribution.count());
    to.present_double(5, distribution.sum());
    to.packed_fixed64(6, distribution.counts().iter().copied());
    to.packed_fixed64(7, distribution.bounds().iter().map(|bound| bound.to_bits()));
    exemplars.for_each(|of| to.message(8, |to| exemplar(to, &of)));
    labels(to, 9, &row.labels);
}

/// Writes the fields of an `ExponentialHistogramDataPoint` after its times.
fn exponential_point(
    to: &mut Message,
    exponential: &Exponential,
    exemplars: impl Iterator<Item = RowExemplar>,
    row: &Row,
) {
    labels(to, 1, &row.labels);
    to.fixed64(4, exponential.count());
    to.present_double(5, exponential.sum());
    let (scale, buckets) = exponential.buckets(MOST_BUCKETS);
    to.signed(6, scale);
    to.fixed64(7, exponential.zero());
    if let (Some((&first, _)), Some((&last, _))) = (buckets.first_key_value(), buckets.last_key_value()) {
        to.message(8, |to| {
            to.signed(1, first);
            to.packed_numbers(2, (first..=last).map(|index| buckets.get(&index).copied().unwrap_or_default()));
        });
    }
    exemplars.for_each(|of| to.message(11, |to| exemplar(to, &of)));
}

fn exemplar(to: &mut Message, of: &RowExemplar) {
    to.time(2, of.at);
    to.present_double(3, of.value);
    to.bytes(4, &of.span.span_id().to_bytes());
    to.bytes(5, &of.span.trace_id().to_bytes());
}

fn labels(to: &mut Message, field: u32, labels: &LabelSet) {
    for (name, value) in labels.iter() {
        text_attribute(to, field, name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use opentelemetry::KeyValue;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::common::v1 as common;
    use opentelemetry_proto::tonic::metrics::v1::{
        self as proto, AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
        exemplar, metric::Data, number_data_point,
    };
    use opentelemetry_sdk::Resource;
    use prost::Message as _;

    use super::{Sums, Times, encode};
    use crate::export::otlp::stream_form::Buckets;
    use crate::id::SpanIds;
    use crate::metric::{Bounds, Exemplar, HistogramCounts, Sketch};
    use crate::schema::Unit;
    use crate::snapshot::{Distribution, LabelSet, Row, RowExemplar, RowKind, Rows, Value};

    fn rows(kind: RowKind, series: Vec<Row>) -> Rows {
        Rows { name: "name".into(), help: "help".into(), kind, unit: "s", is_whole: false, series }
    }

    fn attribute(key: &str, value: &str) -> common::KeyValue {
        let value = common::any_value::Value::StringValue(value.to_owned());
        let value = Some(common::AnyValue { value: Some(value) });
        common::KeyValue { key: key.to_owned(), value, ..Default::default() }
    }

    #[test]
    fn rows_become_the_messages_of_their_kind() {
        let sampled = RowExemplar { span: SpanIds::NONE, value: 0.5, at: UNIX_EPOCH + Duration::from_nanos(5) };
        let number = |number| Row { exemplar: Some(sampled), ..Row::number(&[("a", "b"), ("empty", "")], number) };
        let buckets = [(0.1, 3, Some(sampled)), (1.0, 0, None), (f64::INFINITY, 2, None)];
        let distribution = Row::new(
            [("a".into(), "b".into())].into_iter().collect(),
            Value::Distribution(Distribution::of_buckets(&buckets, 4.5)),
        );
        let quantiles = Value::Quantiles { quantiles: vec![], count: 0, sum: 0.0 };
        let families = [
            rows(RowKind::Counter, vec![number(0.0), number(1.5)]),
            rows(RowKind::Level, vec![number(-1.0)]),
            Rows { is_whole: true, ..rows(RowKind::Level, vec![number(-7.0)]) },
            rows(RowKind::Gauge, vec![number(f64::INFINITY)]),
            rows(RowKind::Histogram, vec![distribution]),
            rows(RowKind::Summary, vec![Row::new(LabelSet::default(), quantiles)]),
            rows(RowKind::Untyped, vec![]),
        ];
        let resource = Resource::builder_empty().with_attribute(KeyValue::new("service.name", "s")).build();
        let times = Times { start: UNIX_EPOCH, now: UNIX_EPOCH };
        let body = encode(&families.map(Arc::new), &resource, Sums::Cumulative, Buckets::Explicit, times);
        let decoded = ExportMetricsServiceRequest::decode(&body[..]).unwrap();

        let exemplar = || proto::Exemplar {
            time_unix_nano: 5,
            span_id: vec![0; 8],
            trace_id: vec![0; 16],
            value: Some(exemplar::Value::AsDouble(0.5)),
            ..Default::default()
        };
        let point = |number| NumberDataPoint {
            attributes: vec![attribute("a", "b"), attribute("empty", "")],
            value: Some(number_data_point::Value::AsDouble(number)),
            exemplars: vec![exemplar()],
            ..Default::default()
        };
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        let sum = |data_points, is_monotonic| Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic });
        let histogram = HistogramDataPoint {
            attributes: vec![attribute("a", "b")],
            count: 5,
            sum: Some(4.5),
            bucket_counts: vec![3, 0, 2],
            explicit_bounds: vec![0.1, 1.0],
            exemplars: vec![exemplar()],
            ..Default::default()
        };
        let expected = [
            sum(vec![point(0.0), point(1.5)], true),
            sum(vec![point(-1.0)], false),
            sum(vec![NumberDataPoint { value: Some(number_data_point::Value::AsInt(-7)), ..point(0.0) }], false),
            Data::Gauge(Gauge { data_points: vec![point(f64::INFINITY)] }),
            Data::Histogram(Histogram { data_points: vec![histogram], aggregation_temporality }),
            Data::Gauge(Gauge::default()),
        ];
        let expected = expected.map(|data| Metric {
            name: "name".to_owned(),
            description: "help".to_owned(),
            unit: "s".to_owned(),
            data: Some(data),
            ..Default::default()
        });
        let [of_resource] = &decoded.resource_metrics[..] else { panic!("{decoded:?}") };
        assert_eq!(of_resource.resource.as_ref().unwrap().attributes, [attribute("service.name", "s")]);
        let [of_scope] = &of_resource.scope_metrics[..] else { panic!("{decoded:?}") };
        let scope = of_scope.scope.as_ref().unwrap();
        assert_eq!((scope.name.as_str(), scope.version.as_str()), ("tta", env!("CARGO_PKG_VERSION")));
        assert_eq!(of_scope.schema_url, "https://opentelemetry.io/schemas/1.44.0");
        assert_eq!(of_scope.metrics, expected);
    }

    #[test]
    fn no_reading_precedes_the_start() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let now = |elapsed, wall| Times::of(at(100), elapsed, at(wall)).now;
        assert_eq!(now(Duration::from_secs(7), 107), at(107));
        assert_eq!(now(Duration::from_secs(7), 200), at(200), "the wall clock was set forward");
        assert_eq!(now(Duration::from_secs(7), 20), at(107), "the wall clock was set back");
        assert_eq!(now(Duration::ZERO, 100), at(100) + Duration::from_nanos(1));
    }

    /// Encodes one family of one row, and returns its data.
    fn encoded(rows: Rows, sums: Sums, buckets: Buckets) -> Data {
        let at = |nanoseconds| UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        let times = Times { start: at(1), now: at(9) };
        let body = encode(&[Arc::new(rows)], &Resource::builder_empty().build(), sums, buckets, times);
        let decoded = ExportMetricsServiceRequest::decode(&body[..]).unwrap();
        decoded.resource_metrics[0].scope_metrics[0].metrics[0].data.clone().unwrap()
    }

    #[test]
    fn exponential_buckets_are_those_of_opentelemetry() {
        let bounds = Bounds::new(&[10.0], 1.0);
        let sketch = Sketch::new(bounds.grid);
        for n in [0, 0, 1, 2, 3] {
            sketch.observe_with_sum(n);
        }
        let counts =
            HistogramCounts { bounds: bounds.into(), counts: vec![5, 0], sum: 6, exponential: Some(sketch.read()) };
        let exemplar = Exemplar { span: SpanIds::NONE, at: UNIX_EPOCH + Duration::from_nanos(4), amount: 3 };
        let distribution = Distribution::of(counts, Unit::Tokens, &[Some(exemplar), None]);
        let row = Row::new(LabelSet::default(), Value::Distribution(distribution));
        let of = |sums| encoded(rows(RowKind::Histogram, vec![row.clone()]), sums, Buckets::Exponential);
        let mut bucket_counts = vec![0; 103];
        // The lower bounds are 2^(-1/64), 2^(63/64) and 2^(101/64), and they are not in their buckets.
        (bucket_counts[0], bucket_counts[64], bucket_counts[102]) = (1, 1, 1);
        let exemplar = proto::Exemplar {
            time_unix_nano: 4,
            span_id: vec![0; 8],
            trace_id: vec![0; 16],
            value: Some(exemplar::Value::AsDouble(3.0)),
            ..Default::default()
        };
        let point = proto::ExponentialHistogramDataPoint {
            start_time_unix_nano: 1,
            time_unix_nano: 9,
            count: 5,
            sum: Some(6.0),
            scale: 6,
            zero_count: 2,
            positive: Some(proto::exponential_histogram_data_point::Buckets { offset: -1, bucket_counts }),
            exemplars: vec![exemplar],
            ..Default::default()
        };
        let histogram = |point, temporality: AggregationTemporality| {
            let aggregation_temporality = temporality.into();
            Data::ExponentialHistogram(proto::ExponentialHistogram {
                data_points: vec![point],
                aggregation_temporality,
            })
        };
        assert_eq!(of(Sums::Cumulative), histogram(point.clone(), AggregationTemporality::Cumulative));
        // The exemplar is older than what is sent.
        let since = proto::ExponentialHistogramDataPoint { start_time_unix_nano: 7, exemplars: vec![], ..point };
        let from = UNIX_EPOCH + Duration::from_nanos(7);
        assert_eq!(of(Sums::Since(from)), histogram(since, AggregationTemporality::Delta));
    }

    #[test]
    fn levels_count_from_the_start_whatever_counters_do() {
        let from = UNIX_EPOCH + Duration::from_nanos(7);
        let of = |kind| match encoded(rows(kind, vec![Row::number(&[], 2.0)]), Sums::Since(from), Buckets::Explicit) {
            Data::Sum(sum) => (sum.aggregation_temporality, sum.data_points[0].start_time_unix_nano),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(RowKind::Counter), (AggregationTemporality::Delta.into(), 7));
        assert_eq!(of(RowKind::Level), (AggregationTemporality::Cumulative.into(), 1));
    }
}
