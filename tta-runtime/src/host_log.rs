//! What the library says through the host's `tracing`.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Says something. A panic of the host's subscriber ends here: neither a call nor a thread of the library's may end by it.
pub(crate) fn guarded(say: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(say));
}
