//! The output of `/metrics`, read by others: two parsers, `promtool` and Prometheus itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use openmetrics_parser::{PrometheusValue, openmetrics, prometheus};

use crate::child::{Running, subject};
use crate::exporter;
use crate::exposition::documents;
use crate::prometheus::Prometheus;
use crate::receiver::Receiver;
use crate::trace_text::hex;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Runs a check against a program that serves its metrics, then stops the program.
fn with_server(check: impl FnOnce(SocketAddr)) {
    let mut server = Running::start(&mut subject("serve"));
    check(server.line().parse().expect("it says its address"));
    assert_eq!(server.finish().stderr, "");
}

/// Requests the metrics in a format, and returns the content type and the text.
pub(crate) fn scrape(address: SocketAddr, accept: &str) -> (String, String) {
    let (status, content_type, text) = get(address, "/metrics", accept);
    assert_eq!(status, "HTTP/1.1 200 OK", "{text}");
    (content_type, text)
}

/// Sends a GET request, and returns the status line, the content type and the text.
pub(crate) fn get(address: SocketAddr, path: &str, accept: &str) -> (String, String, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("the time is not zero");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("the head is complete");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let of_type = head.lines().filter_map(header).find(|(name, _)| name == "content-type");
    let status = head.lines().next().unwrap_or_default().to_owned();
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if is_chunked { joined(body) } else { body.to_owned() };
    (status, of_type.map(|(_, value)| value).unwrap_or_default(), body)
}

/// Joins the chunks of a body, each of which is preceded by its length in bytes.
fn joined(mut chunks: &str) -> String {
    let mut body = String::new();
    loop {
        let (length, rest) = chunks.split_once("\r\n").expect("a chunk has a length");
        let length = usize::from_str_radix(length, 16).expect("it is a number");
        if length == 0 {
            return body;
        }
        body.push_str(&rest[..length]);
        chunks = rest[length..].trim_start_matches("\r\n");
    }
}

#[test]
fn another_parser_reads_the_text_format() {
    with_server(|address| {
        let (content_type, text) = scrape(address, "*/*");
        assert_eq!(content_type, TEXT);
        let mut numbers = BTreeMap::new();
        for document in documents(&text) {
            let parsed = prometheus::parse_prometheus(&document).unwrap_or_else(|error| panic!("{error}\n{document}"));
            for (name, family) in &parsed.families {
                if name == "host_requests_total" {
                    assert_eq!(family.help, "Requests \\ \"seen\"\nby the host.");
                }
                for sample in family.iter_samples() {
                    let labels = sample.get_labelset().expect("it has labels");
                    let value = |name| labels.get_label_value(name).unwrap_or_default();
                    if name != "tta_primitive_executions_total" || value("primitive_name") != "served" {
                        continue;
                    }
                    if let PrometheusValue::Counter(counter) = &sample.value {
                        let key = (value("status").to_owned(), value("size").to_owned());
                        let before = numbers.insert(key, format!("{:?}", counter.value));
                        assert_eq!(before, None, "a series stands once");
                    }
                }
            }
        }
        let count = |status: &str, size: &str| numbers.get(&(status.to_owned(), size.to_owned())).map(String::as_str);
        assert_eq!((count("success", "large"), count("failure", "large")), (Some("Int(6)"), Some("Int(1)")));
        assert_eq!((count("success", "small"), count("panicked", "large")), (Some("Int(0)"), Some("Int(0)")));
    });
}

