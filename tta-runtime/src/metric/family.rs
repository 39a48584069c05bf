//! The series of one metric: a lock-free table from label values to cells, bounded by the series limit.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use foldhash::quality::RandomState;

use super::series_limit::SeriesLimit;

/// A table from label sets to cells, which creates the cell of a new label set.
///
/// The table only gains entries, each written once. A look-up therefore takes no lock, and a scrape can walk the table while
/// calls add to it. Label values are compared whole, never by their hash alone.
///
/// It is a list of segments. Each gives a label set a few slots, and the set takes the first free one. A free slot found
/// during the search therefore proves that the set is absent, and is the slot to fill.
pub(crate) struct Family<C: 'static> {
    first: OnceLock<Segment<C>>,
    /// The number of series, without the overflow series.
    len: AtomicUsize,
    /// The series by their label values, as the latest scrape found them.
    sorted: Mutex<Vec<&'static Series<C>>>,
    /// Random: label values may come from input, which must not choose their slots.
    hasher: RandomState,
    make: Box<dyn Fn() -> C + Send + Sync>,
    overflow: OnceLock<Box<C>>,
}

struct Segment<C: 'static> {
    slots: Box<[OnceLock<Slot<C>>]>,
    next: OnceLock<Box<Self>>,
}

struct Slot<C: 'static> {
    hash: u64,
    /// Boxed: many slots are empty.
    series: Box<Series<C>>,
}

/// The cell of a label set.
pub(crate) struct Series<C> {
    pub(crate) values: Box<[Box<str>]>,
    pub(crate) cell: C,
    is_sorted: AtomicBool,
}

/// The number of slots in the first segment.
const FIRST_SLOTS: usize = 16;

/// The number of slots in a segment that a label set may take.
const PROBES: usize = 4;

