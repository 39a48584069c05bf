//! Stops a process by a signal.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Sends SIGTERM, on which the process saves its data and exits.
pub(super) fn request(child: &mut Child) {
    // After a process was waited for, its id may belong to another one.
    if let Ok(None) = child.try_wait() {
        let _ = kill_process(Pid::from_child(child), Signal::TERM);
    }
}
