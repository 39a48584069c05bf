//! The outcome of each call, counted without the library.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tta_runtime::{Outcome, Stats};

use super::program::{Fault, REFUSED};

/// The counts of all functions, by name; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Truth(Arc<Mutex<Counts>>);

/// The compared numbers: the counts of each function that was called.
pub type Counts = BTreeMap<&'static str, Count>;

/// The calls of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls that began.
    pub started: u64,
    /// Calls in flight.
    pub active: u64,
    /// Calls that ended, by outcome.
    pub ended: BTreeMap<Outcome, u64>,
}

impl Truth {
    /// Counts a call whose body is this future, from now until it returns, unwinds or is dropped.
    pub fn watch<F>(&self, name: &'static str, body: F) -> Watched
    where
        F: Future<Output = Result<u32, Fault>> + Send + 'static,
    {
        Watched { ending: self.start(name), body: Box::pin(body) }
    }

    /// Counts a call whose body is this closure.
    ///
    /// # Errors
    ///
    /// Returns the closure's error.
    pub fn watch_sync(&self, name: &'static str, body: impl FnOnce() -> Result<u32, Fault>) -> Result<u32, Fault> {
        let mut ending = self.start(name);
        ending.by(catch_unwind(AssertUnwindSafe(body)))
    }

    fn start(&self, name: &'static str) -> Ending {
        self.count(name, |count| {
            count.started += 1;
            count.active += 1;
        });
        Ending { truth: self.clone(), name, ended: false }
    }

    fn count(&self, name: &'static str, change: impl FnOnce(&mut Count)) {
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default());
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The end of one call, counted exactly once.
struct Ending {
    truth: Truth,
    name: &'static str,
    ended: bool,
}

impl Ending {
    fn end(&mut self, outcome: Outcome) {
        if !std::mem::replace(&mut self.ended, true) {
            self.truth.count(self.name, |count| {
                count.active -= 1;
                *count.ended.entry(outcome).or_default() += 1;
            });
        }
    }

    fn by(&mut self, result: Result<Result<u32, Fault>, Box<dyn Any + Send>>) -> Result<u32, Fault> {
        self.end(match &result {
            Ok(Ok(REFUSED) | Err(Fault::Failed)) => Outcome::Failure,
            Ok(Ok(_)) => Outcome::Success,
            Ok(Err(Fault::Elapsed(_))) => Outcome::Timeout,
            Err(_) => Outcome::Panicked,
        });
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

/// A body whose outcome is counted.
pub struct Watched {
    // Declared first, so that a dropped body ends its inner calls before its own; no count depends on it.
    body: Pin<Box<dyn Future<Output = Result<u32, Fault>> + Send>>,
    ending: Ending,
}

impl Future for Watched {
    type Output = Result<u32, Fault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match catch_unwind(AssertUnwindSafe(|| this.body.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(this.ending.by(Ok(output))),
            Err(payload) => Poll::Ready(this.ending.by(Err(payload))),
        }
    }
}

/// Returns the library's counts in the form of [`Truth`]'s.
#[must_use]
pub fn counts(stats: &Stats) -> Counts {
    let count = |primitive: &tta_runtime::PrimitiveStats| Count {
        started: primitive.started,
        active: primitive.active,
        ended: primitive.ended.iter().map(|(&outcome, &n)| (outcome, n)).filter(|(_, n)| *n > 0).collect(),
    };
    stats.primitives.iter().map(|primitive| (primitive.name, count(primitive))).collect()
}
