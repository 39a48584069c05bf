//! The time by which the work that a thread polls should complete.
//!
//! It is set while the work is polled or dropped, and is part of no frame: setting it costs two stores, and no frame of a call is larger for it.

use std::cell::Cell;
use std::time::Instant;

thread_local! {
    static CURRENT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Returns the deadline of the current work.
#[inline]
pub(crate) fn current() -> Option<Instant> {
    CURRENT.get()
}

/// Sets the deadline of the current work until the guard drops, which restores the one before.
#[inline]
#[must_use]
pub(crate) fn enter(deadline: Option<Instant>) -> EnteredDeadline {
    EnteredDeadline(CURRENT.replace(deadline))
}

/// Restores the deadline before on drop.
pub(crate) struct EnteredDeadline(Option<Instant>);

impl Drop for EnteredDeadline {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{current, enter};

    #[test]
    fn the_deadline_before_is_restored() {
        let [outer, inner] = [1, 2].map(|seconds| Some(Instant::now() + Duration::from_secs(seconds)));
        {
            let _outer = enter(outer);
            {
                let _inner = enter(inner);
                assert_eq!(current(), inner);
            }
            assert_eq!(current(), outer);
        }
        assert_eq!(current(), None);
    }
}
