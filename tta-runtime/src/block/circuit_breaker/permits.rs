//! One state that many callers share: each call takes a permit and gives it back exactly once.

use super::machine::{Change, CircuitPolicy, CircuitState, HealthSignal, Machine, Ticket};
use super::sync::{AtomicU64, Mutex, Ordering, lock};
use crate::clock::Monotonic;

/// A circuit breaker's state, and where callers ask it.
#[derive(Debug)]
pub(super) struct Permits {
    machine: Mutex<Machine>,
    /// The period in which neither a call nor a success has anything to change, so that neither takes the lock; odd
    /// numbers, and [`NO_PERIOD`] where there is no such period.
    clean_period: AtomicU64,
}

const NO_PERIOD: u64 = 0;

/// What comes of asking for a permit.
pub(super) struct Admission {
    /// The permit, or when to ask again.
    pub(super) ticket: Result<Ticket, std::time::Duration>,
    /// The state that the call was decided in.
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

    /// Lets a call through, or says when to ask again.
    ///
    /// A change of state is given to `changed` before the next one can happen, so that they are recorded in their order.
    pub(super) fn admit(&self, now: impl FnOnce() -> Monotonic, changed: impl FnOnce(Change)) -> Admission {
        // Whoever reads a mark that is just being taken away began its call just before the change.
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

    /// Gives a permit back; a change of state is given to `changed` before the next one can happen.
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
