//! Redis servers that a test starts, stops and inspects.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use redis::{Client, Connection, FromRedisValue, ToRedisArgs};
use tta_runtime::block::Redis;

use crate::free_port::free_port;

/// The time limit for a server to start; then the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a free port of the loopback interface, killed on drop.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
    directory: PathBuf,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server, and waits until it replies.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be started, or does not reply in time.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_after(":", arguments)
    }

    /// Starts a server in a shell that has run other commands before, such as those that set limits.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be started, or does not reply in time.
    #[must_use]
    pub fn start_after(preparation: &str, arguments: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::SeqCst);
        let directory = std::env::temp_dir().join(format!("tta-redis-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        let port = free_port();
        let process = spawn(preparation, port, &directory, arguments);
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let server = Self { process, port, directory, arguments };
        server.wait();
        server
    }

    /// Waits until the server has run for longer than a lease of shared budgets: before that, it grants nothing.
    ///
    /// # Panics
    ///
    /// Panics if it does not reply.
    pub fn wait_until_granting(&self, lease: Duration) {
        let uptime = || -> Duration {
            let information: String = self.command("INFO", "server");
            let line = information.lines().find_map(|line| line.strip_prefix("uptime_in_seconds:"));
            Duration::from_secs(line.and_then(|seconds| seconds.parse().ok()).expect("it knows its uptime"))
        };
        while uptime() <= lease {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the server replies.
    fn wait(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.try_connect().is_none() {
            assert!(Instant::now() < deadline, "redis-server does not answer on port {}", self.port);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn try_connect(&self) -> Option<Connection> {
        let client = Client::open(self.url()).expect("it is an address");
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(1)).ok()?;
        match redis::cmd("PING").exec(&mut connection) {
            // A server that cannot save refuses even this, and is there.
            Err(error) if error.code() != Some("MISCONF") => None,
            Ok(()) | Err(_) => Some(connection),
        }
    }

    /// Returns its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns the server as a store for caches.
    ///
    /// # Panics
    ///
    /// Never: its address is valid.
    #[must_use]
    pub fn redis(&self) -> Redis {
        Redis::server(&self.url()).expect("it is an address")
    }

    /// Runs a command on a new connection.
    ///
    /// # Panics
    ///
    /// Panics if the server does not answer as expected.
    #[track_caller]
    pub fn command<T: FromRedisValue>(&self, name: &str, arguments: impl ToRedisArgs) -> T {
        let mut connection = self.try_connect().expect("the server answers");
        redis::cmd(name).arg(arguments).query(&mut connection).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Returns the keys in the server.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.command("KEYS", "*")
    }

    /// Kills the process.
    ///
    /// # Panics
    ///
    /// Panics if it has ended by itself.
    pub fn kill(&mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ends");
    }

    /// Starts a new server with the same arguments in the place of one that was killed. It is empty, unless they store the
    /// data.
    ///
    /// # Panics
    ///
    /// Panics if it does not reply in time.
    pub fn restart(&mut self) {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let deadline = Instant::now() + PATIENCE;
        while self.try_connect().is_none() {
            assert!(Instant::now() < deadline, "redis-server does not start again on port {}", self.port);
            // The port is free to be taken meanwhile by an outgoing connection, which ends sooner or later.
            if !matches!(self.process.try_wait(), Ok(None)) {
                self.process = spawn(":", self.port, &self.directory, &arguments);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops the process by a signal: connections stay open, and no request is answered.
    pub fn stop(&self) {
        self.signal("-STOP");
    }

    /// Continues a stopped process.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(status.expect("kill can be run").success(), "kill {signal}");
    }
}

/// Starts the server, in whose place a shell would hide that it is not installed.
fn spawn(preparation: &str, port: u16, directory: &Path, arguments: &[&str]) -> Child {
    let installed = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
    installed.expect("redis-server can be started; on Debian it comes in the package redis-server");
    Command::new("sh")
        // The server takes the place of the shell, and so its signals.
        .args(["-c", &format!("{preparation}; exec redis-server \"$@\""), "redis-server"])
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell can be started")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
