//! Percentiles of durations, in bounded memory and with a relative error of at most 1.6 %.

use std::sync::OnceLock;

use super::lanes::Lanes;

/// Counts durations in buckets narrow enough to read percentiles from.
///
/// Each power of two is split into 32 equal buckets, so a bucket is at most 1/32 wide relative to its lower end, and
/// its middle is at most 1/64 away from any duration in it. Below 32 ns every nanosecond has its own bucket; beyond
/// 2.4 hours all durations share the last one. A lane has memory for the powers of two that its calls took.
pub(crate) struct Sketch(OnceLock<Lanes>);

const PRECISION_BITS: u32 = 5;
const SPLIT: u64 = 1 << PRECISION_BITS;
const LONGEST_BITS: u32 = 43;
const WIDTH: usize = ((LONGEST_BITS - PRECISION_BITS + 1) as usize) << PRECISION_BITS;

impl Sketch {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    #[inline]
    pub(crate) fn observe(&self, nanoseconds: u64) {
        self.0.get_or_init(|| Lanes::new(WIDTH)).add(bucket(nanoseconds), 1);
    }

    /// Returns the durations at the given ranks, from 0 to 1, in seconds; zero without observations.
    pub(crate) fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let Some(lanes) = self.0.get() else { return [0.0; N] };
        let counts = lanes.sums(0..WIDTH);
        let total: u64 = counts.iter().sum();
        shares.map(|share| quantile(&counts, total, share))
    }
}

/// Returns the nearest-rank quantile: the middle of the bucket of the observation with that rank.
fn quantile(counts: &[u64], total: u64, share: f64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    let rank = ((share * total as f64).ceil() as u64).clamp(1, total);
    let mut seen = 0;
    let position = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    position.map_or(0.0, |column| middle(column) / 1e9)
}

fn bucket(nanoseconds: u64) -> usize {
    let clamped = nanoseconds.min((1 << LONGEST_BITS) - 1);
    if clamped < SPLIT {
        return clamped as usize;
    }
    let octave = clamped.ilog2() - PRECISION_BITS;
    ((u64::from(octave) << PRECISION_BITS) + (clamped >> octave)) as usize
}

fn middle(column: usize) -> f64 {
    let column = column as u64;
    if column < 2 * SPLIT {
        return column as f64;
    }
    let octave = (column >> PRECISION_BITS) - 1;
    let low = (column - (octave << PRECISION_BITS)) << octave;
    low as f64 + (1_u64 << octave) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_BITS, Sketch, WIDTH, bucket, middle};
    use proptest::prelude::*;

    #[test]
    fn percentiles_of_the_numbers_to_a_thousand_milliseconds() {
        let sketch = Sketch::new();
        (1..=1_000).for_each(|n| sketch.observe(n * 1_000_000));
        let [p50, p90, p99] = sketch.quantiles([0.5, 0.9, 0.99]);
        for (have, want) in [(p50, 0.5), (p90, 0.9), (p99, 0.99)] {
            assert!((have - want).abs() / want <= 0.0157, "{have} is too far from {want}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_s_middle_is_within_1_6_percent(nanoseconds in 1_u64..1 << LONGEST_BITS) {
            let column = bucket(nanoseconds);
            prop_assert!(column < WIDTH);
            let exact = nanoseconds as f64;
            prop_assert!((middle(column) - exact).abs() / exact <= 1.0 / 64.0);
        }
    }
}
