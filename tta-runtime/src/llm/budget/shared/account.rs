//! One account of a shared budget: the lock around its state machine, and the calls that wait for a change.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use super::exchange::AccountName;
use super::lease::Request;
use super::machine::{Answer, Attempt, Balance, Machine, Reason, SharedTerms};
use crate::clock::{Clock, Monotonic};
use crate::redis::{Availability, await_until};

/// The account of a process, a workflow, an agent or a tenant.
pub(super) struct SharedAccount {
    pub(super) name: AccountName,
    state: Mutex<State>,
    changed: Condvar,
    changes: Notify,
}

struct State {
    machine: Machine,
    /// The number of requests that ended, with or without an answer.
    ended_requests: u64,
}

/// The result of an attempt, and the request that should be sent after it.
struct Step {
    attempt: Attempt,
    request: Option<Request>,
    ended_requests: u64,
}

impl SharedAccount {
    pub(super) fn new(name: AccountName, terms: SharedTerms) -> Self {
        let state = State { machine: Machine::new(terms, fastrand::u64(..)), ended_requests: 0 };
        Self { name, state: Mutex::new(state), changed: Condvar::new(), changes: Notify::new() }
    }

    /// Returns the key of the current window's account.
    pub(super) fn key(&self) -> String {
        self.name.key(self.lock().machine.window_at(now(), wall()))
    }

    /// Takes over from other accounts whether the server answers.
    pub(super) fn hear(&self, availability: Availability) {
        self.lock().machine.hear(availability);
    }

    /// Reserves, and blocks the thread up to `limit` while the server is asked. `send` sends a request.
    pub(super) fn reserve(
        &self,
        most: Option<u64>,
        limit: Duration,
        send: impl Fn(Request),
    ) -> Result<(u64, u64), Reason> {
        let deadline = Instant::now() + limit;
        loop {
            let step = self.step(most, &send);
            if let Some(result) = step.attempt.result() {
                return result;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Reason::ServerAway);
            }
            let is_unchanged = |state: &mut State| state.ended_requests == step.ended_requests;
            drop(self.changed.wait_timeout_while(self.lock(), left, is_unchanged));
        }
    }

    /// Reserves, and waits up to `limit` while the server is asked, on any executor.
    pub(super) async fn reserve_async(
        &self,
        most: Option<u64>,
        limit: Duration,
        send: impl Fn(Request),
    ) -> Result<(u64, u64), Reason> {
        let deadline = Instant::now() + limit;
        loop {
            // Before the attempt, so that no change is missed between the two.
            let change = self.changes.notified();
            let step = self.step(most, &send);
            if let Some(result) = step.attempt.result() {
                return result;
            }
            if await_until(deadline, change).await.is_none() {
                return Err(Reason::ServerAway);
            }
        }
    }

    fn step(&self, most: Option<u64>, send: impl Fn(Request)) -> Step {
        let step = {
            let mut state = self.lock();
            let (now, wall) = (now(), wall());
            let attempt = state.machine.attempt(most, now, wall);
            Step { attempt, request: state.machine.next_request(now, wall), ended_requests: state.ended_requests }
        };
        if let Some(request) = step.request {
            send(request);
        }
        step
    }

    /// Replaces a reservation with the actual amount.
    pub(super) fn settle(&self, lease: u64, reserved: u64, spent: u64) {
        self.lock().machine.settle(lease, reserved, spent, now());
    }

    /// Returns the request to send now, if there is one.
    pub(super) fn next_request(&self) -> Option<Request> {
        self.lock().machine.next_request(now(), wall())
    }

    /// Applies the answer to a request that was sent at `sent`, `None` if there was none.
    pub(super) fn end_request(&self, request: &Request, answer: Option<&Answer>, sent: Monotonic) {
        let mut state = self.lock();
        match answer {
            Some(answer) => state.machine.answered(request, answer, sent, now()),
            None => state.machine.unanswered(request, now()),
        }
        state.ended_requests = state.ended_requests.wrapping_add(1);
        drop(state);
        self.changed.notify_all();
        self.changes.notify_waiters();
    }

    /// Returns the time until the request that follows one without an answer; `None` if all had one.
    pub(super) fn asks_again_in(&self) -> Option<Duration> {
        self.lock().machine.asks_again_in(now()).map(Duration::from_nanos)
    }

    pub(super) fn balance(&self) -> Balance {
        self.lock().machine.balance(now(), wall())
    }

    pub(super) fn is_away(&self) -> bool {
        self.lock().machine.is_away(now())
    }

    pub(super) fn is_forgettable(&self, idle: u64) -> bool {
        self.lock().machine.is_forgettable(now(), wall(), idle)
    }

    /// Gives back all that is free, if no call has used the account for this time.
    pub(super) fn close_if_idle(&self, time: u64) {
        let machine = &mut self.lock().machine;
        if machine.is_idle(now(), time) {
            machine.close();
        }
    }

    pub(super) fn close(&self) {
        self.lock().machine.close();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().machine.is_closed()
    }

    pub(super) fn has_left(&self) -> bool {
        self.lock().machine.has_left(now())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// Returns the lease and the amount reserved in it, or why the call is refused; `None` if it has to wait.
    fn result(self) -> Option<Result<(u64, u64), Reason>> {
        match self {
            Self::Reserved { lease, amount } => Some(Ok((lease, amount))),
            Self::Refused(reason) => Some(Err(reason)),
            Self::Wait => None,
        }
    }
}

/// Returns the process's time: leases are real, whatever clock a recorder has.
pub(super) fn now() -> Monotonic {
    Clock::System.now()
}

/// Returns the process's time in milliseconds since the Unix epoch.
fn wall() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
