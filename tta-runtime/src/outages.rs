//! The exports that fail at this time, and why.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// All exporters, those that have ended among them until the next one is added.
static EXPORTERS: Mutex<Vec<Weak<Exporter>>> = Mutex::new(Vec::new());

/// An exporter's health; dropped when the exporter ends.
#[derive(Debug)]
pub(crate) struct ExportHealth(Arc<Exporter>);

#[derive(Debug)]
struct Exporter {
    signal: &'static str,
    failure: Mutex<Option<Failure>>,
}

#[derive(Clone, Debug)]
struct Failure {
    since: Instant,
    error: String,
}

/// An export that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// `traces`, `metrics` or `logs`.
    pub(crate) signal: &'static str,
    /// The time since the first of the failures in a row.
    pub(crate) lasts: Duration,
    /// The latest error.
    pub(crate) error: String,
}

impl ExportHealth {
    /// Adds an exporter of a signal.
    pub(crate) fn new(signal: &'static str) -> Self {
        let exporter = Arc::new(Exporter { signal, failure: Mutex::default() });
        let mut exporters = lock(&EXPORTERS);
        exporters.retain(|exporter| exporter.strong_count() > 0);
        exporters.push(Arc::downgrade(&exporter));
        Self(exporter)
    }

    /// Records an export that succeeded. Returns whether it ends an outage.
    pub(crate) fn succeeded(&self) -> bool {
        lock(&self.0.failure).take().is_some()
    }

    /// Records an export that failed. Returns whether it begins an outage.
    pub(crate) fn failed(&self, error: &str) -> bool {
        let mut failure = lock(&self.0.failure);
        let begins = failure.is_none();
        let since = failure.take().map_or_else(Instant::now, |failure| failure.since);
        *failure = Some(Failure { since, error: error.to_owned() });
        begins
    }
}

/// Returns the exports that fail now, in the order in which their exporters were added.
pub(crate) fn outages() -> Vec<Outage> {
    let exporters: Vec<_> = lock(&EXPORTERS).iter().filter_map(Weak::upgrade).collect();
    let outage = |exporter: Arc<Exporter>| {
        let failure = lock(&exporter.failure).clone()?;
        Some(Outage { signal: exporter.signal, lasts: failure.since.elapsed(), error: failure.error })
    };
    exporters.into_iter().filter_map(outage).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{ExportHealth, outages};

    /// Returns the latest error of each failing exporter of a signal.
    fn errors(signal: &str) -> Vec<String> {
        outages().into_iter().filter(|outage| outage.signal == signal).map(|outage| outage.error).collect()
    }

    #[test]
    fn an_outage_has_the_latest_error_and_ends_with_a_success_or_with_its_exporter() {
        let (one, other) = (ExportHealth::new("of this test"), ExportHealth::new("of this test"));
        assert!(!one.succeeded(), "there was no outage");
        assert_eq!([one.failed("refused"), one.failed("hangs"), other.failed("gone")], [true, false, true]);
        assert_eq!(errors("of this test"), ["hangs", "gone"]);
        assert!(one.succeeded());
        assert_eq!(errors("of this test"), ["gone"]);
        drop(other);
        assert_eq!(errors("of this test"), [""; 0]);
    }
}
