//! The size of the slices that a process leases: it follows the rate of the calls and their cost.

use crate::clock::Monotonic;

/// The number of calls that a slice is for once calls come steadily: a process asks when half of it is used, so this
/// makes one request for 32 calls.
const STEADY_CALLS: u64 = 64;

/// The largest number of calls that a slice is for.
const MOST_CALLS: u64 = 4_096;

/// Slices grow beyond [`STEADY_CALLS`] while half of one is used faster than this, in nanoseconds.
const FAST: u64 = 250_000_000;

/// Sizes a process's slice by the calls that it has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slice {
    /// The number of calls that the slice is for.
    calls: u64,
    /// Calls that reserved since the last request.
    used: u64,
    mean: u64,
    largest: u64,
    resized: Monotonic,
}

impl Slice {
    /// Counts a call that reserves this much.
    pub(super) fn reserved(&mut self, most: u64) {
        self.used = self.used.saturating_add(1);
        self.largest = self.largest.max(most);
        if self.mean == 0 {
            self.mean = most;
        }
    }

    /// Counts a call that spent this much.
    pub(super) fn spent(&mut self, spent: u64) {
        self.mean = self.mean.saturating_mul(7).saturating_add(spent).div_ceil(8);
    }

    pub(super) fn is_unused(&self) -> bool {
        self.used == 0
    }

    /// Returns the amount that should be free.
    pub(super) fn target(&self) -> u64 {
        self.mean.saturating_mul(self.calls).saturating_add(if self.calls > 1 { self.largest } else { 0 })
    }

    /// Returns whether this amount is so little that more should be asked for.
    pub(super) fn is_low(&self, free: u64) -> bool {
        self.used > 0 && free < self.target() / 2
    }

    /// Sets the size for the next request, which is about to be made.
    pub(super) fn resize(&mut self, now: Monotonic) {
        let is_fast = now.0.saturating_sub(self.resized.0) < FAST;
        if self.used > 0 && self.used.saturating_mul(2) >= self.calls {
            let most = if is_fast { MOST_CALLS } else { STEADY_CALLS.max(self.calls) };
            self.calls = self.calls.saturating_mul(2).clamp(1, most);
        } else if !is_fast {
            self.calls /= 2;
            // An expensive call of long ago is forgotten.
            self.largest = self.largest.midpoint(self.mean);
        }
        self.used = 0;
        self.resized = now;
    }
}

#[cfg(test)]
mod tests {
    use super::{Monotonic, Slice};

    const MILLISECOND: u64 = 1_000_000;

    /// Returns the share of requests among 10,000 calls that come at this interval, each costing 10.
    fn requests_per_thousand(interval: u64) -> u64 {
        let (mut slice, mut free, mut requests) = (Slice::default(), 0_u64, 0_u64);
        for call in 0..10_000 {
            let now = Monotonic(call * interval);
            slice.reserved(10);
            if free < 10 || slice.is_low(free) {
                slice.resize(now);
                requests += 1;
                free = free.max(slice.target() + 10);
            }
            free -= 10;
            slice.spent(10);
        }
        requests / 10
    }

    #[test]
    fn steady_calls_ask_for_one_in_thirty_and_fast_ones_for_fewer() {
        assert!(requests_per_thousand(100 * MILLISECOND) <= 35);
        assert!(requests_per_thousand(MILLISECOND) <= 15);
    }

    #[test]
    fn slices_shrink_when_calls_become_rare() {
        let mut slice = Slice::default();
        for n in 0..1_000 {
            slice.reserved(10);
            if n % 32 == 0 {
                slice.resize(Monotonic(n * MILLISECOND));
            }
        }
        let busy = slice.target();
        for n in 1..20 {
            slice.resize(Monotonic(n * 10_000 * MILLISECOND));
        }
        assert!(busy >= 320 && slice.target() == 0, "{busy}");
    }
}
