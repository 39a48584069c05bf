//! Numbers that change while nobody records, so that they are asked for when somebody looks.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Monotonic;
use crate::schema::Id;

/// The levels of metrics with one label.
pub(crate) struct Levels(Mutex<Vec<Level>>);

struct Level {
    id: Id,
    label: Box<str>,
    read: ReadLevel,
}

/// Returns the level at a time; `None` once there is none any more.
type ReadLevel = Box<dyn Fn(Monotonic) -> Option<i64> + Send + Sync>;

/// More than this are not shown.
const MOST_LEVELS: usize = 1_000;

impl Levels {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Shows a level from now on.
    pub(crate) fn add(&self, id: Id, label: &str, read: impl Fn(Monotonic) -> Option<i64> + Send + Sync + 'static) {
        let mut levels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.len() < MOST_LEVELS {
            levels.push(Level { id, label: label.into(), read: Box::new(read) });
        }
    }

    /// Returns the levels of a metric by label: the least, where several have the same.
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
