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
