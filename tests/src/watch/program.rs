//! The program `load`, started and watched by another one.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::watch::process::{Resources, resources};
use crate::watch::report::Report;

/// The time limit of each answer, the export of what is left included.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running program; killed on drop.
#[derive(Debug)]
pub struct LoadProgram {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    metrics: SocketAddr,
}

impl LoadProgram {
    /// Starts the program at a path with a rate of requests per second; its spans and metrics go to an endpoint, and its
    /// cache to a Redis server if there is one.
    ///
    /// # Errors
    ///
    /// Fails if it does not start, or ends at once.
    pub fn start(path: &Path, rate: u64, endpoint: &str, redis: Option<&str>) -> io::Result<Self> {
        let mut command = Command::new(path);
        command.arg(rate.to_string());
        let ours = |name: &str| ["OTEL_", "TTA_", "LOAD_"].iter().any(|prefix| name.starts_with(prefix));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
            command.env_remove(name);
        }
        command.env("TTA_METRICS_ADDR", "127.0.0.1:0").env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        // Requests that hang do not outlast a scenario.
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "3000").env("OTEL_METRIC_EXPORT_INTERVAL", "5000");
        if let Some(redis) = redis {
            command.env("LOAD_REDIS", redis);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stdout = stdout.ok_or_else(|| io::Error::other("its output is not piped"))?;
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut program = Self { child, stdin, lines, metrics: unknown };
        program.metrics = program.line()?.parse().map_err(io::Error::other)?;
        Ok(program)
    }

    /// Returns the resources that it takes.
    ///
    /// # Errors
    ///
    /// Fails if it has ended.
    pub fn resources(&self) -> io::Result<Resources> {
        resources(self.child.id()).ok_or_else(|| io::Error::other("the program has ended"))
    }

    /// Reads its metrics, and returns their text.
    ///
    /// # Errors
    ///
    /// Fails if they are not served within ten seconds.
    pub fn scrape(&self) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.metrics)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.metrics)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| io::Error::other("the answer has no end"))?;
        if head.starts_with("HTTP/1.1 200 ") { Ok(body.to_owned()) } else { Err(io::Error::other(head.to_owned())) }
    }

    /// Lets it finish its work and export what is left, ends it, and returns its report.
    ///
    /// # Errors
    ///
    /// Fails if it has ended, or does not answer in time.
    pub fn finish(mut self) -> io::Result<Report> {
        self.stdin = None;
        serde_json::from_str(&self.line()?).map_err(io::Error::other)
    }

    fn line(&self) -> io::Result<String> {
        self.lines
            .recv_timeout(PATIENCE)
            .map_err(|error| io::Error::other(format!("the program says nothing: {error}")))
    }
}

impl Drop for LoadProgram {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
