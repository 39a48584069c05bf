//! Running servers, which stop together.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::server::Server;
use super::terminate;

/// The longest time for servers to save their data after SIGTERM.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The time between two checks of whether a server has exited.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Running servers; dropping this stops them, and kills those that do not stop in time.
pub(super) struct Running {
    servers: Vec<(&'static Server, Child)>,
    timeout: Duration,
}

impl Default for Running {
    fn default() -> Self {
        Self { servers: Vec::new(), timeout: TIMEOUT }
    }
}

impl Running {
    pub(super) fn add(&mut self, server: &'static Server, child: Child) {
        self.servers.push((server, child));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// Returns a server that has exited, if any has.
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
        let deadline = Instant::now() + self.timeout;
        while !self.have_all_ended() && Instant::now() < deadline {
            std::thread::sleep(POLL_INTERVAL);
        }
        for (_, child) in &mut self.servers {
            // Both fail for a server that has exited in time.
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
    fn a_server_that_ignores_sigterm_is_killed() {
        let stubborn = "trap '' TERM; echo ready; while :; do sleep 1 & wait; done";
        let mut child =
            Command::new("sh").args(["-c", stubborn]).stdout(Stdio::piped()).spawn().expect("a shell is installed");
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut [0; 6]).expect("it is ready");
        let process = child.id();
        drop(Running { servers: vec![(&SERVERS[0], child)], timeout: POLL_INTERVAL });
        let alive = Command::new("kill").args(["-0", &process.to_string()]).stderr(Stdio::null()).status();
        assert!(!alive.expect("`kill` is installed").success());
    }
}
