//! The series of one metric: a lock-free table from label values to cells, bounded by the series limit.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::series_limit::SeriesLimit;

/// A table from label sets to cells, which creates the cell of a new label set.
///
/// The table only gains entries, each written once. A look-up therefore takes no lock, and a scrape can walk the table while
/// calls add to it. Label values are compared whole, never by their hash alone.
pub(crate) struct Family<C> {
    capacity: usize,
    /// The capacity for declared label sets, besides those that the limit allows.
    room: usize,
    declared: AtomicUsize,
    slots: OnceLock<Box<[Slot<C>]>>,
    make: Arc<dyn Fn() -> C + Send + Sync>,
    overflow: OnceLock<C>,
    /// The next table, for declared label sets that found no room here.
    more: OnceLock<Box<Self>>,
}

/// Boxed: the table is allocated at full capacity and mostly holds few entries.
type Slot<C> = OnceLock<Box<Series<C>>>;

struct Series<C> {
    values: Box<[Box<str>]>,
    cell: C,
}

impl<C> Family<C> {
    /// Creates an empty family for at most `limit` label sets; `make` creates their cells.
    pub(crate) fn new(limit: usize, make: impl Fn() -> C + Send + Sync + 'static) -> Self {
        Self::with_capacity((limit + limit / 2).max(8).next_power_of_two(), limit, Arc::new(make))
    }

    fn with_capacity(capacity: usize, limit: usize, make: Arc<dyn Fn() -> C + Send + Sync>) -> Self {
        Self {
            capacity,
            // At most seven eighths full, so that every probe ends, and soon.
            room: capacity - limit - capacity / 8,
            declared: AtomicUsize::new(0),
            slots: OnceLock::new(),
            make,
            overflow: OnceLock::new(),
            more: OnceLock::new(),
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
        found
    }

    /// Returns the cell of a label set, `None` if the set is new.
    pub(crate) fn get_existing(&self, values: &[&str]) -> Option<&C> {
        self.find_or_insert(values, || false, || {})
    }

    /// Returns the cell of a label set that the program declares, which does not count against the limit.
    pub(crate) fn declare(&self, values: &[&str]) -> Option<&C> {
        let relaxed = Ordering::Relaxed;
        let take = || self.declared.fetch_update(relaxed, relaxed, |n| (n < self.room).then_some(n + 1)).is_ok();
        let give_back = || {
            self.declared.fetch_sub(1, relaxed);
        };
        if let Some(cell) = self.find_or_insert(values, take, give_back) {
            return Some(cell);
        }
        let more = || Box::new(Self::with_capacity(self.capacity * 2, 0, Arc::clone(&self.make)));
        self.more.get_or_init(more).declare(values)
    }

    /// Returns the overflow cell, for label sets beyond the limit.
    pub(crate) fn overflow(&self) -> &C {
        self.overflow.get_or_init(&*self.make)
    }

    /// Returns the overflow cell, `None` if the limit was never exceeded.
    pub(crate) fn overflowed(&self) -> Option<&C> {
        self.overflow.get()
    }

    /// Iterates over the cells of all label sets, then the overflow cell.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &C> {
        self.iter().map(|(_, cell)| cell).chain(self.overflowed())
    }

    /// Iterates over all label sets, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[Box<str>], &C)> {
        let tables = std::iter::successors(Some(self), |table| table.more.get().map(|more| &**more));
        let slots = tables.filter_map(|table| table.slots.get()).flatten();
        slots.filter_map(|slot| slot.get().map(|entry| (&*entry.values, &entry.cell)))
    }

    fn find_or_insert(&self, values: &[&str], take: impl Fn() -> bool, give_back: impl Fn()) -> Option<&C> {
        let slots = self.slots.get_or_init(|| (0..self.capacity).map(|_| OnceLock::new()).collect());
        let start = hash(values);
        for step in 0..slots.len() {
            let slot = slots.get(start.wrapping_add(step) & (slots.len() - 1))?;
            let entry = match slot.get() {
                Some(entry) => entry,
                None => {
                    if let Some(cell) = self.more.get().and_then(|more| more.get_existing(values)) {
                        return Some(cell);
                    }
                    if !take() {
                        return None;
                    }
                    let mut inserted = false;
                    let entry = slot.get_or_init(|| {
                        inserted = true;
                        let values = values.iter().map(|&value| value.into()).collect();
                        Box::new(Series { values, cell: (self.make)() })
                    });
                    if !inserted {
                        // Another thread filled the slot first, perhaps with the same label set.
                        give_back();
                    }
                    entry
                }
            };
            if entry.has_values(values) {
                return Some(&entry.cell);
            }
        }
        None
    }
}

impl<C> Series<C> {
    fn has_values(&self, values: &[&str]) -> bool {
        self.values.len() == values.len() && self.values.iter().zip(values).all(|(have, want)| **have == **want)
    }
}

fn hash(values: &[&str]) -> usize {
    let mut hasher = BuildHasherDefault::<DefaultHasher>::new().build_hasher();
    for value in values {
        value.hash(&mut hasher);
    }
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::{Family, SeriesLimit};
    use crate::metric::Counter;

    #[test]
    fn label_sets_that_read_the_same_when_joined_are_two_series() {
        let (family, limit) = (Family::new(10, Counter::new), SeriesLimit::new(10));
        family.get(&["llm", "generate"], &limit).add(1);
        family.get(&["ll", "mgenerate"], &limit).add(2);
        family.get(&["llm", "generate"], &limit).add(4);
        let mut series: Vec<_> = family.iter().map(|(values, cell)| (values.join(","), cell.value())).collect();
        series.sort();
        assert_eq!(series, [("ll,mgenerate".to_owned(), 2), ("llm,generate".to_owned(), 5)]);
    }

    #[test]
    fn beyond_the_limit_nothing_is_lost() {
        let (family, limit) = (Family::new(3, Counter::new), SeriesLimit::new(3));
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
        let (family, limit) = (Family::new(4, Counter::new), SeriesLimit::new(1));
        family.get(&["first"], &limit).add(1);
        assert!(family.declare(&["declared"]).is_some());
        family.get(&["declared"], &limit).add(7);
        assert_eq!(family.overflowed().map(Counter::value), None);
    }

    #[test]
    fn any_number_of_label_sets_can_be_declared() {
        let (family, limit) = (Family::new(5, Counter::new), SeriesLimit::new(5));
        for n in 0..100 {
            assert!(family.declare(&[&n.to_string()]).is_some());
        }
        for n in 0..110 {
            family.get(&[&n.to_string()], &limit).add(1);
        }
        assert!(family.get_existing(&["99"]).is_some());
        assert_eq!(family.iter().count(), 105);
        let held: u64 = family.cells().map(Counter::value).sum();
        assert_eq!((held, limit.overflowed(), family.overflow().value()), (110, 5, 5));
    }
}