impl<C: 'static> Family<C> {
    /// Creates an empty family; `make` creates the cells of its label sets.
    pub(crate) fn new(make: impl Fn() -> C + Send + Sync + 'static) -> Self {
        Self {
            first: OnceLock::new(),
            len: AtomicUsize::new(0),
            sorted: Mutex::new(Vec::new()),
            hasher: RandomState::default(),
            make: Box::new(make),
            overflow: OnceLock::new(),
        }
    }

    /// Returns the cell of a label set, or the overflow cell if the set is new and the limit is reached.
    pub(crate) fn get(&self, values: &[&str], limit: &SeriesLimit) -> &C {
        self.find(values, limit).unwrap_or_else(|| self.overflow())
    }

    /// Returns the cell of a label set; `None`, and counted, if the set is new and the limit is reached.
    #[inline]
    pub(crate) fn find(&self, values: &[&str], limit: &SeriesLimit) -> Option<&C> {
        let found = self.find_or_insert(values, || limit.take(), || limit.give_back());
        if found.is_none() {
            limit.count_overflow();
        }
        found.map(|series| &series.cell)
    }

    /// Returns the series of a label set, `None` if the set is new.
    pub(crate) fn existing(&self, values: &[&str]) -> Option<&Series<C>> {
        self.find_or_insert(values, || false, || {})
    }

    /// Returns the cell of a label set, `None` if the set is new.
    pub(crate) fn get_existing(&self, values: &[&str]) -> Option<&C> {
        self.existing(values).map(|series| &series.cell)
    }

    /// Creates the cell of a label set that the program declares, which does not count against the limit.
    pub(crate) fn declare(&self, values: &[&str]) {
        self.find_or_insert(values, || true, || {});
    }

    /// Returns the overflow cell, for label sets beyond the limit.
    pub(crate) fn overflow(&self) -> &C {
        self.overflow.get_or_init(|| Box::new((self.make)()))
    }

    /// Returns the overflow cell, `None` if the limit was never exceeded.
    pub(crate) fn overflowed(&self) -> Option<&C> {
        self.overflow.get().map(Box::as_ref)
    }

    /// Iterates over the cells of all label sets, then the overflow cell.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &C> {
        self.iter().map(|(_, cell)| cell).chain(self.overflowed())
    }

    /// Iterates over all label sets, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[Box<str>], &C)> {
        self.series().map(|series| (&*series.values, &series.cell))
    }

    /// Returns all series, sorted by their label values.
    ///
    /// Scrapes wait for each other here, calls for none of them. Only series that are new since the latest scrape are sorted in.
    pub(crate) fn sorted(&'static self) -> Vec<&'static Series<C>> {
        let mut sorted = self.sorted.lock().unwrap_or_else(PoisonError::into_inner);
        if sorted.len() != self.len.load(Ordering::Relaxed) {
            sorted.extend(self.series().filter(|series| !series.is_sorted.swap(true, Ordering::Relaxed)));
            sorted.sort_by(|one, other| one.values.cmp(&other.values));
        }
        sorted.clone()
    }

    fn series(&self) -> impl Iterator<Item = &Series<C>> {
        let segments = std::iter::successors(self.first.get(), |segment| segment.next.get().map(Box::as_ref));
        let slots = segments.flat_map(|segment| &segment.slots).filter_map(OnceLock::get);
        slots.map(|slot| &*slot.series)
    }

    /// Returns the series of a label set; if the set is new, creates it where `take` allows it. `give_back` undoes a `take`
    /// that created none.
    fn find_or_insert(&self, values: &[&str], take: impl Fn() -> bool, give_back: impl Fn()) -> Option<&Series<C>> {
        let hash = self.hash(values);
        let mut segment = self.first.get_or_init(|| Segment::new(FIRST_SLOTS));
        loop {
            for probe in 0..PROBES {
                // The number of slots is a power of two, so the masked index is in range.
                let slot = segment.slots.get((hash as usize).wrapping_add(probe) & (segment.slots.len() - 1))?;
                let found = match slot.get() {
                    Some(found) => found,
                    None if take() => {
                        let mut inserted = false;
                        let found = slot.get_or_init(|| {
                            inserted = true;
                            let values = values.iter().map(|&value| value.into()).collect();
                            Slot {
                                hash,
                                series: Box::new(Series {
                                    values,
                                    cell: (self.make)(),
                                    is_sorted: AtomicBool::new(false),
                                }),
                            }
                        });
                        if inserted {
                            self.len.fetch_add(1, Ordering::Relaxed);
                        } else {
                            // Another thread filled the slot first, perhaps with the same label set.
                            give_back();
                        }
                        found
                    }
                    None => return None,
                };
                if found.hash == hash && found.series.has_values(values) {
                    return Some(&found.series);
                }
            }
            let slots = || (4 * self.len.load(Ordering::Relaxed)).next_power_of_two().max(FIRST_SLOTS);
            segment = segment.next.get_or_init(|| Box::new(Segment::new(slots())));
        }
    }

    fn hash(&self, values: &[&str]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for value in values {
            value.hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl<C: 'static> Segment<C> {
    fn new(slots: usize) -> Self {
        Self { slots: (0..slots).map(|_| OnceLock::new()).collect(), next: OnceLock::new() }
    }
}

impl<C> Series<C> {
    pub(super) fn has_values(&self, values: &[&str]) -> bool {
        self.values.len() == values.len() && self.values.iter().zip(values).all(|(have, want)| **have == **want)
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, SeriesLimit};
    use crate::metric::Counter;

    #[test]
    fn label_sets_that_read_the_same_when_joined_are_two_series() {
        let (family, limit) = (Family::new(Counter::new), SeriesLimit::new(10));
        family.get(&["llm", "generate"], &limit).add(1);
        family.get(&["ll", "mgenerate"], &limit).add(2);
        family.get(&["llm", "generate"], &limit).add(4);
        let mut series: Vec<_> = family.iter().map(|(values, cell)| (values.join(","), cell.value())).collect();
        series.sort();
        assert_eq!(series, [("ll,mgenerate".to_owned(), 2), ("llm,generate".to_owned(), 5)]);
    }

    #[test]
    fn beyond_the_limit_nothing_is_lost() {
        let (family, limit) = (Family::new(Counter::new), SeriesLimit::new(3));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|n| family.get(&[&n.to_string()], &limit).add(1)));
            }
        });
        let held: u64 = family.iter().map(|(_, cell)| cell.value()).sum();
        assert_eq!(family.iter().count(), 3);
        assert_eq!(held + family.overflow().value(), 400);
        assert_eq!(limit.overflowed(), family.overflow().value());
    }

    #[test]
    fn a_declared_label_set_cannot_be_crowded_out() {
        let (family, limit) = (Family::new(Counter::new), SeriesLimit::new(1));
        family.get(&["first"], &limit).add(1);
        family.declare(&["declared"]);
        family.get(&["declared"], &limit).add(7);
        assert_eq!(family.overflowed().map(Counter::value), None);
    }

    #[test]
    fn any_number_of_label_sets_can_be_declared() {
        let (family, limit) = (Family::new(Counter::new), SeriesLimit::new(5));
        for n in 0..100 {
            family.declare(&[&n.to_string()]);
        }
        for n in 0..110 {
            family.get(&[&n.to_string()], &limit).add(1);
        }
        assert!(family.get_existing(&["99"]).is_some());
        assert_eq!(family.iter().count(), 105);
        let held: u64 = family.cells().map(Counter::value).sum();
        assert_eq!((held, limit.overflowed(), family.overflow().value()), (110, 5, 5));
    }

    #[test]
    fn a_table_is_as_large_as_its_series_are_many() {
        let (family, limit) = (Family::new(Counter::new), SeriesLimit::new(200_000));
        let slots = || {
            let segments = std::iter::successors(family.first.get(), |segment| segment.next.get().map(Box::as_ref));
            segments.map(|segment| segment.slots.len()).sum::<usize>()
        };
        family.get(&["0"], &limit).add(1);
        assert_eq!(slots(), 16);
        for n in 0..10_000 {
            family.get(&[&n.to_string()], &limit).add(1);
        }
        // The last segment has at most eight slots for each series, and those before it have fewer.
        assert!((10_000..160_000).contains(&slots()), "{} slots", slots());
        assert!((0..10_000).all(|n: u32| family.get_existing(&[&n.to_string()]).is_some()));
        assert_eq!(family.iter().count(), 10_000);
    }

    #[test]
    fn series_are_sorted_whenever_they_appear() {
        let family: &'static Family<Counter> = Box::leak(Box::new(Family::new(Counter::new)));
        let sorted = || family.sorted().iter().map(|series| series.values.join(",")).collect::<Vec<_>>();
        for [one, other] in [["b", "y"], ["b", "x"], ["a", "z"]] {
            family.declare(&[one, other]);
        }
        assert_eq!(sorted(), ["a,z", "b,x", "b,y"]);
        for one in ["c", "", "bb"] {
            family.declare(&[one, "w"]);
        }
        assert_eq!(sorted(), [",w", "a,z", "b,x", "b,y", "bb,w", "c,w"]);
        assert_eq!(sorted().len(), family.iter().count());
    }
}
