//! The host's `tracing` subscriber, whose panics end here.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code that reaches the host's subscriber, such as a log event; returns `None` if it panics.
///
/// Such a panic must end neither a call nor a thread of the library.
pub(crate) fn catch_panic<T>(emit: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(emit)).ok()
}
