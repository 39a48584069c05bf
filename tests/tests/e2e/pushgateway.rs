//! A job that ends before a scrape: its metrics go to a real Pushgateway, and from there to Prometheus.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;
use tests::free_port::free_address;

use crate::child::{run, subject};
use crate::metrics::get;
use crate::prometheus::Prometheus;

/// The timeout of the wait for the server's start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Pushgateway; stopped on drop.
pub(crate) struct Pushgateway {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Pushgateway {
    pub(crate) fn start() -> Self {
        let address = free_address();
        let child = Command::new("prometheus-pushgateway")
            .arg(format!("--web.listen-address={address}"))
            // Debian's persists the pushed metrics otherwise.
            .arg("--persistence.file=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`prometheus-pushgateway` does not run, install it: {error}"));
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "the Pushgateway does not listen");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Self { child, address }
    }

    /// Returns the pushed counts of the workflow's executions.
    fn executions(&self) -> String {
        let (_, _, text) = get(self.address, "/metrics", "text/plain");
        let is_ours = |line: &&str| {
            line.starts_with("tta_workflow_executions_total{") && line.contains(r#"workflow_name="nightly"}"#)
        };
        text.lines().filter(is_ours).fold(String::new(), |lines, line| lines + line + "\n")
    }
}

impl Drop for Pushgateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_a_short_job_counted_is_at_the_pushgateway_and_in_prometheus_after_its_end() {
    let pushgateway = Pushgateway::start();
    let job = || {
        let mut job = subject("push");
        job.env("TTA_PUSHGATEWAY_URL", format!("http://{}", pushgateway.address));
        job.env("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=eu/1");
        assert_eq!(run(&mut job).stdout, "");
    };
    job();
    // A second run replaces the first: the numbers are those of the last run.
    job();
    expect![[r#"
        tta_workflow_executions_total{instance="eu/1",job="subject",status="cancelled",workflow_name="nightly"} 0
        tta_workflow_executions_total{instance="eu/1",job="subject",status="failure",workflow_name="nightly"} 1
        tta_workflow_executions_total{instance="eu/1",job="subject",status="panicked",workflow_name="nightly"} 0
        tta_workflow_executions_total{instance="eu/1",job="subject",status="success",workflow_name="nightly"} 2
        tta_workflow_executions_total{instance="eu/1",job="subject",status="timeout",workflow_name="nightly"} 0
    "#]]
    .assert_eq(&pushgateway.executions());
    let prometheus = Prometheus::scraping_pushgateway(pushgateway.address);
    prometheus
        .wait_for(r#"sum by (job, instance) (tta_workflow_executions_total{job="subject",instance="eu/1",workflow_name="nightly"})"#, "3");
}

#[test]
fn a_pushgateway_that_is_not_there_costs_the_job_a_failed_export_and_no_more() {
    let mut job = subject("push");
    job.env("TTA_PUSHGATEWAY_URL", format!("http://{}", free_address()));
    let said = run(&mut job).stdout;
    let said: Vec<_> = said.lines().collect();
    assert!(matches!(said[..], [line] if line.starts_with(LOST) && line.contains("error sending request")), "{said:?}");
}

/// The beginning of the warning.
const LOST: &str = "WARN tta::telemetry message=the metrics were not pushed and are lost error=";

#[test]
fn of_an_answer_without_end_no_more_is_read_than_is_told() {
    let hostile = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = hostile.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let (mut connection, _) = hostile.accept().expect("the job asks");
        let _ = connection.read(&mut [0; 1_024]);
        let _ = connection.write_all(b"HTTP/1.1 500 Internal Server Error\r\n\r\n");
        while connection.write_all(&[b'x'; 4_096]).is_ok() {}
    });
    let mut job = subject("push");
    job.env("TTA_PUSHGATEWAY_URL", format!("http://{address}"));
    let reason = "x".repeat(200);
    let told = format!("{LOST}\"the Pushgateway answered 500 Internal Server Error: {reason}\"\n");
    assert_eq!(run(&mut job).stdout, told);
}

#[test]
fn a_pushgateway_that_never_answers_does_not_hold_the_shutdown_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let mut job = subject("stop");
    job.args(["outside", "300"])
        .env("TTA_PUSHGATEWAY_URL", format!("http://{}", silent.local_addr().expect("it is bound")));
    let said = run(&mut job).stdout;
    let (_, took) = said.rsplit_once("took_ms ").expect("the time is told");
    crate::stopping::assert_in_time(took.trim().parse().expect("it is a number"), 300);
}
