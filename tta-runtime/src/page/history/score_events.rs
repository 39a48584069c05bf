//! The results of evaluations that were good or bad in the sense of their objectives.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::schema::Id;
use crate::snapshot::{Row, Snapshot, Value};

/// Good and bad results since start, by the evaluation's name. The limit on series bounds them.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct ScoreEvents(HashMap<Box<str>, [u64; 2], RandomState>);

impl ScoreEvents {
    pub(in crate::page) fn read(snapshot: &Snapshot) -> Self {
        let mut events = Self::default();
        for row in &snapshot.rows(Id::SloEvents).series {
            if let (Some("score"), Some(name), Value::Number(n)) =
                (label(row, "slo"), label(row, "primitive_name"), &row.value)
            {
                let [good, bad] = events.0.entry(name.into()).or_default();
                *(if label(row, "outcome") == Some("good") { good } else { bad }) += *n as u64;
            }
        }
        events
    }

    /// Returns the events of an evaluation, none if it had no results with an objective.
    pub(in crate::page) fn of(&self, name: &str) -> [u64; 2] {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Returns the bytes that the events take, about.
    pub(super) fn bytes(&self) -> usize {
        let names: usize = self.0.keys().map(|name| name.len()).sum();
        self.0.capacity() * (size_of::<(Box<str>, [u64; 2])>() + 1) + names
    }
}

fn label<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.labels.iter().find(|(have, _)| *have == name).map(|(_, value)| value)
}
