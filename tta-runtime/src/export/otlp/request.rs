//! Encodes rows as OTLP's protobuf messages.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar as ProtoExemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
use opentelemetry_sdk::Resource;

use crate::clock::{Clock, Monotonic};
use crate::snapshot::{LabelSet, Row, RowExemplar, RowKind, Rows, Value};

/// Returns the request that carries all rows.
pub(super) fn encode(families: &[Arc<Rows>], resource: &Resource, clock: &Clock) -> ExportMetricsServiceRequest {
    let anchor = clock.anchor();
    let times = Times {
        start: unix_nanoseconds(anchor.wall(Monotonic::default())),
        now: unix_nanoseconds(anchor.wall(clock.now())),
    };
    let attributes = resource.iter().map(|(key, value)| KeyValue {
        key: key.to_string(),
        value: Some(value.clone().into()),
        ..KeyValue::default()
    });
    let scope = InstrumentationScope {
        name: "tta".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        ..InstrumentationScope::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(ProtoResource { attributes: attributes.collect(), ..ProtoResource::default() }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope),
                metrics: families.iter().filter_map(|family| metric(family, times)).collect(),
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

/// The start of counting, and the time of reading.
#[derive(Clone, Copy)]
struct Times {
    start: u64,
    now: u64,
}

fn metric(family: &Rows, times: Times) -> Option<Metric> {
    let numbers = || family.series.iter().filter_map(|row| number(row, times)).collect();
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match family.kind {
        RowKind::Counter => {
            Data::Sum(Sum { data_points: numbers(), aggregation_temporality: cumulative, is_monotonic: true })
        }
        RowKind::Level => {
            Data::Sum(Sum { data_points: numbers(), aggregation_temporality: cumulative, is_monotonic: false })
        }
        RowKind::Gauge | RowKind::Untyped => Data::Gauge(Gauge { data_points: numbers() }),
        RowKind::Histogram => {
            let data_points = family.series.iter().filter_map(|row| histogram(row, times)).collect();
            Data::Histogram(Histogram { data_points, aggregation_temporality: cumulative })
        }
        // Summaries of the host are skipped: OTLP keeps the type for legacy clients only.
        RowKind::Summary => return None,
    };
    Some(Metric {
        name: family.name.to_string(),
        description: family.help.to_string(),
        unit: family.unit.into(),
        data: Some(data),
        ..Metric::default()
    })
}

fn number(row: &Row, times: Times) -> Option<NumberDataPoint> {
    let Value::Number(number) = row.value else { return None };
    Some(NumberDataPoint {
        attributes: attributes(&row.labels),
        start_time_unix_nano: times.start,
        time_unix_nano: times.now,
        value: Some(number_data_point::Value::AsDouble(number)),
        exemplars: row.exemplar.map(exemplar).into_iter().collect(),
        ..NumberDataPoint::default()
    })
}

fn histogram(row: &Row, times: Times) -> Option<HistogramDataPoint> {
    let Value::Distribution(distribution) = &row.value else { return None };
    Some(HistogramDataPoint {
        attributes: attributes(&row.labels),
        start_time_unix_nano: times.start,
        time_unix_nano: times.now,
        count: distribution.count(),
        sum: Some(distribution.sum()),
        bucket_counts: distribution.buckets().map(|(_, count, _)| count).collect(),
        explicit_bounds: distribution.bounds().to_vec(),
        exemplars: distribution.buckets().filter_map(|(.., example)| example.map(exemplar)).collect(),
        ..HistogramDataPoint::default()
    })
}

fn exemplar(of: RowExemplar) -> ProtoExemplar {
    ProtoExemplar {
        time_unix_nano: unix_nanoseconds(of.at),
        span_id: of.span.span_id().to_bytes().to_vec(),
        trace_id: of.span.trace_id().to_bytes().to_vec(),
        value: Some(exemplar::Value::AsDouble(of.value)),
        ..ProtoExemplar::default()
    }
}

fn attributes(labels: &LabelSet) -> Vec<KeyValue> {
    let text = |value: &str| AnyValue { value: Some(any_value::Value::StringValue(value.to_owned())) };
    let attribute = |(name, value): (&str, &str)| KeyValue {
        key: name.to_owned(),
        value: Some(text(value)),
        ..KeyValue::default()
    };
    labels.iter().map(attribute).collect()
}

fn unix_nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, crate::clock::nanoseconds)
}
