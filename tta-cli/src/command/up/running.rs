//! Servers that run, and end together.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::server::Server;
use super::terminate;

/// How long servers may take to write what they keep, once they are told to end.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Time between two looks at whether a server has ended.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Servers that are told to end when this is dropped.
pub(super) struct Running {
    servers: Vec<(&'static Server, Child)>,
    patience: Duration,
}

impl Default for Running {
    fn default() -> Self {
        Self { servers: Vec::new(), patience: TIMEOUT }
    }
}

impl Running {
    pub(super) fn add(&mut self, server: &'static Server, child: Child) {
        self.servers.push((server, child));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// Returns a server that ended by itself, if one has.
    pub(super) fn ended(&mut self) -> Option<(&'static Server, ExitStatus)> {
        self.servers.iter_mut().find_map(|(server, child)| Some((*server, child.try_wait().ok().flatten()?)))
    }

    fn have_all_ended(&mut self) -> bool {
        self.servers.iter_mut().all(|(_, child)| !matches!(child.try_wait(), Ok(None)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for (_, child) in &mut self.servers {
            terminate::request(child);
        }
        let deadline = Instant::now() + self.patience;
        while !self.have_all_ended() && Instant::now() < deadline {
            std::thread::sleep(POLL_INTERVAL);
        }
        for (_, child) in &mut self.servers {
            // Most have ended by themselves.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::super::server::SERVERS;
    use super::*;

    #[test]
    fn a_server_that_does_not_end_when_it_is_told_is_killed() {
        let stubborn = "trap '' TERM; echo ready; while :; do sleep 1 & wait; done";
        let mut child =
            Command::new("sh").args(["-c", stubborn]).stdout(Stdio::piped()).spawn().expect("a shell is installed");
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut [0; 6]).expect("it is ready");
        let process = child.id();
        drop(Running { servers: vec![(&SERVERS[0], child)], patience: POLL_INTERVAL });
        let alive = Command::new("kill").args(["-0", &process.to_string()]).stderr(Stdio::null()).status();
        assert!(!alive.expect("`kill` is installed").success());
    }
}
