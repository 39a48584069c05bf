//! The programs that are at work: the example with a server that fails now and then, and what it does not use.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{Running, configured, subject};

/// Starts a program that uses what the example does not, with metrics at an address.
pub(super) fn blocks(metrics: SocketAddr, traces: &str) -> Running {
    let mut command = subject("work");
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    Running::start(&mut command)
}

/// Starts the example, and has it answer questions with metrics at an address and traces sent to an endpoint.
pub(super) fn example(metrics: SocketAddr, traces: &str) -> Running {
    let mut command = configured(Command::new(built()));
    command.args(["--serve", "--rate", "8", "--faults", "15", "--latency", "0.1", "--note-ttl", "5", "--seed", "3"]);
    command.env("TTA_METRICS_ADDR", metrics.to_string()).env("OTEL_EXPORTER_OTLP_ENDPOINT", traces);
    command.env_remove("OPENAI_BASE_URL");
    Running::start(&mut command)
}

/// Builds the example as the whole workspace is built for its tests, and returns where it is.
fn built() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace");
    let profile = Path::new(env!("CARGO_BIN_EXE_subject")).parent().expect("it is in a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--all-features", "--bin", "tta-examples", "--locked", "--offline", "--quiet"]);
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", profile.parent().expect("it is in the target's folder"));
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    profile.join("tta-examples")
}
