//! The servers that do not answer, so that not each of many accounts has to find out by a request of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// From this number of requests in a row without an answer on, a server is silent. A single one may be late by chance.
const SILENT: u32 = 3;

/// How long a server is silent after the latest request without an answer: the accounts that asked it may have moved to another one, and
/// then nobody asks it. While one does, it asks more often.
const REMEMBERED: Duration = Duration::from_secs(30);

/// The number of requests without an answer since the last answer, of each server that owes some.
///
/// Servers are counted apart: of a cluster, those that live go on.
#[derive(Debug, Default)]
pub(super) struct Silence {
    owed: Mutex<HashMap<Arc<str>, Owed>>,
    /// Mostly no server owes any, and calls look no further.
    is_any: AtomicBool,
}

/// The requests in a row that a server has not answered.
#[derive(Debug)]
struct Owed {
    requests: u32,
    latest: Instant,
}

impl Owed {
    fn is_silence(&self) -> bool {
        self.requests >= SILENT && self.latest.elapsed() < REMEMBERED
    }
}

impl Silence {
    pub(super) fn answered(&self, server: &str) {
        if self.is_any() {
            let mut owed = self.lock();
            owed.remove(server);
            self.is_any.store(!owed.is_empty(), Ordering::Relaxed);
        }
    }

    pub(super) fn unanswered(&self, server: Arc<str>) {
        let mut owed = self.lock();
        let latest = Instant::now();
        let owed = owed.entry(server).or_insert(Owed { requests: 0, latest });
        *owed = Owed { requests: owed.requests.saturating_add(1), latest };
        self.is_any.store(true, Ordering::Relaxed);
    }

    /// Returns whether a server is silent. It is asked for only if any server owes an answer.
    pub(super) fn is_silent(&self, server: impl FnOnce() -> Option<Arc<str>>) -> bool {
        self.is_any() && server().is_some_and(|server| self.lock().get(&server).is_some_and(Owed::is_silence))
    }

    /// Forgets the servers that have no slots any more, which nobody will ask again.
    pub(super) fn retain(&self, has_slots: impl Fn(&str) -> bool) {
        if self.is_any() {
            let mut owed = self.lock();
            owed.retain(|server, _| has_slots(server));
            self.is_any.store(!owed.is_empty(), Ordering::Relaxed);
        }
    }

    fn is_any(&self) -> bool {
        self.is_any.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{REMEMBERED, Silence};

    /// Returns which of the servers `a` and `b` are silent.
    fn silent(silence: &Silence) -> Vec<&'static str> {
        ["a", "b"].into_iter().filter(|server| silence.is_silent(|| Some((*server).into()))).collect()
    }

    #[test]
    fn the_third_request_in_a_row_without_an_answer_makes_a_server_silent_until_it_answers() {
        let silence = Silence::default();
        let unanswered = |times: usize| {
            (0..times).for_each(|_| silence.unanswered("a".into()));
            silent(&silence)
        };
        assert_eq!(unanswered(2), [""; 0]);
        silence.answered("a");
        assert_eq!(unanswered(2), [""; 0], "not in a row");
        assert_eq!(unanswered(1), ["a"]);
        silence.answered("b");
        assert_eq!(unanswered(1), ["a"], "the answer of another server says nothing of this one");
        silence.answered("a");
        assert_eq!(silent(&silence), [""; 0]);
    }

    #[test]
    fn a_server_that_nobody_asks_any_more_is_asked_again() {
        let silence = Silence::default();
        (0..3).for_each(|_| silence.unanswered("a".into()));
        let set_back = |by| {
            let long_ago = Instant::now().checked_sub(by).expect("the machine runs for a minute");
            silence.lock().get_mut("a").expect("it owes answers").latest = long_ago;
            silent(&silence)
        };
        assert_eq!(set_back(REMEMBERED.saturating_sub(Duration::from_secs(5))), ["a"]);
        assert_eq!(set_back(REMEMBERED), [""; 0]);
    }

    #[test]
    fn servers_without_slots_are_forgotten() {
        let silence = Silence::default();
        for server in ["a", "b"] {
            (0..3).for_each(|_| silence.unanswered(server.into()));
        }
        silence.retain(|server| server == "b");
        assert_eq!(silent(&silence), ["b"]);
        silence.retain(|_| false);
        assert!(!silence.is_silent(|| panic!("nobody looks for a server while none owes an answer")));
    }

    #[test]
    fn a_slot_that_no_server_has_is_not_silent() {
        let silence = Silence::default();
        (0..3).for_each(|_| silence.unanswered("a".into()));
        assert!(!silence.is_silent(|| None));
    }
}
