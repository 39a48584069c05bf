//! Telling a process to end, where there are signals.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Tells it to end, which it may do in its own time.
pub(super) fn request(child: &mut Child) {
    // One that was waited for has no process any more, and its number may be another's.
    if let Ok(None) = child.try_wait() {
        let _ = kill_process(Pid::from_child(child), Signal::TERM);
    }
}
