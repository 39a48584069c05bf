//! Random numbers that depend on a request and its number of repetitions, not on the order of requests.
//!
//! Requests of parallel branches arrive in a different order in each run; with one generator for all, no run would be reproducible.

use std::hash::Hasher;

use moka::sync::Cache;

/// The most requests whose repetitions are counted; evicted ones start at 0 again.
const MAX_REQUESTS: u64 = 10_000;

/// A seed, and the number of repetitions of each request.
#[derive(Debug)]
pub(crate) struct Seed {
    seed: u64,
    seen: Cache<u64, u64>,
}

impl Seed {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, seen: Cache::new(MAX_REQUESTS) }
    }

    /// Returns the generator for this repetition of `request`.
    pub(crate) fn draw(&self, request: &[u8]) -> fastrand::Rng {
        let fingerprint = fingerprint(request);
        let occurrence =
            self.seen.entry(fingerprint).and_upsert_with(|seen| seen.map_or(0, |seen| seen.into_value() + 1));
        let mut hasher = Fnv::default();
        for number in [self.seed, fingerprint, occurrence.into_value()] {
            hasher.write_u64(number);
        }
        fastrand::Rng::with_seed(hasher.finish())
    }
}

/// Returns a hash of `bytes` that is stable across builds, unlike that of std.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = Fnv::default();
    hasher.write(bytes);
    hasher.finish()
}

/// FNV-1a.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_other_requests_changes_nothing() {
        let one = Seed::new(7);
        let other = Seed::new(7);
        other.draw(b"something else");
        assert_eq!(one.draw(b"note").u64(..), other.draw(b"note").u64(..));
    }

    #[test]
    fn the_second_time_draws_anew() {
        let seed = Seed::new(7);
        assert_ne!(seed.draw(b"note").u64(..), seed.draw(b"note").u64(..));
    }

    #[test]
    fn the_hash_is_that_of_the_algorithm() {
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
