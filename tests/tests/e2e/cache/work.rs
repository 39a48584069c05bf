//! Work that counts its runs, and the metrics that a cache around it records.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tta_runtime::block::Block;
use tta_runtime::testing::Recording;

/// Counts runs of the work.
#[derive(Clone, Default)]
pub(super) struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn value(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Work that doubles a number, and counts its runs.
pub(super) fn doubling(counter: &Counter) -> impl Block<u64, Output = u64, Error = String> + use<> {
    let counter = counter.clone();
    move |number: u64| {
        counter.add();
        async move { Ok::<_, String>(number * 2) }
    }
}

/// Returns one line for each series of the cache that is not 0, such as `redis hit 2`.
pub(super) fn operations(recording: &Recording) -> String {
    let mut lines: Vec<String> = counted(recording)
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|((cache_type, operation), number)| format!("{cache_type} {operation} {number}"))
        .collect();
    lines.sort();
    lines.join(", ")
}

/// Returns the number of a tier's operations of one kind.
pub(super) fn count(recording: &Recording, cache_type: &str, operation: &str) -> u64 {
    counted(recording).get(&(cache_type.to_owned(), operation.to_owned())).copied().unwrap_or_default()
}

/// Returns the number of a tier's look-ups with a duration, which are those that asked it.
pub(super) fn timed(recording: &Recording, cache_type: &str, operation: &str) -> u64 {
    let lines = recording.metrics("tta_cache_latency_seconds_count");
    let line = lines.lines().find(|line| {
        label(line, "cache_type").as_deref() == Some(cache_type)
            && label(line, "operation").as_deref() == Some(operation)
    });
    line.map_or(0, number)
}

fn counted(recording: &Recording) -> BTreeMap<(String, String), u64> {
    let mut counted = BTreeMap::new();
    for line in recording.metrics("tta_cache_operations_total").lines() {
        let key = (label(line, "cache_type").expect("it has one"), label(line, "operation").expect("it has one"));
        *counted.entry(key).or_default() += number(line);
    }
    counted
}

fn label(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

fn number(line: &str) -> u64 {
    let text = line.rsplit(' ').next().expect("a line has a value");
    text.parse().unwrap_or_else(|error| panic!("{line}: {error}"))
}
