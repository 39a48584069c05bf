//! The example under load: it serves its metrics, and stops cleanly on a signal.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The longest time to wait before a test fails.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The longest time until the example stops after a signal.
const END: Duration = Duration::from_secs(5);

/// The running example, killed on drop.
struct Serving {
    child: Child,
    metrics: String,
}

impl Serving {
    fn start(load: [&str; 6]) -> Self {
        Self::start_with(load, &[])
    }

    /// Starts it with these variables of the resource.
    fn start_with(load: [&str; 6], resource: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tta-examples"))
            .args(["--serve", "--seed", "7"])
            .args(load)
            .env("TTA_METRICS_ADDR", "127.0.0.1:0")
            .env_remove("OPENAI_BASE_URL")
            .env_remove("OTEL_SERVICE_NAME")
            .env_remove("OTEL_RESOURCE_ATTRIBUTES")
            .envs(resource.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let metrics = lines
            .find_map(|line| Some(line.ok()?.strip_prefix("Metrics: http://")?.split_once('/')?.0.to_owned()))
            .expect("it says where its metrics are");
        // Keep reading, since a full pipe would block the example.
        std::thread::spawn(move || lines.count());
        Self { child, metrics }
    }

    fn metrics(&self) -> String {
        self.page("metrics")
    }

    /// Returns the answer to a request for a page.
    fn page(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.metrics).expect("it listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a limit");
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.metrics).expect("sent");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("answered");
        response
    }

    /// Returns the sum of the series whose lines start with `prefix`.
    fn sum(&self, prefix: &str) -> f64 {
        let text = self.metrics();
        let series = text.lines().filter(|line| line.starts_with(prefix));
        series.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Returns the edges of the service map with at least one call.
    fn edges(&self) -> BTreeSet<String> {
        let text = self.metrics();
        let series = text.lines().filter_map(|line| line.strip_prefix("tta_connections_total{"));
        let taken = series.filter(|line| !line.ends_with(" 0"));
        let edges = taken.filter_map(|line| match line.split('"').collect::<Vec<_>>()[..] {
            ["source=", source, ",target=", target, ",connection_type=", connection, _] => {
                Some(format!("{source} -> {target} ({connection})"))
            }
            _ => None,
        });
        edges.collect()
    }

    /// Sends a signal, and returns the exit status, the time until the exit, and standard output.
    fn end_by(mut self, signal: &str) -> (ExitStatus, Duration, String) {
        let mut stdout = self.child.stdout.take().expect("a pipe");
        let start = Instant::now();
        let sent = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        let mut printed = String::new();
        stdout.read_to_string(&mut printed).expect("text");
        let status = self.child.wait().expect("it ends");
        (status, start.elapsed(), printed)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn check(signal: &str) {
    let serving = Serving::start(["--rate", "5", "--faults", "20", "--latency", "0.2"]);
    let start = Instant::now();
    while serving.sum("tta_workflow_executions_total{workflow_name=\"answer_question\",status=\"success\"}") < 3.0 {
        assert!(start.elapsed() < TIMEOUT, "no workflow succeeds:\n{}", serving.metrics());
    }
    assert!(serving.sum("tta_llm_tokens_total") > 0.0);
    assert!(serving.sum("tta_llm_cost_total") > 0.0);
    let (status, took, printed) = serving.end_by(signal);
    assert!(status.success(), "{status}");
    assert!(took < END, "{took:?}");
    assert!(printed.contains("\nCalls\n") && printed.contains("\nTokens and money\n"), "{printed}");
}

#[test]
fn sigterm_stops_it_within_five_seconds() {
    check("TERM");
}

#[test]
fn ctrl_c_stops_it_within_five_seconds() {
    check("INT");
}

#[test]
fn the_environment_names_the_service_if_it_has_a_name() {
    for (resource, name) in [
        (&[][..], "tta-examples"),
        (&[("OTEL_SERVICE_NAME", "")], "tta-examples"),
        (&[("OTEL_SERVICE_NAME", "shop")], "shop"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop")], "shop"),
        (&[("OTEL_SERVICE_NAME", ""), ("OTEL_RESOURCE_ATTRIBUTES", "team=blue")], "tta-examples"),
    ] {
        let serving = Serving::start_with(["--rate", "1", "--faults", "0", "--latency", "0.1"], resource);
        let status = serving.page("status");
        assert!(status.contains(&format!(r#""service_name":"{name}","#)), "{resource:?}: {status}");
    }
}

/// The edges of the service map of the main example: caller, callee, and kind of connection.
const EDGES: &str = "\
answer_limit -> gpt-4o (call)
answer_limit -> gpt-4o (retry)
answer_limit -> gpt-4o-mini (fallback)
answer_limit -> gpt-4o-mini (retry)
answer_question -> answer_steps (call)
answer_steps -> answer_writer (sequential)
answer_steps -> notes (sequential)
answer_steps -> search_parts (sequential)
answer_steps -> split_texts (sequential)
answer_writer -> answer_limit (call)
answer_writer -> check_answer (call)
gpt-4o -> chat (call)
gpt-4o -> chat_stream (call)
gpt-4o-mini -> chat (call)
gpt-4o-mini -> chat_stream (call)
note_cache -> write_note (call)
note_writer -> check_note (call)
note_writer -> gpt-4o (call)
note_writer -> gpt-4o (retry)
note_writer -> gpt-4o-mini (call)
note_writer -> gpt-4o-mini (retry)
notes -> note_cache (parallel)
write_note -> note_writer (route)
";

#[test]
fn the_service_map_has_every_edge_of_the_main_job() {
    let serving = Serving::start(["--rate", "5", "--faults", "40", "--latency", "0.1"]);
    let expected: BTreeSet<_> = EDGES.lines().map(str::to_owned).collect();
    let start = Instant::now();
    loop {
        let edges = serving.edges();
        let missing: Vec<_> = expected.difference(&edges).collect();
        if missing.is_empty() {
            break;
        }
        assert!(start.elapsed() < TIMEOUT, "missing: {missing:#?}");
    }
    assert_eq!(serving.edges(), expected);
}
