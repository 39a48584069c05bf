//! Durations by bucket, which percentiles of a span of time are read from.

use crate::metric::{ExponentialCounts, grid};

/// The counts of exponential buckets that have observations, by rising bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spread {
    zero: u64,
    /// Upper bounds are 2^(power / 64) seconds.
    buckets: Vec<(i32, u64)>,
}

impl From<ExponentialCounts> for Spread {
    fn from(counts: ExponentialCounts) -> Self {
        Self { zero: counts.zero, buckets: counts.buckets }
    }
}

impl Spread {
    pub(super) fn count(&self) -> u64 {
        self.zero + self.buckets.iter().map(|(_, n)| n).sum::<u64>()
    }

    /// Returns the bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<(i32, u64)>()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.zero += other.zero;
        for (power, n) in &other.buckets {
            match self.buckets.binary_search_by_key(power, |(power, _)| *power) {
                Ok(place) => self.buckets.get_mut(place).into_iter().for_each(|(_, sum)| *sum += n),
                Err(place) => self.buckets.insert(place, (*power, *n)),
            }
        }
    }

    /// Returns what was added since an earlier reading.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let before = |power: i32| {
            let place = earlier.buckets.binary_search_by_key(&power, |(power, _)| *power);
            place.ok().and_then(|place| earlier.buckets.get(place)).map_or(0, |(_, n)| *n)
        };
        let buckets = self.buckets.iter().map(|(power, n)| (*power, n.saturating_sub(before(*power))));
        Self { zero: self.zero.saturating_sub(earlier.zero), buckets: buckets.filter(|(_, n)| *n > 0).collect() }
    }

    /// Returns the observations at these ranks, from 0 to 1, in seconds; 0 without observations. They are at most 0.6 % off.
    pub(super) fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let total = self.count();
        shares.map(|share| {
            let rank = ((share * total as f64).ceil() as u64).clamp(1, total.max(1));
            let mut seen = self.zero;
            if seen >= rank {
                return 0.0;
            }
            let found = self.buckets.iter().find(|(_, n)| {
                seen += n;
                seen >= rank
            });
            found.map_or(0.0, |(power, _)| grid::middle(*power))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;
    use crate::metric::Durations;
    use crate::metric::grid::OF_NANOS;
    use crate::outcome::Outcome;

    fn of(milliseconds: impl Iterator<Item = u64>) -> Spread {
        let durations = Durations::new(&OF_NANOS);
        milliseconds.for_each(|n| durations.observe(Outcome::Success, n * 1_000_000));
        durations.read().into()
    }

    #[test]
    fn percentiles_are_those_of_the_durations_and_of_what_came_since() {
        let durations = Durations::new(&OF_NANOS);
        (1..=1_000).for_each(|n| durations.observe(Outcome::Success, n * 1_000_000));
        let all: Spread = durations.read().into();
        assert_eq!(all.quantiles([0.5, 0.95, 0.99]), durations.quantiles([0.5, 0.95, 0.99]));
        let (early, late) = (of(1..=500), of(501..=1_000));
        assert_eq!(all.since(&early), late);
        let mut sum = late;
        sum.add(&early);
        assert_eq!(sum, all);
        assert_eq!(Spread::default().quantiles([0.5]), [0.0]);
    }
}
