//! The places of a label's series: which tenant has which, and since when one left the top.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use foldhash::quality::RandomState;

use super::sketch::Sketch;
use crate::clock::{Monotonic, nanoseconds};

/// The start of a label's value that stands for a place. No text of a program has it, since control characters are replaced.
pub(crate) const SLOT: &str = "\u{1}";

/// How long a tenant that left the top keeps its series.
const AGE: Duration = Duration::from_secs(3_600);

/// The time in which the weights of the past halve.
const HALF_LIFE: Duration = Duration::from_secs(3_600);

/// The most calls that wait to be weighed while another thread ranks.
const WAITING: usize = 128;

/// The number of places for each tenant that may be at the top. Half of them may have a tenant at a time: those at the top, and as many
/// that have left it; so a place waits for its last calls without another tenant waiting for it.
const PLACES_PER_TENANT: usize = 4;

/// The places of one label.
pub(super) struct Places {
    size: usize,
    /// The hash of the tenant that has each place; 0 if it is free. Read without a lock.
    tenants: Box<[AtomicU64]>,
    /// The value by which a series knows each place.
    values: Box<[&'static str]>,
    ranking: Mutex<Ranking>,
    /// The hashes and weights of calls that found the ranking locked.
    waiting: ArrayQueue<(u64, u64)>,
    /// The weight of the calls that found no room there.
    missed: AtomicU64,
    /// Random: names may come from input, which must not choose the hashes.
    hasher: RandomState,
}

#[derive(Default)]
struct Ranking {
    sketch: Sketch,
    holders: Vec<Holder>,
    /// The weight from which on a tenant is at the top, once the places are ranked.
    least: Option<u64>,
    halved: Option<Monotonic>,
}

/// The tenant of a place.
#[derive(Clone, Default)]
struct Holder {
    name: Option<Arc<str>>,
    left: Option<Monotonic>,
    /// The number of tenants that had the place before.
    generation: u64,
    /// The round in which the place was taken from its tenant, until no call that began there runs any more.
    draining: Option<u64>,
}

/// The tenant of a place at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlaceReading {
    /// The tenant's name; `None` if the place is free.
    pub(crate) name: Option<Arc<str>>,
    /// The number of tenants that had the place before: what they counted is not this tenant's.
    pub(crate) generation: u64,
}

impl Places {
    pub(super) fn new(size: usize, value: impl Fn(usize) -> &'static str) -> Self {
        let ranking = Ranking { holders: vec![Holder::default(); PLACES_PER_TENANT * size], ..Ranking::default() };
        Self {
            size,
            tenants: (0..PLACES_PER_TENANT * size).map(|_| AtomicU64::new(0)).collect(),
            values: (0..PLACES_PER_TENANT * size).map(value).collect(),
            ranking: Mutex::new(ranking),
            waiting: ArrayQueue::new(WAITING),
            missed: AtomicU64::new(0),
            hasher: RandomState::default(),
        }
    }

