//! The forms of metrics over OTLP: differences that lose nothing, and exponential histograms.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, ExponentialHistogramDataPoint, Metric};
use prost::Message;
use tests::faults::{Fault, FaultServer, Request};

use crate::child::{Running, run, subject};
use crate::exports::{labels, value};
use crate::receiver::Receiver;

/// Returns the metrics of the requests that a server accepted.
fn accepted(requests: &[Request]) -> Vec<Vec<Metric>> {
    let metrics = |request: &Request| {
        let request = ExportMetricsServiceRequest::decode(&request.body[..]).expect("it is a request with metrics");
        let scopes = request.resource_metrics.into_iter().flat_map(|of_resource| of_resource.scope_metrics);
        scopes.flat_map(|of_scope| of_scope.metrics).collect()
    };
    requests.iter().filter(|request| request.was_accepted).map(metrics).collect()
}

/// The differences of all requests, added up.
#[derive(Debug, Default)]
struct Totals {
    numbers: BTreeMap<String, f64>,
    /// The times from and until which each request counts.
    intervals: Vec<BTreeSet<(u64, u64)>>,
}

impl Totals {
    fn add(&mut self, metrics: &[Metric]) {
        let mut interval = BTreeSet::new();
        for metric in metrics {
            let name = &metric.name;
            let delta = i32::from(AggregationTemporality::Delta);
            match metric.data.as_ref().expect("a metric has data") {
                Data::Sum(sum) if sum.is_monotonic => {
                    assert_eq!(sum.aggregation_temporality, delta, "{name}");
                    for point in &sum.data_points {
                        interval.insert((point.start_time_unix_nano, point.time_unix_nano));
                        let number: f64 = value(point).parse().expect("it is a number");
                        *self.numbers.entry(name.clone() + &labels(&point.attributes, None)).or_default() += number;
                    }
                }
                Data::Histogram(histogram) => {
                    assert_eq!(histogram.aggregation_temporality, delta, "{name}");
                    for point in &histogram.data_points {
                        interval.insert((point.start_time_unix_nano, point.time_unix_nano));
                        assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count, "{name}");
                        let labels = labels(&point.attributes, None);
                        *self.numbers.entry(format!("{name}_count{labels}")).or_default() += point.count as f64;
                        *self.numbers.entry(format!("{name}_sum{labels}")).or_default() += point.sum.expect("a sum");
                    }
                }
                Data::Sum(level) => {
                    assert_eq!(level.aggregation_temporality, i32::from(AggregationTemporality::Cumulative), "{name}");
                }
                Data::Gauge(_) => {}
                other => panic!("no metric of ours is {other:?}"),
            }
        }
        self.intervals.push(interval);
    }
}

#[test]
fn differences_add_up_to_what_was_counted_whatever_the_collector_did() {
    let server = FaultServer::start(Fault::Healthy);
    let mut subject = subject("counted");
    subject.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{}/v1/metrics", server.endpoint()));
    subject.env("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    subject.env("OTEL_EXPORTER_OTLP_TIMEOUT", "300").env("OTEL_METRIC_EXPORT_INTERVAL", "50");
    let mut program = Running::start(subject.env("TTA_OTLP_METRICS_VIEW", "tta"));
    let mut requests = Vec::new();
    for fault in [
        Fault::Healthy,
        Fault::Status(503, None),
        Fault::Healthy,
        Fault::Status(400, None),
        Fault::BlackHole,
        Fault::Cut,
        Fault::Healthy,
        Fault::Status(429, Some(1)),
    ] {
        server.become_(fault);
        program.say("work");
        assert_eq!(program.line(), "worked");
        requests.extend(server.take_requests());
        // The second request begins after the work.
        server.wait_for(2);
    }
    server.become_(Fault::Healthy);
    for (command, done) in [("restart", "restarted"), ("work", "worked")] {
        program.say(command);
        assert_eq!(program.line(), done);
    }
    let said = program.finish().stdout;
    requests.extend(server.take_requests());
    let mut totals = Totals::default();
    let accepted = accepted(&requests);
    assert!(accepted.len() > 4 && accepted.len() < requests.len(), "{} of {}", accepted.len(), requests.len());
    for metrics in &accepted {
        totals.add(metrics);
    }

    let served: BTreeMap<&str, f64> = said
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("tta_telemetry_"))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, number)| (name, number.parse().expect("it is a number")))
        .collect();
    let mut compared = 0;
    for (name, total) in &totals.numbers {
        if let Some(served) = served.get(name.as_str()) {
            // Differences of amounts are rounded, those of counts are not.
            let is_near = (served - total).abs() <= 1e-9 * served.abs();
            assert!(
                is_near && (*served == *total || name.contains("_sum") || name.contains("_usd")),
                "{name}: {total}, {served}"
            );
            compared += usize::from(*served > 0.0);
        }
    }
    assert!(compared > 20, "{compared} series with a number");
    let calls = |series: &str| totals.numbers.get(series).copied();
    let look_ups = r#"tta_primitive_executions_total{primitive_type="tool",primitive_name="look_up",action="call",status="success",parity="even"}"#;
    assert_eq!(calls(look_ups), Some(f64::from(1 + 1 + 2 + 2 + 3 + 3 + 4 + 4 + 5)));

    // Each request begins where the last one that was accepted ended, and all of it has one time.
    let mut end = None;
    for interval in &totals.intervals {
        let [(from, until)] = interval.iter().collect::<Vec<_>>()[..] else { panic!("one interval: {interval:?}") };
        assert!(end.is_none_or(|end| end == *from), "{end:?} {interval:?}");
        assert!(from < until, "{interval:?}");
        end = Some(*until);
    }
}

