//! The programs that are at work: the example with a server that fails, and what it does not use or never is in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{Running, configured, subject};

/// Starts the example where most answers go wrong; nobody listens for its traces.
pub(super) fn failing(metrics: SocketAddr, nobody: SocketAddr) -> Running {
    let load = ["--rate", "3", "--faults", "70", "--latency", "0.2", "--note-ttl", "5"];
    example(metrics, &format!("http://{nobody}"), &load)
}

/// Starts the example where no answer comes.
pub(super) fn hanging(metrics: SocketAddr, traces: &str) -> Running {
    example(metrics, traces, &["--rate", "2", "--latency", "100", "--timeout", "1000"])
}

/// Starts a program that uses what the example does not.
pub(super) fn work(metrics: SocketAddr, traces: &str) -> Running {
    let mut command = subject("work");
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    Running::start(&mut command)
}

/// Starts a program with the troubles that the example never is in.
pub(super) fn trouble(metrics: SocketAddr) -> Running {
    Running::start(subject("trouble").env("TTA_METRICS_ADDR", metrics.to_string()))
}

/// Starts a program that serves its metrics and does nothing else.
pub(super) fn idle(metrics: SocketAddr) -> Running {
    Running::start(subject("serve").env("TTA_METRICS_ADDR", metrics.to_string()))
}

/// Starts the example with metrics at an address and traces sent to an endpoint.
fn example(metrics: SocketAddr, traces: &str, load: &[&str]) -> Running {
    let mut command = configured(Command::new(built()));
    command.args(["--serve", "--seed", "3"]).args(load);
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    command.env_remove("OPENAI_BASE_URL");
    Running::start(&mut command)
}

/// Builds the example, and returns where it is.
///
/// With a test beside it, since what tests depend on decides how the crates are built that both have in common: nothing is left
/// to build where the tests of the whole workspace have been.
fn built() -> PathBuf {
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
