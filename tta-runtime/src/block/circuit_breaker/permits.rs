//! The state machine behind a lock: each call takes a ticket and settles it exactly once.

use super::machine::{Change, CircuitPolicy, CircuitState, HealthSignal, Machine, Ticket};
use super::sync::{AtomicU64, Mutex, Ordering, lock};
use crate::clock::Monotonic;

/// A circuit breaker's state machine, shared by all calls.
#[derive(Debug)]
pub(super) struct Permits {
    machine: Mutex<Machine>,
    /// The current period if neither an admission nor a success would change anything, so that neither takes the lock:
    /// an odd number, or [`NO_PERIOD`].
    clean_period: AtomicU64,
}

const NO_PERIOD: u64 = 0;

/// The answer to a request for admission.
pub(super) struct Admission {
    /// The ticket, or the time until the next may be given.
    pub(super) ticket: Result<Ticket, std::time::Duration>,
    /// The state that decided.
    pub(super) state: CircuitState,
}

impl Permits {
    pub(super) fn new(policy: CircuitPolicy) -> Self {
        let machine = Machine::new(policy);
        let clean_period = AtomicU64::new(mark_of(&machine));
        Self { machine: Mutex::new(machine), clean_period }
    }

    pub(super) fn policy(&self) -> CircuitPolicy {
        lock(&self.machine).policy()
    }

    pub(super) fn state(&self) -> CircuitState {
        lock(&self.machine).state()
    }

    /// Admits a call, or returns the time until the next may be admitted.
    ///
    /// A change of state is passed to `changed` under the lock, so that changes are recorded in their order.
    pub(super) fn admit(&self, now: impl FnOnce() -> Monotonic, changed: impl FnOnce(Change)) -> Admission {
        // A call that reads a mark just before it is replaced began just before the change.
        let mark = self.clean_period.load(Ordering::Acquire);
        if mark != NO_PERIOD {
            return Admission { ticket: Ok(Ticket { period: mark >> 1 }), state: CircuitState::Closed };
        }
        let mut machine = lock(&self.machine);
        let (ticket, change) = machine.admit(now());
        self.publish(&machine);
        change.map(changed);
        Admission { ticket, state: machine.state() }
    }

    /// Settles a ticket. A change of state is passed to `changed` under the lock.
    pub(super) fn settle(
        &self,
        ticket: Ticket,
        signal: HealthSignal,
        now: impl FnOnce() -> Monotonic,
        changed: impl FnOnce(Change),
    ) {
        if signal != HealthSignal::Failure && self.clean_period.load(Ordering::Acquire) == ticket.period << 1 | 1 {
            return;
        }
        let mut machine = lock(&self.machine);
        let change = machine.settle(ticket, signal, now());
        self.publish(&machine);
        change.map(changed);
    }

    fn publish(&self, machine: &Machine) {
        self.clean_period.store(mark_of(machine), Ordering::Release);
    }
}

fn mark_of(machine: &Machine) -> u64 {
    if machine.is_clean() { machine.period() << 1 | 1 } else { NO_PERIOD }
}
