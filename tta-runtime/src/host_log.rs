//! The host's `tracing` subscriber, whose panics end here.

use std::cell::Cell;

use crate::panics::caught;

thread_local! {
    /// True while the library runs code of the host's subscriber on this thread.
    static IN_SUBSCRIBER: Cell<bool> = const { Cell::new(false) };
}

/// Runs code that reaches the host's subscriber, such as a log event; returns `None` if it panics.
///
/// Such a panic must end neither a call nor a thread of the library.
pub(crate) fn catch_panic<T>(emit: impl FnOnce() -> T) -> Option<T> {
    /// Restores the flag on drop.
    struct Outer(bool);
    impl Drop for Outer {
        fn drop(&mut self) {
            let _ = IN_SUBSCRIBER.try_with(|inside| inside.set(self.0));
        }
    }
    let _outer = IN_SUBSCRIBER.try_with(|inside| Outer(inside.replace(true)));
    caught(emit)
}

/// Returns whether this thread runs code of the host's subscriber for the library.
///
/// A call that the subscriber makes then must not tell the subscriber of itself: that would call again.
pub(crate) fn is_in_subscriber() -> bool {
    IN_SUBSCRIBER.try_with(Cell::get).unwrap_or(true)
}
