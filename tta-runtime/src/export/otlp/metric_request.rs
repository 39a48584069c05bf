//! Encodes rows as OTLP's `ExportMetricsServiceRequest`.
//!
//! The numbers of the fields are those of `opentelemetry/proto/metrics/v1/metrics.proto`.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;

use super::attributes::{self, text_attribute};
use super::protobuf::Message;
use crate::clock::{Clock, Monotonic};
use crate::schema::genai::SCHEMA_URL;
use crate::snapshot::{LabelSet, Row, RowExemplar, RowKind, Rows, Value};

/// Counts are sums since the start, `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u64 = 2;

/// Returns the request that carries all rows.
pub(super) fn encode(families: &[Arc<Rows>], resource: &Resource, clock: &Clock) -> Vec<u8> {
    let anchor = clock.anchor();
    // Computed once: a receiver takes another start for a reset of the counters.
    static START: OnceLock<SystemTime> = OnceLock::new();
    let times =
        Times { start: *START.get_or_init(|| anchor.wall(Monotonic::default())), now: anchor.wall(clock.now()) };
    let scope = InstrumentationScope::builder("tta").with_version(env!("CARGO_PKG_VERSION")).build();
    let mut request = Message::default();
    request.message(1, |resource_metrics| {
        attributes::resource(resource_metrics, resource);
        resource_metrics.message(2, |scope_metrics| {
            attributes::scope(scope_metrics, &scope);
            for family in families {
                metric(scope_metrics, family, times);
            }
            scope_metrics.text(3, SCHEMA_URL);
        });
    });
    request.into_bytes()
}

/// The start of counting, and the time of reading.
#[derive(Clone, Copy)]
struct Times {
    start: SystemTime,
    now: SystemTime,
}

fn metric(to: &mut Message, family: &Rows, times: Times) {
    // Counts are integers; a gauge may become a fraction.
    let is_count = family.is_whole && matches!(family.kind, RowKind::Counter | RowKind::Level);
    let numbers = |data: &mut Message| family.series.iter().for_each(|row| number(data, row, is_count, times));
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
                sum.number(2, CUMULATIVE);
                sum.number(3, u64::from(family.kind == RowKind::Counter));
            }),
            RowKind::Gauge | RowKind::Untyped | RowKind::Summary => to.message(5, numbers),
            RowKind::Histogram => to.message(9, |data| {
                family.series.iter().for_each(|row| histogram(data, row, times));
                data.number(2, CUMULATIVE);
            }),
        }
    });
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
        row.exemplar.iter().for_each(|of| to.message(5, |to| exemplar(to, of)));
        labels(to, 7, &row.labels);
    });
}

fn histogram(to: &mut Message, row: &Row, times: Times) {
    let Value::Distribution(distribution) = &row.value else { return };
    to.message(1, |to| {
        to.time(2, times.start);
        to.time(3, times.now);
        to.fixed64(4, distribution.count());
        to.present_double(5, distribution.sum());
        to.packed_fixed64(6, distribution.counts().iter().copied());
        to.packed_fixed64(7, distribution.bounds().iter().map(|bound| bound.to_bits()));
        distribution.buckets().filter_map(|(.., of)| of).for_each(|of| to.message(8, |to| exemplar(to, &of)));
        labels(to, 9, &row.labels);
    });
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
        AggregationTemporality, Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum, exemplar,
        metric::Data, number_data_point,
    };
    use opentelemetry_sdk::Resource;
    use prost::Message as _;

    use super::encode;
    use crate::clock::{Clock, ManualTime};
    use crate::id::SpanIds;
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
        let clock = Clock::Manual(ManualTime::default());
        let decoded =
            ExportMetricsServiceRequest::decode(&encode(&families.map(Arc::new), &resource, &clock)[..]).unwrap();

        let exemplar = || Exemplar {
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
}
