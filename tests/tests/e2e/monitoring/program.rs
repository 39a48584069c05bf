//! The programs under monitoring: the example with a failing server, and programs for cases that the example does not cover.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::child::{Running, configured, subject};

/// Starts the example with a high rate of failed answers; its traces go to an address where no collector listens.
pub(super) fn failing(metrics: SocketAddr, nobody: SocketAddr) -> Running {
    let load = ["--rate", "3", "--faults", "70", "--latency", "0.2", "--note-ttl", "5"];
    // So small that it is soon full.
    example(metrics, &format!("http://{nobody}"), "16", &load)
}

/// Starts the example against a server that never answers.
pub(super) fn hanging(metrics: SocketAddr, traces: &str) -> Running {
    example(metrics, traces, "8192", &["--rate", "2", "--latency", "100", "--timeout", "1000"])
}

/// Starts a program that uses the features that the example does not use.
pub(super) fn work(metrics: SocketAddr, traces: &str) -> Running {
    let mut command = subject("work");
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    command.env("OTEL_LOGS_EXPORTER", "otlp").env("TTA_PRICES_FILE", old_prices());
    Running::start(&mut command)
}

/// Writes a price file of long ago, whose model nobody asks, and returns its path.
fn old_prices() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("old-prices.json");
    let mut file = File::create(&path).expect("the folder is there");
    file.write_all(br#"{"nobody-asks-it": {"input_cost_per_token": 1e-6}}"#).expect("there is space");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("the file is ours");
    path
}

/// Starts a program with the failures that the example never has, whose spans and log records go to a collector that refuses each batch.
pub(super) fn trouble(metrics: SocketAddr, refusing: &str) -> Running {
    let mut command = subject("trouble");
    command.env("TTA_METRICS_ADDR", metrics.to_string());
    command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{refusing}/v1/traces"));
    command.env("OTEL_LOGS_EXPORTER", "otlp").env("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", format!("{refusing}/v1/logs"));
    // Five minutes of the alert are five seconds here.
    Running::start(command.env("OTEL_BSP_SCHEDULE_DELAY", "200"))
}

/// Starts a program that only serves its metrics.
pub(super) fn idle(metrics: SocketAddr) -> Running {
    Running::start(subject("serve").env("TTA_METRICS_ADDR", metrics.to_string()))
}

/// Starts the example with metrics at an address, traces sent to an endpoint, and a queue for this many spans.
fn example(metrics: SocketAddr, traces: &str, queue: &str, load: &[&str]) -> Running {
    let mut command = configured(Command::new(built()));
    command.args(["--serve", "--seed", "3"]).args(load);
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    command.env("OTEL_BSP_MAX_QUEUE_SIZE", queue).env_remove("OPENAI_BASE_URL");
    Running::start(&mut command)
}

/// Builds the example, and returns its path.
///
/// Builds a test with it, because the dependencies of tests decide the features of shared crates: so nothing is left
/// to build after the tests of the whole workspace.
pub(crate) fn built() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
    let profile = Path::new(env!("CARGO_BIN_EXE_subject")).parent().expect("it is in a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--all-features", "--bin", "tta-examples", "--test", "serve"]);
    cargo.args(["--locked", "--offline", "--quiet"]);
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", profile.parent().expect("it is in the target's folder"));
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    profile.join("tta-examples")
}