#[test]
fn another_parser_reads_openmetrics_whose_exemplars_point_to_traces_that_were_sent() {
    let receiver = Receiver::start();
    let mut server = Running::start(subject("serve").env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let (content_type, text) =
        scrape(server.line().parse().expect("it says its address"), "application/openmetrics-text");
    assert_eq!(content_type, OPENMETRICS);
    for document in documents(&text) {
        let document = document + "# EOF\n";
        openmetrics::parse_openmetrics(&document).unwrap_or_else(|error| panic!("{error}\n{document}"));
    }
    server.finish();
    let with_exemplars = || text.lines().filter_map(|line| line.split_once(" # "));
    let names: BTreeSet<_> = with_exemplars().filter_map(|(sample, _)| sample.split('{').next()).collect();
    let expected = [
        "tta_execution_duration_seconds_bucket",
        "tta_llm_calls_by_price_total",
        "tta_llm_cost_total",
        "tta_llm_request_duration_seconds_bucket",
        "tta_llm_requests_total",
        "tta_llm_time_per_output_token_seconds_bucket",
        "tta_llm_time_to_first_token_seconds_bucket",
        "tta_llm_tokens_total",
        "tta_workflow_cost_usd_bucket",
        "tta_workflow_duration_seconds_bucket",
    ];
    assert_eq!(names, BTreeSet::from(expected), "{text}");
    // Each call costs as much as its exemplar says: $2.50 and $10 for a million tokens.
    let of_cost = with_exemplars().filter(|(sample, _)| sample.contains("cost"));
    let costs: BTreeSet<_> = of_cost.filter_map(|(_, exemplar)| exemplar.split(' ').nth(1)).collect();
    assert_eq!(costs, BTreeSet::from(["0.0045"]), "{text}");
    let exemplars: BTreeSet<_> = with_exemplars().map(|(_, exemplar)| exemplar).collect();
    let arrived = receiver.received();
    for exemplar in exemplars {
        let names_it = |span: &opentelemetry_proto::tonic::trace::v1::Span| {
            let ids = format!("{{trace_id=\"{}\",span_id=\"{}\"}} ", hex(&span.trace_id), hex(&span.span_id));
            exemplar.starts_with(&ids)
        };
        assert!(arrived.spans.iter().any(names_it), "no span is named by {exemplar}");
    }
}

#[test]
fn both_formats_tell_the_same_numbers() {
    with_server(|address| {
        // The process goes on between the two scrapes.
        let changes = |line: &str| ["#", "tta_telemetry_", "process_"].iter().any(|start| line.starts_with(start));
        let comparable = |line: &&str| !changes(line);
        let numbers = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(comparable);
            lines.map(|line| line.split(" # ").next().unwrap_or(line).to_owned()).collect()
        };
        let text = scrape(address, "text/plain").1;
        assert_eq!(numbers(&text), numbers(&scrape(address, "application/openmetrics-text").1));
        assert!(numbers(&text).len() > 100, "{text}");
    });
}

#[test]
fn prometheus_scrapes_and_answers_a_query() {
    with_server(|address| {
        let prometheus = Prometheus::scraping(address);
        prometheus.wait_for("up", "1");
        let answered = |query| prometheus.query(query);
        assert_eq!(answered("sum(tta_primitive_executions_total{primitive_name=\"served\"})"), Some("7".to_owned()));
        assert_eq!(
            answered("tta_slo_events_total{primitive_name=\"served\",slo=\"availability\",outcome=\"bad\"}"),
            Some("1".to_owned())
        );
        assert_eq!(answered("tta_execution_duration_seconds_count{size=\"large\"}"), Some("7".to_owned()));
        assert_eq!(answered("host_requests_total"), Some("5".to_owned()));
        assert_eq!(answered("count(tta_primitive_executions_total{size=\"small\"} == 0)"), Some("5".to_owned()));
        assert_eq!(answered("count({__name__=~\"tta_.*\"} < 0)"), None);
    });
}

#[test]
fn prometheus_keeps_exemplars_of_traces_that_were_sent() {
    let receiver = Receiver::start();
    let mut server = Running::start(subject("serve").env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let prometheus = Prometheus::scraping(server.line().parse().expect("it says its address"));
    prometheus.wait_for("up", "1");
    let traces = prometheus.exemplars("tta_execution_duration_seconds_bucket{primitive_name=\"served\"}");
    server.finish();
    assert!(!traces.is_empty());
    let arrived: Vec<_> = receiver.received().spans.iter().map(|span| hex(&span.trace_id)).collect();
    assert!(traces.iter().all(|trace| arrived.contains(trace)), "{traces:?} {arrived:?}");
}

/// Makes a test of each function that checks a server.
macro_rules! of_a_server {
    ($($fact:ident),* $(,)?) => {$(
        #[test]
        fn $fact() {
            with_server(exporter::$fact);
        }
    )*};
}
of_a_server! {
    promtool_finds_nothing_wrong_with_the_metrics,
    a_scraper_that_accepts_openmetrics_gets_it,
    a_foreign_host_is_refused_on_every_path,
    other_paths_are_not_found,
    methods_that_change_things_are_not_allowed,
    three_hundred_half_sent_requests_keep_no_scrape_out,
}
