//! Spans and metrics on the way to a collector: whatever the collector does, every lost span is counted as dropped.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, NumberDataPoint, number_data_point};

use crate::child::{run, subject};
use crate::receiver::{Answer, Receiver};
use crate::trace_text::ids;

/// The counts of spans in the metrics, and the rest of the program's output.
#[derive(Debug)]
struct Ledger {
    numbers: BTreeMap<String, u64>,
}

impl Ledger {
    fn read(text: &str) -> Self {
        let number = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        Self { numbers: text.lines().filter_map(number).collect() }
    }

    #[track_caller]
    fn get(&self, name: &str) -> u64 {
        *self.numbers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    fn ended(&self) -> u64 {
        self.get("tta_telemetry_spans_ended_total")
    }

    fn exported(&self) -> u64 {
        self.get("tta_telemetry_spans_exported_total")
    }

    /// Returns the dropped spans by reason.
    fn dropped<'a>(&'a self) -> BTreeMap<&'a str, u64> {
        let reason =
            |name: &'a str| name.strip_prefix("tta_telemetry_spans_dropped_total{reason=\"")?.strip_suffix("\"}");
        let dropped = self.numbers.iter().filter(|(_, n)| **n > 0);
        dropped.filter_map(|(name, n)| Some((reason(name)?, *n))).collect()
    }

    /// Asserts that each span that ended was exported or dropped for a reason, and none is left.
    #[track_caller]
    fn assert_balanced(&self) {
        let dropped: u64 = self.dropped().values().sum();
        assert_eq!(self.ended(), self.exported() + dropped, "{self:?}");
        assert_eq!(self.get("tta_telemetry_span_queue_length"), 0, "{self:?}");
    }
}

const SPANS: u64 = 5_000;

/// The shutdown's deadline against a collector that does not recover.
const DEADLINE_MS: &str = "1000";

/// Floods a collector that answers like this, and returns the counts and the number of spans that arrived.
fn flood(answer: Answer, timeout_ms: u64, deadline_ms: &str) -> (Ledger, usize) {
    let receiver = Receiver::answering(answer);
    let mut subject = subject("flood");
    subject.arg(SPANS.to_string()).arg(deadline_ms).env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    let said = run(subject.env("OTEL_EXPORTER_OTLP_TIMEOUT", timeout_ms.to_string()));
    let ledger = Ledger::read(&said.stdout);
    assert_eq!(ledger.ended(), SPANS);
    assert_eq!(ledger.get("abandoned"), ledger.dropped().get("deadline").copied().unwrap_or_default());
    ledger.assert_balanced();
    let arrived = receiver.received();
    assert_eq!(ids(&arrived.spans).len(), arrived.spans.len(), "no span came twice");
    (ledger, arrived.spans.len())
}

#[test]
fn a_collector_that_takes_all_gets_all() {
    let (ledger, arrived) = flood(Answer::Status(200), 10_000, "20000");
    assert_eq!((ledger.exported(), arrived as u64, ledger.dropped()), (SPANS, SPANS, BTreeMap::new()));
}

