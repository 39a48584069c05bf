//! What the log says of a backend's outage: that it begins, and that it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host_log::catch_panic;

/// Whether a backend answers, and what the log says about it.
///
/// The log is the program's, and may take its time, or panic. So it is told by a thread of its own, which is there only
/// while there is something to tell; a backend that comes and goes meanwhile is told of once.
#[derive(Debug, Default)]
pub(super) struct Outage(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    seen: Backend,
    told: Backend,
    is_telling: bool,
}

/// Whether a backend answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Backend {
    #[default]
    Answers,
    IsAway,
}

impl Outage {
    /// Notes what a backend does, and has the log told where it does not say so.
    pub(super) fn note(self: &Arc<Self>, seen: Backend) {
        let mut known = self.known();
        known.seen = seen;
        if known.is_telling || known.told == seen {
            return;
        }
        let outage = Arc::clone(self);
        let telling = std::thread::Builder::new().name("tta-redis-log".into()).spawn(move || outage.tell());
        known.is_telling = telling.is_ok();
    }

    fn tell(&self) {
        while let Some(news) = self.news() {
            catch_panic(|| log(news));
        }
    }

    /// Returns what the log does not say yet; the teller that finds nothing ends.
    fn news(&self) -> Option<Backend> {
        let mut known = self.known();
        known.is_telling = known.told != known.seen;
        known.told = known.seen;
        known.is_telling.then_some(known.seen)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log(news: Backend) {
    match news {
        Backend::IsAway => {
            tracing::warn!(target: "tta::cache", "the cache's Redis does not answer: calls go on without it");
        }
        Backend::Answers => tracing::info!(target: "tta::cache", "the cache's Redis answers again"),
    }
}
