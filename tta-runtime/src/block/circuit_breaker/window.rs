//! The failures among the calls in a sliding window.

use std::time::Duration;

use crate::clock::{Monotonic, nanoseconds};

/// The number of slices of the window. A call is forgotten up to one slice late.
const SLICES: usize = 10;

/// Counts calls and failures in a sliding window.
#[derive(Debug)]
pub(super) struct Window {
    slice_nanoseconds: u64,
    slices: [Slice; SLICES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    /// The number of the slice since the clock's origin.
    number: u64,
    failed: u32,
    all: u32,
}

impl Window {
    pub(super) fn new(window: Duration) -> Self {
        Self { slice_nanoseconds: (nanoseconds(window) / SLICES as u64).max(1), slices: Default::default() }
    }

    /// Counts a call that ended now.
    pub(super) fn note(&mut self, failed: bool, now: Monotonic) {
        let number = now.0 / self.slice_nanoseconds;
        if let Some(slice) = self.slices.get_mut((number % SLICES as u64) as usize) {
            if slice.number != number {
                *slice = Slice { number, ..Slice::default() };
            }
            slice.all = slice.all.saturating_add(1);
            slice.failed = slice.failed.saturating_add(u32::from(failed));
        }
    }

    /// Returns the number of failed calls, and the number of all calls.
    pub(super) fn counts(&self, now: Monotonic) -> (u32, u32) {
        let current = now.0 / self.slice_nanoseconds;
        let recent = self.slices.iter().filter(|slice| current.saturating_sub(slice.number) < SLICES as u64);
        recent.fold((0, 0), |(failed, all), slice| (failed + slice.failed, all + slice.all))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Window;
    use crate::clock::Monotonic;

    #[test]
    fn calls_older_than_the_window_are_forgotten() {
        let mut window = Window::new(Duration::from_secs(10));
        let at = |seconds: u64| Monotonic(seconds * 1_000_000_000);
        window.note(true, at(1));
        window.note(false, at(5));
        assert_eq!(window.counts(at(10)), (1, 2));
        assert_eq!(window.counts(at(11)), (0, 1));
        window.note(true, at(15));
        assert_eq!(window.counts(at(15)), (1, 1));
        assert_eq!(window.counts(at(99)), (0, 0));
    }
}