#[test]
fn requests_are_compressed_if_the_environment_says_so() {
    let receiver = Receiver::start();
    let mut subject = subject("flood");
    subject.arg(SPANS.to_string()).arg("20000").env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    let ledger = Ledger::read(&run(subject.env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")).stdout);
    let arrived = receiver.received();
    assert_eq!((ledger.exported(), ids(&arrived.spans).len() as u64), (SPANS, SPANS));
    let plain: usize = arrived.bodies.iter().map(|(_, body)| body.len()).sum();
    assert!((1..plain / 4).contains(&arrived.compressed_bytes), "{} of {plain} bytes", arrived.compressed_bytes);
    println!("{} bytes a span", arrived.compressed_bytes as u64 / SPANS);
}

#[test]
fn spans_that_a_collector_refuses_are_counted_as_not_retryable() {
    let (ledger, arrived) = flood(Answer::Status(400), 10_000, "20000");
    assert_eq!((ledger.exported(), arrived), (0, 0));
    assert_eq!(ledger.dropped(), BTreeMap::from([("non_retryable", SPANS)]));
}

#[test]
fn spans_that_are_retried_until_the_shutdown_are_abandoned_at_its_deadline() {
    for answer in [Answer::Status(503), Answer::Close] {
        let (ledger, arrived) = flood(answer, 10_000, DEADLINE_MS);
        assert_eq!((ledger.exported(), arrived), (0, 0), "{answer:?}");
        assert_eq!(ledger.dropped(), BTreeMap::from([("deadline", SPANS)]), "{answer:?}");
    }
}

#[test]
fn a_collector_that_hangs_costs_the_host_no_time() {
    const TIMEOUT_MS: u64 = 500;
    let (ledger, arrived) = flood(Answer::Hang, TIMEOUT_MS, DEADLINE_MS);
    assert_eq!((ledger.exported(), arrived), (0, 0));
    assert_eq!(ledger.dropped(), BTreeMap::from([("deadline", SPANS)]));
    // Each batch of at most 512 spans blocks the exporter for this timeout; a host that waited would take as long.
    let waiting_ms = SPANS.div_ceil(512) * TIMEOUT_MS;
    assert!(ledger.get("calls_ms") < waiting_ms, "{ledger:?}");
}

#[test]
fn a_collector_that_is_not_there_costs_only_counted_spans() {
    let gone = Receiver::start().endpoint();
    let mut subject = subject("flood");
    subject.arg(SPANS.to_string()).arg(DEADLINE_MS).env("OTEL_EXPORTER_OTLP_ENDPOINT", gone);
    let said = run(&mut subject);
    let ledger = Ledger::read(&said.stdout);
    ledger.assert_balanced();
    assert_eq!(ledger.dropped(), BTreeMap::from([("deadline", SPANS)]));
}

#[test]
fn more_spans_than_the_queue_holds_are_counted_as_dropped() {
    let receiver = Receiver::answering(Answer::Hang);
    let mut subject = subject("flood");
    subject.args(["20000", DEADLINE_MS]).env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    let said = run(subject.env("OTEL_EXPORTER_OTLP_TIMEOUT", "30000"));
    let ledger = Ledger::read(&said.stdout);
    ledger.assert_balanced();
    assert_eq!(ledger.ended(), 20_000);
    let dropped = ledger.dropped();
    assert_eq!(dropped.keys().copied().collect::<Vec<_>>(), ["deadline", "queue_full"]);
    // The exporter's share is seven eighths of the 8,192 spans, and the rest of the queue may hold more.
    assert!((7_168..=8_192).contains(&dropped["deadline"]), "{dropped:?}");
}

#[test]
fn a_program_that_never_pauses_can_be_flushed_and_shut_down() {
    let receiver = Receiver::start();
    let said = run(subject("flood_at_shutdown").env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    assert!(said.stdout.starts_with("flushed true\nabandoned 0\n"), "{}", said.stdout);
    let ledger = Ledger::read(&said.stdout);
    ledger.assert_balanced();
    assert_eq!(ledger.exported(), receiver.received().spans.len() as u64);
}

#[test]
fn the_metrics_that_arrive_are_those_that_are_served() {
    let receiver = Receiver::start();
    let mut subject = subject("nested");
    let subject = subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    let said = run(subject.env("TTA_OTLP_METRICS_VIEW", "tta"));
    // Metrics about the library itself change between the two.
    let comparable = |line: &&str| !line.starts_with('#') && !line.starts_with("tta_telemetry_");
    let mut served: Vec<_> = said.stdout.lines().filter(comparable).map(str::to_owned).collect();
    let lines = receiver.received().metrics.iter().flat_map(lines).collect::<Vec<_>>();
    let mut arrived: Vec<_> = lines.into_iter().filter(|line| comparable(&line.as_str())).collect();
    served.sort();
    arrived.sort();
    assert!(served.len() > 100, "{served:#?}");
    assert_eq!(served, arrived);
}

/// Returns the samples of a metric in Prometheus' text format.
pub(crate) fn lines(metric: &Metric) -> Vec<String> {
    let cumulative = i32::from(AggregationTemporality::Cumulative);
    match metric.data.as_ref().expect("a metric has data") {
        Data::Sum(sum) => {
            let expected = (metric.name.ends_with("_total"), cumulative);
            assert_eq!((sum.is_monotonic, sum.aggregation_temporality), expected, "{}", metric.name);
            sum.data_points.iter().map(|point| number(metric, point)).collect()
        }
        Data::Gauge(gauge) => gauge.data_points.iter().map(|point| number(metric, point)).collect(),
        Data::Histogram(histogram) => {
            assert_eq!(histogram.aggregation_temporality, cumulative, "{}", metric.name);
            let mut lines = Vec::new();
            for point in &histogram.data_points {
                let mut below = 0;
                let bounds = point.explicit_bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
                for (bound, count) in bounds.zip(&point.bucket_counts) {
                    below += count;
                    lines.push(format!("{}_bucket{} {below}", metric.name, labels(&point.attributes, Some(&bound))));
                }
                assert_eq!(below, point.count, "{}", metric.name);
                let labels = labels(&point.attributes, None);
                lines.push(format!("{}_sum{labels} {}", metric.name, point.sum.unwrap_or(f64::NAN)));
                lines.push(format!("{}_count{labels} {}", metric.name, point.count));
            }
            lines
        }
        other => panic!("no metric of ours is {other:?}"),
    }
}

fn number(metric: &Metric, point: &NumberDataPoint) -> String {
    format!("{}{} {}", metric.name, labels(&point.attributes, None), value(point))
}

pub(crate) fn value(point: &NumberDataPoint) -> String {
    match point.value {
        Some(number_data_point::Value::AsDouble(value)) => value.to_string(),
        Some(number_data_point::Value::AsInt(value)) => value.to_string(),
        None => "nothing".to_owned(),
    }
}

pub(crate) fn labels(attributes: &[KeyValue], bound: Option<&str>) -> String {
    let pair = |attribute: &KeyValue| match attribute.value.clone().and_then(|value| value.value) {
        Some(Value::StringValue(value)) => format!("{}=\"{value}\"", attribute.key),
        other => panic!("a label is text, not {other:?}"),
    };
    let mut pairs: Vec<_> = attributes.iter().map(pair).collect();
    pairs.extend(bound.map(|bound| format!("le=\"{bound}\"")));
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}