    /// Weighs a call, and returns the value of its tenant's place, if it has one.
    pub(super) fn value(&self, tenant: &str, weight: u64) -> Option<&'static str> {
        let hash = self.hasher.hash_one(tenant).max(1);
        // A scrape may hold the ranking: no call waits for it.
        let mut ranking = match self.ranking.try_lock() {
            Ok(ranking) => ranking,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                if self.waiting.push((hash, weight)).is_err() {
                    self.missed.fetch_add(weight, Ordering::Relaxed);
                }
                return self.values.get(self.place(hash)?).copied();
            }
        };
        self.weigh_waiting(&mut ranking);
        let sum = ranking.sketch.add(hash, weight);
        // The place that was read may have been freed before the lock was taken.
        let place = self.place(hash).or_else(|| self.take_place(&mut ranking, hash, sum, tenant))?;
        self.values.get(place).copied()
    }

    fn place(&self, hash: u64) -> Option<usize> {
        self.tenants.iter().position(|tenant| tenant.load(Ordering::Acquire) == hash)
    }

    /// Gives a tenant a free place, if it is at the top.
    fn take_place(&self, ranking: &mut Ranking, hash: u64, sum: u64, tenant: &str) -> Option<usize> {
        let at_top = ranking.holders.iter().filter(|holder| holder.name.is_some() && holder.left.is_none()).count();
        let is_top = at_top < self.size || ranking.least.is_some_and(|least| sum > least);
        let has_room = ranking.holders.iter().filter(|holder| holder.name.is_some()).count() < 2 * self.size;
        let is_free = |holder: &Holder| holder.name.is_none() && holder.draining.is_none();
        let free = ranking.holders.iter().position(is_free).filter(|_| is_top && has_room)?;
        if let (Some(holder), Some(place)) = (ranking.holders.get_mut(free), self.tenants.get(free)) {
            holder.name = Some(tenant.into());
            place.store(hash, Ordering::Release);
        }
        Some(free)
    }

    fn weigh_waiting(&self, ranking: &mut Ranking) {
        while let Some((hash, weight)) = self.waiting.pop() {
            ranking.sketch.add(hash, weight);
        }
    }

    /// Ranks the tenants anew, and takes the places of those that left the top long ago. `round` numbers the rankings.
    pub(super) fn rank(&self, now: Monotonic, round: u64) {
        let mut ranking = self.ranking.lock().unwrap_or_else(PoisonError::into_inner);
        self.weigh_waiting(&mut ranking);
        self.halve(&mut ranking, now);
        let top = ranking.sketch.largest(self.size);
        ranking.least = top.get(self.size - 1).map(|(_, weight)| *weight);
        for (holder, tenant) in ranking.holders.iter_mut().zip(&self.tenants) {
            let hash = tenant.load(Ordering::Acquire);
            if hash == 0 || top.iter().any(|(of_top, _)| *of_top == hash) {
                holder.left = None;
                continue;
            }
            // Recordings of tests rank by clocks of their own, which may be behind the one that ranked before.
            let left = holder.left.map_or(now, |left| left.min(now));
            holder.left = Some(left);
            if now.since(left) >= AGE {
                tenant.store(0, Ordering::Release);
                let generation = holder.generation + 1;
                *holder = Holder { generation, draining: Some(round), ..Holder::default() };
            }
        }
    }

    /// Gives back the places that were taken up to a round and in whose series no call runs, which were all read since.
    pub(super) fn free_drained(&self, round: u64, is_running: impl Fn(&str) -> bool) {
        let is_over = |holder: &Holder| holder.draining.is_some_and(|taken| taken <= round);
        let lock = || self.ranking.lock().unwrap_or_else(PoisonError::into_inner);
        let draining: Vec<_> = lock().holders.iter().map(is_over).collect();
        // Whoever reads series holds their lock when asking for a place: none is held here while `is_running` locks them.
        let drained = draining.into_iter().zip(&self.values).map(|(is_over, value)| is_over && !is_running(value));
        let drained: Vec<_> = drained.collect();
        if drained.contains(&true) {
            for (holder, _) in lock().holders.iter_mut().zip(drained).filter(|(_, is_drained)| *is_drained) {
                holder.draining = None;
            }
        }
    }

    /// Halves the weights of the past for each half-life that went by, also if nothing ranked meanwhile.
    fn halve(&self, ranking: &mut Ranking, now: Monotonic) {
        let halved = *ranking.halved.get_or_insert(now);
        let half_life = nanoseconds(HALF_LIFE);
        let times = nanoseconds(now.since(halved)) / half_life;
        // After so many no weight is left.
        for _ in 0..times.min(u64::from(u64::BITS)) {
            ranking.sketch.halve();
        }
        let missed =
            |missed: u64| Some(u32::try_from(times).ok().and_then(|times| missed.checked_shr(times)).unwrap_or(0));
        // The closure always returns a value.
        _ = self.missed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, missed);
        ranking.halved = Some(Monotonic(halved.0 + times * half_life));
    }

    pub(super) fn read(&self, place: usize) -> Option<PlaceReading> {
        let ranking = self.ranking.lock().unwrap_or_else(PoisonError::into_inner);
        let Holder { name, generation, .. } = ranking.holders.get(place)?.clone();
        Some(PlaceReading { name, generation })
    }

    /// Returns the name of a place's tenant; `None` if it is free, and while another thread has the ranking, which nobody waits for.
    pub(super) fn name_unless_ranked(&self, place: usize) -> Option<Arc<str>> {
        self.ranking.try_lock().ok()?.holders.get(place)?.name.clone()
    }

    /// Returns the most by which a weight may be wrong.
    pub(super) fn error(&self) -> u64 {
        let ranking = self.ranking.lock().unwrap_or_else(PoisonError::into_inner);
        ranking.sketch.error().saturating_add(self.missed.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::{AGE, Places, WAITING};
    use crate::clock::{Monotonic, nanoseconds};
    use crate::text::LONGEST_LABEL;

    const VALUES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

    fn places() -> Places {
        Places::new(2, |place| VALUES[place])
    }

    fn at(hours: f64) -> Monotonic {
        Monotonic((nanoseconds(AGE) as f64 * hours) as u64)
    }

    fn names(places: &Places) -> Vec<String> {
        let name =
            |place| places.read(place).and_then(|reading| reading.name).map_or("-".to_owned(), |name| name.to_string());
        (0..4).map(name).collect()
    }

    #[test]
    fn the_first_have_places_at_once_and_later_ones_when_they_outgrow_them() {
        let places = places();
        assert_eq!([places.value("a", 1), places.value("b", 1), places.value("c", 1)], [Some("0"), Some("1"), None]);
        places.rank(at(0.0), 0);
        assert_eq!(places.value("c", 1), Some("2"), "it has two of four calls");
        assert_eq!(places.value("b", 1), Some("1"));
        places.rank(at(0.1), 0);
        assert_eq!(names(&places), ["a", "b", "c", "-"]);
    }

    #[test]
    fn an_hour_is_one_of_the_clock_that_is_behind() {
        let places = places();
        places.value("a", 1);
        places.value("b", 10);
        places.value("c", 10);
        // A recording whose clock is ahead.
        places.rank(at(5.0), 0);
        places.value("c", 10);
        places.rank(at(5.0), 0);
        assert_eq!(names(&places), ["a", "b", "c", "-"]);
        places.rank(at(0.0), 0);
        places.rank(at(1.0), 0);
        assert_eq!(names(&places), ["-", "b", "c", "-"]);
    }

    #[test]
    fn a_tenant_that_left_the_top_keeps_its_place_for_an_hour() {
        let places = places();
        places.value("a", 1);
        places.value("b", 10);
        places.rank(at(0.0), 0);
        places.value("c", 10);
        places.rank(at(0.5), 0);
        assert_eq!(places.value("a", 1), Some("0"), "it is out of the top");
        places.rank(at(1.4), 0);
        assert_eq!(names(&places), ["a", "b", "c", "-"]);
        assert_eq!(places.read(0).map(|reading| reading.generation), Some(0));
        places.rank(at(1.6), 0);
        assert_eq!(names(&places), ["-", "b", "c", "-"]);
        assert_eq!(places.read(0).map(|reading| reading.generation), Some(1));
        assert_eq!(places.value("a", 1), None);
        assert_eq!(places.value("a", 100), Some("3"), "it came back, and is new there");
    }

    #[test]
    fn a_place_has_no_other_tenant_until_the_calls_of_its_own_have_ended() {
        let places = places();
        for (tenant, weight) in [("a", 1), ("b", 10), ("c", 10)] {
            places.rank(at(0.0), 0);
            places.value(tenant, weight);
        }
        places.rank(at(0.1), 1);
        places.rank(at(1.2), 2);
        assert_eq!(names(&places), ["-", "b", "c", "-"]);
        places.free_drained(1, |_| false);
        assert_eq!(places.value("d", 100), Some("3"), "the series was not read since its place was taken");
        places.free_drained(2, |value| value == "0");
        assert_eq!(places.value("e", 100), Some("4"), "a call still runs there");
        places.free_drained(2, |_| false);
        assert_eq!(places.value("f", 1_000), None, "twice as many as may be at the top have places");
        places.rank(at(1.3), 3);
        places.rank(at(2.4), 4);
        places.free_drained(4, |_| false);
        assert_eq!(places.value("f", 1_000), Some("0"));
    }

    #[test]
    fn a_tenant_that_comes_back_in_time_keeps_its_place() {
        let places = places();
        for (tenant, weight) in [("a", 1), ("b", 10), ("c", 10)] {
            places.rank(at(0.0), 0);
            places.value(tenant, weight);
        }
        places.rank(at(0.2), 0);
        places.value("a", 100);
        places.rank(at(0.4), 0);
        places.rank(at(3.0), 0);
        assert_eq!(names(&places)[0], "a");
    }

    #[test]
    fn calls_that_meet_a_ranking_are_weighed_later_or_counted_as_an_error() {
        let places = places();
        places.value("a", 1);
        {
            let _ranking = places.ranking.lock().expect("nothing panics");
            (0..WAITING).for_each(|_| assert_eq!(places.value("b", 1), None));
            assert_eq!(places.value("a", 7), Some("0"), "it has its place all the same");
        }
        assert_eq!(places.error(), 7);
        places.value("b", 1);
        let ranking = places.ranking.lock().expect("nothing panics");
        assert_eq!(ranking.sketch.largest(1)[0].1, WAITING as u64 + 1);
    }

    #[test]
    fn weights_and_the_error_halve_once_for_each_hour_that_went_by() {
        let places = places();
        places.rank(at(0.0), 0);
        places.value("a", 64);
        {
            let _ranking = places.ranking.lock().expect("nothing panics");
            (0..WAITING).for_each(|_| assert_eq!(places.value("b", 1), None));
            places.value("a", 64);
        }
        let of = |hours| {
            places.rank(at(hours), 0);
            let largest = places.ranking.lock().expect("nothing panics").sketch.largest(2);
            (largest.into_iter().map(|(_, weight)| weight).collect::<Vec<_>>(), places.error())
        };
        assert_eq!(of(0.9), (vec![128, 64], 64));
        assert_eq!(of(1.5), (vec![64, 32], 32));
        assert_eq!(of(2.1), (vec![32, 16], 16), "an hour counts from when the one before was over");
        assert_eq!(of(5.0), (vec![4, 2], 2), "three hours at once");
        assert_eq!(of(500.0), (vec![0, 0], 0));
    }

    #[test]
    fn all_of_it_stays_below_64_kib_for_a_million_tenants() {
        let places = Places::new(super::super::MOST, |_| "");
        // Only names of tenants that have a place are kept.
        (0..100).for_each(|n| _ = places.value(&format!("{n:0>LONGEST_LABEL$}"), 1_000_000));
        (0..1_000_000).for_each(|n| _ = places.value(&n.to_string(), 1));
        let ranking = places.ranking.lock().expect("nothing panics");
        let names: usize =
            ranking.holders.iter().filter_map(|holder| holder.name.as_ref()).map(|name| name.len() + 16).sum();
        let per_place = size_of::<super::Holder>() + size_of::<&str>() + size_of::<u64>();
        let waiting = WAITING * 3 * size_of::<u64>();
        let bytes = ranking.sketch.bytes() + names + ranking.holders.len() * per_place + waiting + size_of::<Places>();
        assert!(bytes <= 64 * 1_024, "{bytes}");
    }
}
