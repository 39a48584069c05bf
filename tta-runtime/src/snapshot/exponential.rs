//! An exponential histogram at one moment, in the unit of its metric.

use std::collections::BTreeMap;

use crate::metric::ExponentialCounts;
use crate::schema::Unit;

/// The observations of a histogram in exponential buckets, which are 2<sup>1/64</sup> wide.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exponential {
    zero: u64,
    /// The count of each bucket with observations; its upper bound is 2^(key / 64).
    buckets: BTreeMap<i32, u64>,
    sum: f64,
}

impl Exponential {
    /// Makes the histogram of counts, which count in the smallest part of the unit.
    pub(super) fn of(counts: ExponentialCounts, unit: Unit) -> Self {
        let ExponentialCounts { zero, buckets, sum } = counts;
        Self { zero, buckets: buckets.into_iter().collect(), sum: sum as f64 / unit.scale() }
    }

    /// Adds another histogram.
    pub(super) fn add(&mut self, other: Self) {
        self.zero += other.zero;
        self.sum += other.sum;
        for (power, n) in other.buckets {
            *self.buckets.entry(power).or_default() += n;
        }
    }

    /// Converts seconds to milliseconds, with a sum that is converted already.
    ///
    /// A factor of 1,000 moves a bucket by 637.8 buckets, and so by 638: the bounds are 0.2 % higher than what they bound.
    pub(super) fn in_milliseconds(&self, sum: f64) -> Self {
        let buckets = self.buckets.iter().map(|(power, n)| (power + THOUSAND, *n)).collect();
        Self { zero: self.zero, buckets, sum }
    }
}

/// 1,000 is 2^(637.8 / 64).
const THOUSAND: i32 = 638;

#[cfg(any(feature = "exporter", feature = "otlp"))]
impl Exponential {
    pub(crate) fn count(&self) -> u64 {
        self.zero + self.buckets.values().sum::<u64>()
    }

    /// Returns the number of observations of 0.
    pub(crate) fn zero(&self) -> u64 {
        self.zero
    }
}

#[cfg(feature = "exporter")]
impl Exponential {
    /// Iterates over the buckets with observations by rising bounds: the upper bound is 2^(power / 64).
    pub(crate) fn powers(&self) -> impl Iterator<Item = (i32, u64)> {
        self.buckets.iter().map(|(power, n)| (*power, *n))
    }
}

#[cfg(feature = "otlp")]
impl Exponential {
    /// Returns what was added since an earlier reading, `None` if the histogram began anew.
    pub(super) fn since(&self, earlier: &Self) -> Option<Self> {
        let mut buckets = self.buckets.clone();
        for (power, n) in &earlier.buckets {
            let count = buckets.get_mut(power)?;
            *count = count.checked_sub(*n)?;
        }
        buckets.retain(|_, n| *n > 0);
        Some(Self { zero: self.zero.checked_sub(earlier.zero)?, buckets, sum: self.sum - earlier.sum })
    }

    pub(crate) fn sum(&self) -> f64 {
        self.sum
    }

    /// Returns the buckets by OpenTelemetry's index, which is that of the lower bound, at the finest scale at which they span
    /// at most `most` of them.
    pub(crate) fn buckets(&self, most: usize) -> (i32, BTreeMap<i32, u64>) {
        let (mut scale, mut buckets) = (crate::metric::grid::SCALE, BTreeMap::new());
        for (power, n) in &self.buckets {
            buckets.insert(power - 1, *n);
        }
        let span = |buckets: &BTreeMap<i32, u64>| {
            let ends = buckets.first_key_value().zip(buckets.last_key_value());
            ends.map_or(0, |((first, _), (last, _))| last.abs_diff(*first) as usize + 1)
        };
        while span(&buckets) > most {
            let mut halved = BTreeMap::new();
            for (index, n) in buckets {
                *halved.entry(index >> 1).or_default() += n;
            }
            (scale, buckets) = (scale - 1, halved);
        }
        (scale, buckets)
    }
}

#[cfg(all(test, feature = "otlp"))]
mod tests {
    use std::collections::BTreeMap;

    use super::Exponential;

    fn exponential(zero: u64, buckets: &[(i32, u64)], sum: f64) -> Exponential {
        Exponential { zero, buckets: buckets.iter().copied().collect(), sum }
    }

    #[test]
    fn what_was_added_is_the_difference_unless_it_began_anew() {
        let earlier = exponential(1, &[(-3, 2), (7, 1)], 2.0);
        let mut now = earlier.clone();
        let added = exponential(2, &[(7, 5), (8, 1)], 4.5);
        now.add(added.clone());
        assert_eq!(now.count(), 12);
        assert_eq!(now.since(&earlier), Some(added));
        assert_eq!(earlier.since(&now), None);
        assert_eq!(exponential(1, &[(7, 1)], 1.0).since(&earlier), None);
    }

    #[test]
    fn too_many_buckets_are_joined_in_pairs() {
        let buckets = exponential(0, &[(-1, 1), (0, 2), (1, 4), (32, 8), (33, 16)], 1.0);
        let of = |pairs: &[(i32, u64)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
        assert_eq!(buckets.buckets(35), (6, of(&[(-2, 1), (-1, 2), (0, 4), (31, 8), (32, 16)])));
        assert_eq!(buckets.buckets(34), (5, of(&[(-1, 3), (0, 4), (15, 8), (16, 16)])));
        // Down to 1, a pair may still lie across zero.
        assert_eq!(buckets.buckets(2), (0, of(&[(-1, 3), (0, 28)])));
    }

    #[test]
    fn a_second_lies_in_the_bucket_of_a_thousand_milliseconds() {
        let second = exponential(0, &[(0, 1)], 1.0).in_milliseconds(1_000.0);
        let bound = (f64::from(*second.buckets.keys().next().unwrap()) / 64.0).exp2();
        assert!((1_000.0..1_002.1).contains(&bound), "{bound}");
    }
}
