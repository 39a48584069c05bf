//! The largest of very many, in little memory: a space-saving sketch (Metwally, Agrawal, El Abbadi 2005).

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// The number of tenants that the sketch counts. Each of the others is below a 512th of the sum.
const COUNTERS: usize = 512;

/// Counts the weights of the largest of any number of tenants, known by hashes.
///
/// A new tenant takes over the smallest counter. So no counter is too small, and each is too large by at most the smallest, which is at
/// most the sum of all weights divided by the number of counters.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// A heap: the smallest first.
    counters: Vec<Counter>,
    /// The places in the heap.
    places: HashMap<u64, u32, RandomState>,
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    hash: u64,
    weight: u64,
}

impl Sketch {
    /// Adds to a tenant, and returns its weight.
    pub(super) fn add(&mut self, hash: u64, weight: u64) -> u64 {
        let place = match self.places.get(&hash) {
            Some(place) => *place as usize,
            None if self.counters.len() < COUNTERS => {
                self.counters.push(Counter { hash, weight: 0 });
                self.rise(self.counters.len() - 1)
            }
            None => {
                if let Some(smallest) = self.counters.first_mut() {
                    self.places.remove(&smallest.hash);
                    smallest.hash = hash;
                }
                0
            }
        };
        let Some(counter) = self.counters.get_mut(place) else { return 0 };
        counter.weight = counter.weight.saturating_add(weight);
        let sum = counter.weight;
        self.sink(place);
        sum
    }

    /// Returns the hashes and the weights of the largest, the largest first.
    pub(super) fn largest(&self, n: usize) -> Vec<(u64, u64)> {
        let mut all: Vec<_> = self.counters.iter().map(|counter| (counter.hash, counter.weight)).collect();
        all.sort_unstable_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        all.truncate(n);
        all
    }

    /// Returns the most by which a weight may be too large.
    pub(super) fn error(&self) -> u64 {
        let smallest = self.counters.first().filter(|_| self.counters.len() == COUNTERS);
        smallest.map_or(0, |counter| counter.weight)
    }

    /// Halves all weights, so that the past counts less than the present.
    pub(super) fn halve(&mut self) {
        self.counters.iter_mut().for_each(|counter| counter.weight /= 2);
    }

    fn weight(&self, place: usize) -> u64 {
        self.counters.get(place).map_or(u64::MAX, |counter| counter.weight)
    }

    /// Moves a counter up while the one above it is larger, and returns its place.
    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 && self.weight((place - 1) / 2) > self.weight(place) {
            self.counters.swap(place, (place - 1) / 2);
            self.note(place);
            place = (place - 1) / 2;
        }
        self.note(place);
        place
    }

    /// Moves a counter down while one below it is smaller.
    fn sink(&mut self, mut place: usize) {
        loop {
            let below =
                [2 * place + 1, 2 * place + 2].into_iter().min_by_key(|below| self.weight(*below)).unwrap_or(place);
            if self.weight(below) >= self.weight(place) {
                return self.note(place);
            }
            self.counters.swap(place, below);
            self.note(place);
            place = below;
        }
    }

    fn note(&mut self, place: usize) {
        if let Some(counter) = self.counters.get(place) {
            self.places.insert(counter.hash, place as u32);
        }
    }

    /// Returns the bytes that it takes on the heap.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        // The table has a byte of its own for each place, and is at most seven eighths full.
        let table = (self.places.capacity() * 8 / 7).next_power_of_two() * (size_of::<(u64, u32)>() + 1);
        self.counters.capacity() * size_of::<Counter>() + table
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::{COUNTERS, Sketch};

    proptest! {
        #[test]
        fn no_weight_is_too_small_and_none_too_large_by_more_than_the_error(
            tenants in proptest::collection::vec((0_u64..2_000, 1_u64..100), 1..6_000),
        ) {
            let (mut sketch, mut exact, mut sum) = (Sketch::default(), HashMap::new(), 0);
            for (tenant, weight) in tenants {
                *exact.entry(tenant).or_insert(0) += weight;
                sum += weight;
                let found = sketch.add(tenant, weight);
                prop_assert!(found >= exact[&tenant]);
            }
            prop_assert!(sketch.error() <= sum / COUNTERS as u64);
            for (tenant, weight) in sketch.largest(COUNTERS) {
                prop_assert!((exact[&tenant]..=exact[&tenant] + sketch.error()).contains(&weight));
            }
            // All that are larger than the error are there.
            let kept: Vec<_> = sketch.largest(COUNTERS).into_iter().map(|(tenant, _)| tenant).collect();
            prop_assert!(exact.iter().all(|(tenant, weight)| *weight <= sketch.error() || kept.contains(tenant)));
        }
    }

    #[test]
    fn the_largest_of_a_million_are_found_in_little_memory() {
        let mut sketch = Sketch::default();
        for n in 0..1_000_000_u64 {
            sketch.add(1_000 + n, 1);
            // Twenty tenants have a hundredth of the calls each.
            if n % 100 < 20 {
                sketch.add(n % 100, 1);
            }
        }
        let mut largest: Vec<_> = sketch.largest(20).into_iter().map(|(tenant, _)| tenant).collect();
        largest.sort_unstable();
        assert_eq!(largest, (0..20).collect::<Vec<_>>());
        assert!(sketch.bytes() <= 44 * 1_024, "{}", sketch.bytes());
    }

    #[test]
    fn the_past_counts_less() {
        let mut sketch = Sketch::default();
        sketch.add(1, 1_000);
        for _ in 0..3 {
            sketch.halve();
        }
        sketch.add(2, 200);
        assert_eq!(sketch.largest(9), [(2, 200), (1, 125)]);
    }
}
