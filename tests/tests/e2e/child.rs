//! Programs that a test starts, reads from, and stops.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The timeout of each wait for a program.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the command that runs a scenario of the subject, with a free port for its metrics and no other configuration.
pub(crate) fn subject(scenario: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subject"));
    command.arg(scenario);
    configured(command)
}

/// Returns the command that runs the program which works until its input ends.
pub(crate) fn busy() -> Command {
    configured(Command::new(env!("CARGO_BIN_EXE_busy")))
}

/// Removes the environment's own TTA and OpenTelemetry configuration from a command.
pub(crate) fn configured(mut command: Command) -> Command {
    let ours = |name: &str| ["OTEL_", "TTA_", "RUST_"].iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
    command.env("TTA_METRICS_ADDR", "127.0.0.1:0");
    command
}

/// Runs a program to its end, which must be a success.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Finished {
    Running::start(command).finish()
}

/// The output of a program.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running program; killed on drop.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
}

impl Running {
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        let (stdout, mut stderr) =
            (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let stderr = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines, stderr: Some(stderr) }
    }

    /// Returns the next line that the program prints.
    #[track_caller]
    pub(crate) fn line(&mut self) -> String {
        match self.next(Instant::now() + PATIENCE) {
            Some(line) => line,
            None => panic!("the program ended: {}", self.stderr()),
        }
    }

    /// Returns the next line that the program prints within a time.
    pub(crate) fn next_within(&mut self, time: Duration) -> Option<String> {
        self.lines.recv_timeout(time).ok()
    }

    /// Writes a line to the program's standard input.
    #[track_caller]
    pub(crate) fn say(&mut self, line: &str) {
        let Some(stdin) = &mut self.stdin else { panic!("the program is no longer told anything") };
        writeln!(stdin, "{line}")
            .and_then(|()| stdin.flush())
            .unwrap_or_else(|error| panic!("it does not listen: {error}"));
    }

    /// Returns the processor time that the program has used.
    #[track_caller]
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("the program runs");
        // The name of the program, in parentheses, may have spaces.
        let (_, numbers) = stat.rsplit_once(')').expect("it has a name");
        let ticks = numbers.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
        // Linux reports hundredths of a second.
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Closes the program's standard input, and waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        self.stdin = None;
        let mut stdout = String::new();
        let deadline = Instant::now() + PATIENCE;
        while let Some(line) = self.next(deadline) {
            stdout.push_str(&line);
            stdout.push('\n');
        }
        let status = self.child.wait().unwrap_or_else(|error| panic!("it cannot be waited for: {error}"));
        let stderr = self.stderr();
        assert!(status.success(), "{status}\n{stdout}\n{stderr}");
        Finished { stdout, stderr }
    }

    #[track_caller]
    fn next(&mut self, deadline: Instant) -> Option<String> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("the program neither ended nor spoke for {PATIENCE:?}: {}", self.stderr())
            }
        }
    }

    fn stderr(&mut self) -> String {
        self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
