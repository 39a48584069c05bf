//! Ending a process where nothing can be told to.

use std::process::Child;

/// Ends it at once.
pub(super) fn request(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
}
