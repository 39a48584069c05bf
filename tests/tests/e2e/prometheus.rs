//! A Prometheus server that scrapes one program, as users run it.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::free_port::free_address;

use crate::metrics::get;

/// The timeout of each wait for the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server; stopped on drop, together with its data.
pub(crate) struct Prometheus {
    child: Child,
    address: SocketAddr,
    directory: PathBuf,
}

impl Prometheus {
    /// Starts a server that scrapes the address every second.
    pub(crate) fn scraping(target: SocketAddr) -> Self {
        Self::configured(&format!("- job_name: subject\n  static_configs: [{{targets: [\"{target}\"]}}]\n"))
    }

    /// Starts a server that scrapes the address over TLS every second, and trusts the authority in a file.
    pub(crate) fn scraping_over_tls(target: SocketAddr, authority: &str) -> Self {
        Self::configured(&format!(
            "- job_name: subject\n  scheme: https\n  tls_config: {{ca_file: \"{authority}\"}}\n  \
             static_configs: [{{targets: [\"{target}\"]}}]\n"
        ))
    }

    /// Starts a server that scrapes a Pushgateway every second, and keeps the pushed labels.
    pub(crate) fn scraping_pushgateway(target: SocketAddr) -> Self {
        Self::configured(&format!(
            "- job_name: pushgateway\n  honor_labels: true\n  static_configs: [{{targets: [\"{target}\"]}}]\n"
        ))
    }

    /// Returns the version of the installed server, such as `2.42.0`.
    pub(crate) fn version() -> String {
        let output = Command::new("prometheus").arg("--version").output();
        let output = output.unwrap_or_else(|error| panic!("`prometheus` does not run, install it: {error}"));
        // Older versions write it to standard error.
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        let version = text.split_whitespace().skip_while(|word| *word != "version").nth(1);
        version.unwrap_or_else(|| panic!("no version: {text}")).to_owned()
    }

    /// Starts a server with these `scrape_configs`, which scrapes and stores native histograms.
    pub(crate) fn with_native_histograms(scrapes: &str) -> Self {
        Self::with_features(written(&[configuration(scrapes)]), "exemplar-storage,native-histograms")
    }

    /// Starts a server with these `scrape_configs`.
    pub(crate) fn configured(scrapes: &str) -> Self {
        Self::of_files(&[configuration(scrapes)])
    }

    /// Starts a server from its configuration files, whose entry is `prometheus.yml`.
    pub(crate) fn of_files(files: &[(&str, String)]) -> Self {
        Self::started(written(files))
    }

    /// Starts a server whose storage already has series of the past, given as OpenMetrics text.
    pub(crate) fn of_files_and_past(files: &[(&str, String)], past: &str) -> Self {
        let directory = written(files);
        let file = directory.join("past.txt");
        std::fs::write(&file, past).expect("the past can be written");
        let mut promtool = Command::new("promtool");
        promtool.args(["tsdb", "create-blocks-from", "openmetrics"]).arg(file).arg(directory.join("data"));
        let output = promtool.output().unwrap_or_else(|error| panic!("`promtool` does not run, install it: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self::started(directory)
    }

    fn started(directory: PathBuf) -> Self {
        Self::with_features(directory, "exemplar-storage")
    }

    fn with_features(directory: PathBuf, features: &str) -> Self {
        let configuration = directory.join("prometheus.yml");
        let address = free_address();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg(format!("--enable-feature={features}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`prometheus` does not run, install it: {error}"));
        Self { child, address, directory }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the first value of a query, `None` if it has no result.
    pub(crate) fn query(&self, query: &str) -> Option<String> {
        let answer = self.ask("query", query)?;
        Some(answer.pointer("/data/result/0/value/1")?.as_str()?.to_owned())
    }

    /// Returns the trace ids of the exemplars of a query's series.
    pub(crate) fn exemplars(&self, query: &str) -> Vec<String> {
        let answer = self.ask("query_exemplars", query).unwrap_or_default();
        let series = answer.pointer("/data").and_then(Value::as_array).into_iter().flatten();
        let exemplars = series.filter_map(|series| series["exemplars"].as_array()).flatten();
        exemplars.filter_map(|exemplar| Some(exemplar.pointer("/labels/trace_id")?.as_str()?.to_owned())).collect()
    }

    /// Runs a query, `None` if the server is not ready.
    fn ask(&self, what: &str, query: &str) -> Option<Value> {
        self.answer(what, &[("start", "0"), ("end", "9999999999"), ("query", query)]).ok()
    }

    /// Calls an endpoint of the server's HTTP API, and returns the answer.
    ///
    /// # Errors
    ///
    /// The error message of the server, or that it is not ready.
    pub(crate) fn answer(&self, what: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        TcpStream::connect(self.address).map_err(|error| error.to_string())?;
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let path = format!("/api/v1/{what}?{}", parameters.join("&"));
        let (status, _, body) = get(self.address, &path, "application/json");
        if status == "HTTP/1.1 200 OK" {
            Ok(serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
        } else {
            Err(body)
        }
    }

    /// Polls until a query has a value.
    #[track_caller]
    pub(crate) fn wait_for(&self, query: &str, value: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.query(query).as_deref() != Some(value) {
            assert!(Instant::now() < deadline, "{query} did not become {value}");
            // The server sends no events, so this polls.
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Returns the configuration file with these `scrape_configs`.
fn configuration(scrapes: &str) -> (&'static str, String) {
    ("prometheus.yml", format!("global: {{scrape_interval: 1s}}\nscrape_configs:\n{scrapes}"))
}

/// Writes files into a new directory, and returns its path.
fn written(files: &[(&str, String)]) -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let directory =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    for (name, text) in files {
        std::fs::write(directory.join(name), text).expect("the configuration can be written");
    }
    directory
}
