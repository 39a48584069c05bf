//! Prometheus with the shipped configuration and rules, Alertmanager, a Pushgateway, and the example that they look at.

use std::fmt::Write as _;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tta_cli::artefact;
use tta_cli::profile::Profile;

use crate::maturity::reports;
use crate::run::{folder, root, tta};

/// A test fails rather than wait longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(240);

/// A program that is stopped when this is dropped.
pub(super) struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The servers, which end with this.
pub(super) struct Stack {
    folder: PathBuf,
    pub(super) prometheus: SocketAddr,
    pub(super) alertmanager: SocketAddr,
    pub(super) pushgateway: SocketAddr,
    /// They run as long as this lives.
    servers: Vec<Program>,
}

/// A series of the past: a selector, and its value this long after its first sample.
pub(super) type Past = (String, fn(Duration) -> f64);

impl Stack {
    /// Starts the servers with shorter windows. Prometheus looks at these addresses, and has series of the past: from so long ago,
    /// for so long, every 5 s.
    pub(super) fn start(name: &str, haste: u32, targets: &[SocketAddr], past: &[(Duration, Duration, Past)]) -> Self {
        let folder = folder(name);
        let [prometheus, alertmanager, pushgateway] = [(); 3].map(|()| free_address());
        let listed = targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
        for mut artefact in artefact::all(&Profile::default().with_haste(haste)) {
            if artefact.path.ends_with("prometheus.yml") {
                artefact.text = artefact
                    .text
                    .replace("\"127.0.0.1:9464\"", &listed)
                    .replace("127.0.0.1:9093", &alertmanager.to_string())
                    .replace("127.0.0.1:9091", &pushgateway.to_string());
            }
            artefact.write(&folder).expect("it can be written");
        }
        let mut stack = Self { folder, prometheus, alertmanager, pushgateway, servers: Vec::new() };
        if !past.is_empty() {
            stack.lay(past);
        }
        let file = |name: &str| stack.folder.join(name).to_str().expect("it is text").to_owned();
        let servers = [
            (
                "prometheus",
                vec![
                    format!("--config.file={}", file("prometheus-rules/prometheus.yml")),
                    format!("--storage.tsdb.path={}", file("data")),
                    format!("--web.listen-address={prometheus}"),
                ],
                prometheus,
            ),
            (
                "prometheus-alertmanager",
                vec![
                    format!("--config.file={}", file("prometheus-rules/alertmanager.yml")),
                    format!("--storage.path={}", file("alertmanager")),
                    format!("--web.listen-address={alertmanager}"),
                    "--cluster.listen-address=".to_owned(),
                ],
                alertmanager,
            ),
            (
                "prometheus-pushgateway",
                vec![format!("--web.listen-address={pushgateway}"), "--persistence.file=".to_owned()],
                pushgateway,
            ),
        ];
        for (program, arguments, address) in servers {
            let mut command = Command::new(program);
            command.args(arguments);
            stack.servers.push(run(command, &stack.folder.join(format!("{program}.log"))));
            let deadline = Instant::now() + PATIENCE;
            while TcpStream::connect(address).is_err() {
                assert!(Instant::now() < deadline, "{program} does not listen");
                std::thread::yield_now();
            }
        }
        stack
    }

    /// Writes series of the past into Prometheus' storage.
    fn lay(&self, past: &[(Duration, Duration, Past)]) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
        let mut text = String::new();
        for (ago, long, (series, value)) in past {
            for seconds in (0..long.as_secs()).step_by(5) {
                let at = now.as_secs() - ago.as_secs() + seconds;
                let _ = writeln!(text, "{series} {} {at}", value(Duration::from_secs(seconds)));
            }
        }
        text.push_str("# EOF\n");
        let file = self.folder.join("past.txt");
        std::fs::write(&file, text).expect("it can be written");
        let mut promtool = Command::new("promtool");
        promtool.args(["tsdb", "create-blocks-from", "openmetrics"]).arg(file).arg(self.folder.join("data"));
        let output = promtool.output().expect("`promtool` runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Has `tta maturity` push what reports say of two components.
    pub(super) fn push_components(&self, name: &str) {
        let (_, mut arguments) = reports(name);
        arguments.extend([
            "--push".to_owned(),
            format!("http://{}", self.pushgateway),
            "--job".to_owned(),
            "ci".to_owned(),
        ]);
        let ran = tta(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    }

    /// Asks Prometheus, and returns the values of all series.
    #[track_caller]
    pub(super) fn query(&self, query: &str) -> Vec<String> {
        let address = format!("http://{}/api/v1/query", self.prometheus);
        let address = reqwest::Url::parse_with_params(&address, [("query", query)]).expect("it is an address");
        let answer = get(address.as_str());
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let series = answer["data"]["result"].as_array().expect("a list of series");
        series.iter().filter_map(|series| series.pointer("/value/1")?.as_str().map(str::to_owned)).collect()
    }

    /// Returns Alertmanager's alerts, and whether each is muted.
    pub(super) fn alerts(&self) -> Vec<(String, bool)> {
        let answer = get(&format!("http://{}/api/v2/alerts", self.alertmanager));
        let alerts = answer.as_array().expect("a list of alerts");
        let name = |alert: &Value| alert.pointer("/labels/alertname").and_then(Value::as_str).unwrap_or("?").to_owned();
        alerts.iter().map(|alert| (name(alert), alert.pointer("/status/state") == Some(&"suppressed".into()))).collect()
    }
}

fn get(address: &str) -> Value {
    let answer = reqwest::blocking::get(address).and_then(reqwest::blocking::Response::text);
    let text = answer.unwrap_or_else(|error| panic!("{address}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{address}: {error}: {text}"))
}

fn run(mut command: Command, log: &Path) -> Program {
    let log = File::create(log).expect("it can be written");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Program(command.spawn().unwrap_or_else(|error| panic!("{command:?} does not run, install it: {error}")))
}

/// Starts the example on a free port; traces go to a collector.
pub(super) fn example(name: &str, collector: SocketAddr, arguments: &[&str]) -> (SocketAddr, Program) {
    let address = free_address();
    let mut command = Command::new(built());
    for (variable, _) in std::env::vars_os().filter(|(variable, _)| {
        variable
            .to_str()
            .is_some_and(|variable| ["OTEL_", "TTA_", "OPENAI_"].iter().any(|ours| variable.starts_with(ours)))
    }) {
        command.env_remove(variable);
    }
    command.arg("--serve").args(arguments);
    command.env("TTA_METRICS_ADDR", address.to_string());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"));
    (address, run(command, &folder(name).join("example.log")))
}

/// Builds the example as the workspace's tests have it built, and returns where it is.
fn built() -> PathBuf {
    let profile = Path::new(env!("CARGO_BIN_EXE_tta")).parent().expect("it is in a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--all-features", "--bin", "tta-examples", "--locked", "--offline", "--quiet"]);
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", profile.parent().expect("it is in the target's folder"));
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    profile.join("tta-examples")
}

/// Returns an address that was free just now: a server can be given only a number.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free")
}
