//! Exponential buckets: which one an observation falls into, and where each one ends.

/// Buckets whose upper bounds are the powers of 2<sup>1/64</sup> in the unit of a metric.
///
/// They are those of OpenTelemetry's exponential histograms at scale 6, and of Prometheus' native histograms at schema 6: each is
/// 1.1 % wide, and a bound belongs to the bucket below it. Observations are whole numbers of a part of the unit, such as
/// nanoseconds; beyond 2^50 parts (13 days in nanoseconds) all of them share the last bucket.
#[derive(Debug, PartialEq)]
pub(crate) struct Grid {
    /// The 64 bounds between two powers of two of the part, shifted so that their highest bit is the highest of the word.
    bounds: [u64; PER_OCTAVE],
    /// The number of these bounds that lie below each 64th of the range, to begin a search there.
    below: [u8; PER_OCTAVE],
    /// The column of the bucket whose upper bound is the unit.
    unit: i32,
}

/// The scale of OpenTelemetry's exponential histograms, and the schema of Prometheus' native ones: a power of two has 2^6 buckets.
#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) const SCALE: i32 = 6;

const PER_OCTAVE: usize = 64;
const LONGEST_BITS: u32 = 50;
const HIGHEST_BIT: u128 = 1 << 63;

/// The number of columns: that of zero, then those of the buckets.
pub(super) const COLUMNS: usize = 2 + LONGEST_BITS as usize * PER_OCTAVE;

/// Observations in nanoseconds or nano-dollars, for metrics in seconds or dollars.
pub(crate) static OF_NANOS: Grid = Grid::new(1_000_000_000);

/// Observations in the unit of the metric itself, such as tokens.
pub(crate) static OF_ONES: Grid = Grid::new(1);

impl Grid {
    /// Computes the bounds for a unit of this many parts, without floating point: they are constants of the program.
    #[expect(clippy::indexing_slicing, reason = "an index out of range does not compile in a constant")]
    const fn new(parts: u64) -> Self {
        // 2^(1/64), by six square roots of 2.
        let mut root = 2 * HIGHEST_BIT;
        let mut n = 0;
        while n < 6 {
            root = (root << 63).isqrt();
            n += 1;
        }
        // The powers from the unit on; those beyond its power of two begin the range of the next one, and so stand first.
        let mut powers = [0; PER_OCTAVE];
        let mut power = (parts as u128) << parts.leading_zeros();
        let mut in_octave = 0;
        n = 0;
        while n < PER_OCTAVE {
            powers[n] = if power < 2 * HIGHEST_BIT { power as u64 } else { (power >> 1) as u64 };
            in_octave += (power < 2 * HIGHEST_BIT) as usize;
            power = (power * root) >> 63;
            n += 1;
        }
        let mut bounds = [0; PER_OCTAVE];
        n = 0;
        while n < PER_OCTAVE {
            bounds[n] = powers[(n + in_octave) % PER_OCTAVE];
            n += 1;
        }
        let mut below = [0; PER_OCTAVE];
        n = 0;
        while n < PER_OCTAVE * PER_OCTAVE {
            let (step, bound) = (n / PER_OCTAVE, n % PER_OCTAVE);
            below[step] += ((bounds[bound] as u128) < HIGHEST_BIT + ((step as u128) << 57)) as u8;
            n += 1;
        }
        let octave = parts.ilog2() as usize;
        let unit = (1 + octave * PER_OCTAVE + PER_OCTAVE - in_octave) as i32;
        Self { bounds, below, unit }
    }

    /// Returns the column of an observation, below [`COLUMNS`].
    #[inline]
    pub(super) fn column(&self, n: u64) -> usize {
        if n == 0 {
            return 0;
        }
        let n = n.min((1 << LONGEST_BITS) - 1);
        let octave = n.ilog2() as usize;
        let shifted = n << n.leading_zeros();
        let mut bound =
            usize::from(self.below.get((shifted >> 57) as usize & (PER_OCTAVE - 1)).copied().unwrap_or_default());
        while self.bounds.get(bound).is_some_and(|&bound| bound < shifted) {
            bound += 1;
        }
        1 + octave * PER_OCTAVE + bound
    }

    /// Returns the number of a bucket: its upper bound is the unit times 2^(number / 64).
    pub(super) fn power(&self, column: usize) -> i32 {
        column as i32 - self.unit
    }

    /// Returns the middle of a bucket in units; no observation in it is further away than 0.6 %.
    pub(super) fn middle(&self, column: usize) -> f64 {
        if column == 0 { 0.0 } else { middle(self.power(column)) }
    }
}

/// Returns the middle of the bucket with this number, in units.
pub(crate) fn middle(power: i32) -> f64 {
    ((f64::from(power) - 0.5) / PER_OCTAVE as f64).exp2()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{COLUMNS, Grid, LONGEST_BITS, OF_NANOS, OF_ONES};

    fn check(grid: &Grid, parts: f64, n: u64) {
        let column = grid.column(n);
        assert!(column < COLUMNS);
        let power = f64::from(grid.power(column));
        let exact = (n as f64 / parts).log2() * 64.0;
        // The logarithm is rounded, the bounds are not.
        assert!((power - 1.0 - 1e-9..=power + 1e-9).contains(&exact), "{n}: 2^({exact}/64) in bucket {power}");
        let middle = grid.middle(column) * parts;
        assert!((middle - n as f64).abs() / n as f64 <= 0.006, "{n}: {middle}");
    }

    #[test]
    fn the_unit_and_its_powers_of_two_are_upper_bounds() {
        for exponent in 0..13 {
            let n = 1_000_000_000_u64 << exponent;
            let [at, above] = [n, n + 1].map(|n| OF_NANOS.power(OF_NANOS.column(n)));
            assert_eq!((at, above), (64 * exponent, 64 * exponent + 1));
        }
        for exponent in 0..LONGEST_BITS {
            let [at, above] = [0, 1].map(|more| OF_ONES.power(OF_ONES.column((1 << exponent) + more)));
            assert_eq!(at, 64 * exponent as i32);
            assert!(above > at);
        }
        assert_eq!(OF_NANOS.column(0), 0);
        assert_eq!(OF_NANOS.column(u64::MAX), OF_NANOS.column((1 << LONGEST_BITS) - 1));
    }

    #[test]
    fn every_small_number_has_its_bucket() {
        for n in 1..100_000 {
            check(&OF_NANOS, 1e9, n);
            check(&OF_ONES, 1.0, n);
        }
    }

    proptest! {
        #[test]
        fn a_number_lies_in_its_bucket(bits in 0..LONGEST_BITS, rest in any::<u64>()) {
            let n = 1 << bits | rest & ((1 << bits) - 1);
            check(&OF_NANOS, 1e9, n);
            check(&OF_ONES, 1.0, n);
        }
    }
}