#[test]
fn cumulative_metrics_count_from_the_same_start_in_each_request() {
    let server = FaultServer::start(Fault::Healthy);
    let mut subject = subject("counted");
    subject.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{}/v1/metrics", server.endpoint()));
    let mut program = Running::start(subject.env("OTEL_METRIC_EXPORT_INTERVAL", "50"));
    program.say("work");
    assert_eq!(program.line(), "worked");
    server.wait_for(3);
    program.finish();
    let (mut starts, mut before) = (BTreeSet::new(), 0);
    let accepted = accepted(&server.requests());
    assert!(accepted.len() > 3, "{} requests, the last one at the end", accepted.len());
    for metrics in &accepted {
        let of_sum = |metric: &Metric| match &metric.data {
            Some(Data::Sum(sum)) => {
                sum.data_points.iter().map(|p| (p.start_time_unix_nano, p.time_unix_nano)).collect()
            }
            Some(Data::Histogram(histogram)) => {
                histogram.data_points.iter().map(|p| (p.start_time_unix_nano, p.time_unix_nano)).collect()
            }
            _ => Vec::new(),
        };
        let times: BTreeSet<(u64, u64)> = metrics.iter().flat_map(of_sum).collect();
        let [(start, now)] = times.into_iter().collect::<Vec<_>>()[..] else { panic!("one time for a request") };
        assert!(start < now && before < now, "{start} {before} {now}");
        starts.insert(start);
        before = now;
    }
    assert_eq!(starts.len(), 1, "{starts:?}");
}

#[test]
fn an_attempt_to_send_metrics_ends_after_its_own_timeout() {
    let server = FaultServer::start(Fault::BlackHole);
    let mut subject = subject("counted");
    subject.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{}/v1/metrics", server.endpoint()));
    subject.env("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000").env("OTEL_METRIC_EXPORT_TIMEOUT", "200");
    let program = Running::start(subject.env("OTEL_METRIC_EXPORT_INTERVAL", "50"));
    // A request that waits as long as a request may would be the only one.
    server.wait_for(2);
    server.become_(Fault::Healthy);
    program.finish();
    assert!(server.requests().last().is_some_and(|request| request.was_accepted));
}

/// Returns the bounds of a point's lowest bucket: the lower one is not in it.
fn lowest_bucket(point: &ExponentialHistogramDataPoint) -> (f64, f64) {
    let base = 2_f64.powf(0.5_f64.powi(point.scale));
    let index = point.positive.as_ref().expect("it has buckets").offset;
    (base.powi(index), base.powi(index + 1))
}

#[test]
fn exponential_histograms_have_the_observations_of_the_others() {
    for (view, tolerance) in [("tta", 1e-9), ("otel", 0.0021)] {
        let receiver = Receiver::start();
        let mut subject = subject("nested");
        subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("TTA_OTLP_METRICS_VIEW", view);
        subject.env("TTA_METRICS_VIEW", view);
        subject.env("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram");
        let said = run(&mut subject).stdout;
        let (mut histograms, mut single) = (0, 0);
        for metric in &receiver.received().metrics {
            assert!(!matches!(metric.data, Some(Data::Histogram(_))), "{}", metric.name);
            let Some(Data::ExponentialHistogram(histogram)) = &metric.data else { continue };
            assert_eq!(histogram.aggregation_temporality, i32::from(AggregationTemporality::Cumulative));
            histograms += 1;
            for point in &histogram.data_points {
                let in_buckets = point.positive.iter().flat_map(|buckets| &buckets.bucket_counts).sum::<u64>();
                assert_eq!(in_buckets + point.zero_count, point.count, "{point:?}");
                if view == "tta" {
                    let labels = labels(&point.attributes, None);
                    let count = format!("{}_count{labels} {}", metric.name, point.count);
                    assert!(said.lines().any(|line| line == count), "{count}");
                    let sum = format!("{}_sum{labels} {}", metric.name, point.sum.expect("it has one"));
                    assert!(said.lines().any(|line| line == sum), "{sum}");
                }
                if point.count == 1 && point.zero_count == 0 {
                    let (lower, upper) = lowest_bucket(point);
                    let observed = point.sum.expect("it has a sum");
                    assert_eq!(point.scale, 6);
                    let fits = observed > lower * (1.0 - tolerance) && observed <= upper * (1.0 + tolerance);
                    assert!(fits, "{}: {observed} in ({lower}, {upper}]", metric.name);
                    single += 1;
                }
            }
        }
        assert!(histograms >= 4 && single >= 7, "{histograms} histograms, {single} observations");
    }
}
