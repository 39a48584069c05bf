//! The pause after requests without an answer.

use crate::clock::Monotonic;

/// The first pause, in nanoseconds; each further one is twice as long.
const FIRST: u64 = 100_000_000;

const LONGEST: u64 = 1_000_000_000;

/// The time in which no request is sent, since the last ones had no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    lasts: u64,
    until: Monotonic,
}

impl Pause {
    /// Returns the pause after another request without an answer.
    pub(super) fn after(earlier: Option<Self>, now: Monotonic) -> Self {
        let lasts = earlier.map_or(FIRST, |earlier| (earlier.lasts * 2).min(LONGEST));
        Self { lasts, until: Monotonic(now.0.saturating_add(lasts)) }
    }

    pub(super) fn until(self) -> u64 {
        self.until.0
    }

    /// Returns the nanoseconds that are left of it.
    pub(super) fn left(self, now: Monotonic) -> u64 {
        self.until.0.saturating_sub(now.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Monotonic, Pause};

    #[test]
    fn pauses_double_up_to_a_second() {
        let pauses = std::iter::successors(Some(Pause::after(None, Monotonic(7))), |earlier| {
            Some(Pause::after(Some(*earlier), Monotonic(7)))
        });
        let milliseconds: Vec<u64> = pauses.take(6).map(|pause| pause.left(Monotonic(7)) / 1_000_000).collect();
        assert_eq!(milliseconds, [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(Pause::after(None, Monotonic(7)).left(Monotonic(100_000_007)), 0);
    }
}
