//! The main example as a running program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::run::root;

/// The main example under load; killed on drop.
pub(super) struct Example {
    child: Child,
    /// Of its live page, without a slash at its end.
    pub(super) address: String,
}

impl Example {
    /// Starts it on this port, a free one if it is 0.
    pub(super) fn start(port: u16) -> Self {
        let mut command = Command::new(built());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| ["OTEL_", "TTA_"].iter().any(|prefix| name.starts_with(prefix))) {
                command.env_remove(name);
            }
        }
        // So few workflows that the numbers stand still between them.
        let load = [("rate", "0.4"), ("faults", "30"), ("latency", "0.1"), ("note-ttl", "5"), ("seed", "3")];
        command.arg("--serve").args(load.map(|(name, value)| format!("--{name}={value}")));
        command.env_remove("OPENAI_BASE_URL").env("TTA_METRICS_ADDR", format!("127.0.0.1:{port}"));
        command.env("OTEL_BSP_SCHEDULE_DELAY", "100").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it is built");
        let mut said = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut lines = String::new();
        let address = loop {
            let start = lines.len();
            assert!(said.read_line(&mut lines).expect("it writes text") > 0, "it ended:\n{lines}");
            if let Some(address) = lines[start..].strip_prefix("Live page: ") {
                break address.trim().trim_end_matches('/').to_owned();
            }
        };
        // A full pipe would block the program.
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { child, address }
    }

    pub(super) fn port(&self) -> u16 {
        let (_, port) = self.address.rsplit_once(':').expect("it has a port");
        port.parse().expect("a number")
    }

    /// Ends it at once, as a crash would.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Returns the sum over all series of a metric.
    pub(super) fn sum(&self, metric: &str) -> f64 {
        let scrape = self.get("/metrics");
        let values = scrape.lines().filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let name = series.split('{').next()?;
            (name == metric).then(|| value.parse::<f64>().expect("a number"))
        });
        values.sum()
    }

    /// Returns the data of an endpoint of the page's API.
    pub(super) fn read(&self, path: &str) -> Value {
        let answer: Value = serde_json::from_str(&self.get(&format!("/api/v1/{path}"))).expect("JSON");
        answer["data"].clone()
    }

    fn get(&self, path: &str) -> String {
        let host = self.address.strip_prefix("http://").expect("it serves HTTP");
        let mut stream = TcpStream::connect(host).expect("it serves");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains(" 200 "), "{head}");
        body.to_owned()
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Builds the example, and returns its path.
///
/// Builds a test with it, because the dependencies of tests decide the features of shared crates: so nothing is left
/// to build after the tests of the whole workspace.
fn built() -> std::path::PathBuf {
    let profile = Path::new(env!("CARGO_BIN_EXE_tta")).parent().expect("it is in a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--all-features", "--bin", "tta-examples", "--test", "serve"]);
    cargo.args(["--locked", "--offline", "--quiet"]);
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", profile.parent().expect("it is in the target's folder"));
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    profile.join("tta-examples")
}
