//! Gauges that are computed when they are read, since they change without a recording.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Monotonic;
use crate::schema::Id;

/// The computed gauges of metrics with one label.
pub(crate) struct Levels(Mutex<Vec<Level>>);

struct Level {
    id: Id,
    label: Box<str>,
    read: ReadLevel,
}

/// Computes the level at a time; `None` once its source is gone.
type ReadLevel = Box<dyn Fn(Monotonic) -> Option<i64> + Send + Sync>;

/// The largest number of levels of a metric that are exposed.
const MOST_LEVELS: usize = 1_000;

impl Levels {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Exposes a level from now on. Returns false if its metric has too many.
    pub(super) fn add(
        &self,
        id: Id,
        label: &str,
        read: impl Fn(Monotonic) -> Option<i64> + Send + Sync + 'static,
    ) -> bool {
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = levels.iter().filter(|level| level.id == id).count() < MOST_LEVELS;
        if has_room {
            levels.push(Level { id, label: label.into(), read: Box::new(read) });
        }
        has_room
    }

    /// Returns the levels of a metric by label; of several with the same label, the lowest.
    pub(crate) fn read(&self, id: Id, now: Monotonic) -> BTreeMap<String, i64> {
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut read = BTreeMap::new();
        levels.retain(|level| {
            if level.id != id {
                return true;
            }
            let Some(now) = (level.read)(now) else { return false };
            read.entry(level.label.to_string()).and_modify(|least: &mut i64| *least = now.min(*least)).or_insert(now);
            true
        });
        read
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{Levels, MOST_LEVELS};
    use crate::clock::Monotonic;
    use crate::schema::Id;

    #[test]
    fn each_metric_has_room_for_as_many_levels_and_the_gone_ones_leave() {
        let (levels, is_there) = (Levels::new(), Arc::new(AtomicBool::new(true)));
        for number in 0..MOST_LEVELS {
            let is_there = Arc::clone(&is_there);
            let read = move |_| is_there.load(Ordering::Relaxed).then_some(1);
            assert!(levels.add(Id::BudgetRemaining, &number.to_string(), read));
        }
        assert!(!levels.add(Id::BudgetRemaining, "one more", |_| Some(1)));
        assert!(levels.add(Id::BudgetUnspent, "of another metric", |_| Some(2)));
        let now = Monotonic::default();
        assert_eq!(levels.read(Id::BudgetRemaining, now).len(), MOST_LEVELS);
        assert_eq!(levels.read(Id::BudgetUnspent, now), BTreeMap::from([("of another metric".to_owned(), 2)]));

        is_there.store(false, Ordering::Relaxed);
        assert!(levels.read(Id::BudgetRemaining, now).is_empty());
        assert!(levels.add(Id::BudgetRemaining, "one more", |_| Some(3)));
    }

    #[test]
    fn of_several_levels_with_one_label_the_lowest_is_read() {
        let levels = Levels::new();
        for level in [7, -2, 5] {
            assert!(levels.add(Id::BudgetRemaining, "day", move |_| Some(level)));
        }
        assert_eq!(levels.read(Id::BudgetRemaining, Monotonic::default()), BTreeMap::from([("day".to_owned(), -2)]));
    }
}
