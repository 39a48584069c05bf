//! One call at a time per key: who works, and who waits for what it finds.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::sync::{Mutex, MutexGuard};

/// The keys that are being worked on.
///
/// Where both are taken, the lock of the keys comes before that of a flight, and wakers are called with neither.
pub(super) struct SingleFlight<K, A> {
    flights: Mutex<HashMap<Arc<K>, Arc<InFlight<A>>>>,
}

struct InFlight<A> {
    state: Mutex<FlightState<A>>,
}

struct FlightState<A> {
    stage: FlightStage<A>,
    /// In the order of their arrival.
    waiters: BTreeMap<u64, Waker>,
    next_ticket: u64,
}

/// How far a flight is.
enum FlightStage<A> {
    /// A call works.
    Led,
    /// Whoever worked is gone with nothing said, and the newest of those waiting is to take over.
    LeaderGone,
    /// A call has found this.
    Found(Arc<A>),
    /// The work failed, and nobody waits for anybody any more.
    Failed,
}

/// What a call is to do about its key.
pub(super) enum Joined<'a, K: Eq + Hash, A> {
    /// It works, and the others wait until the lead goes.
    Leader(Leader<'a, K, A>),
    /// Another one has worked meanwhile, and found this.
    Found(Arc<A>),
    /// Another one has worked meanwhile, and failed: it works beside all who waited, and nobody waits for it.
    LeaderFailed,
}

impl<K: Eq + Hash, A> SingleFlight<K, A> {
    pub(super) fn new() -> Self {
        Self { flights: Mutex::new(HashMap::new()) }
    }

    /// Returns how many keys are being worked on.
    pub(super) fn len(&self) -> usize {
        lock(&self.flights).len()
    }

    /// Waits until the call may work on the key, or another one has found what it looks for, or failed to.
    pub(super) async fn join(&self, key: &Arc<K>) -> Joined<'_, K, A> {
        match self.attach(key) {
            Attached::Done(joined) => joined,
            Attached::Waiting(wait) => wait.await,
        }
    }

    fn attach(&self, key: &Arc<K>) -> Attached<'_, K, A> {
        let mut flights = lock(&self.flights);
        let Some(flight) = flights.get(key) else {
            let flight = Arc::new(InFlight { state: Mutex::new(FlightState::led()) });
            flights.insert(Arc::clone(key), Arc::clone(&flight));
            return Attached::Done(Joined::Leader(Leader { flights: self, key: Arc::clone(key), flight }));
        };
        let mut state = lock(&flight.state);
        match &state.stage {
            FlightStage::Found(found) => return Attached::Done(Joined::Found(Arc::clone(found))),
            FlightStage::Failed => return Attached::Done(Joined::LeaderFailed),
            FlightStage::Led | FlightStage::LeaderGone => {}
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiters.insert(ticket, Waker::noop().clone());
        let flight = Arc::clone(flight);
        Attached::Waiting(Waiter { flights: self, key: Arc::clone(key), flight, ticket: Some(ticket) })
    }
}

/// Forgets a flight; the key may have another one by now, which stays.
fn remove<K: Eq + Hash, A>(flights: &mut HashMap<Arc<K>, Arc<InFlight<A>>>, key: &K, flight: &Arc<InFlight<A>>) {
    if flights.get(key).is_some_and(|known| Arc::ptr_eq(known, flight)) {
        flights.remove(key);
    }
}

enum Attached<'a, K: Eq + Hash, A> {
    Done(Joined<'a, K, A>),
    Waiting(Waiter<'a, K, A>),
}

impl<A> FlightState<A> {
    fn led() -> Self {
        Self { stage: FlightStage::Led, waiters: BTreeMap::new(), next_ticket: 0 }
    }

    /// Returns who came last: calls mostly have equal limits, and the oldest would take over only to reach its own at once,
    /// the next one after it, and so on, so that nobody ever came to the end of the work.
    fn newest_waiter(&self) -> Option<Waker> {
        self.waiters.values().next_back().cloned()
    }
}

/// The right to work on a key; the newest of those waiting takes it over when this is dropped with nothing said.
pub(super) struct Leader<'a, K: Eq + Hash, A> {
    flights: &'a SingleFlight<K, A>,
    key: Arc<K>,
    flight: Arc<InFlight<A>>,
}

impl<K: Eq + Hash, A> Leader<'_, K, A> {
    /// Returns whether anybody waits for what this one finds.
    pub(super) fn is_awaited(&self) -> bool {
        !lock(&self.flight.state).waiters.is_empty()
    }

    /// Gives those who wait, and those who come while this one is at it, what was found.
    pub(super) fn publish(&self, found: A) {
        let found = Arc::new(found);
        let waiters = {
            let mut state = lock(&self.flight.state);
            state.stage = FlightStage::Found(found);
            std::mem::take(&mut state.waiters)
        };
        waiters.into_values().for_each(Waker::wake);
    }

    /// Lets all who wait do their own work: one after the other, each would wait for the failures before it.
    pub(super) fn fail(self) {
        let waiters = {
            let mut flights = lock(&self.flights.flights);
            let mut state = lock(&self.flight.state);
            state.stage = FlightStage::Failed;
            remove(&mut flights, &self.key, &self.flight);
            std::mem::take(&mut state.waiters)
        };
        waiters.into_values().for_each(Waker::wake);
    }
}

impl<K: Eq + Hash, A> Drop for Leader<'_, K, A> {
    fn drop(&mut self) {
        let mut flights = lock(&self.flights.flights);
        let mut state = lock(&self.flight.state);
        if matches!(state.stage, FlightStage::Led) {
            state.stage = FlightStage::LeaderGone;
        }
        let next = state.newest_waiter();
        drop(state);
        if next.is_none() {
            remove(&mut flights, &self.key, &self.flight);
        }
        drop(flights);
        if let Some(next) = next {
            next.wake();
        }
    }
}

/// A call that waits for what becomes of another one, or for its turn to work.
struct Waiter<'a, K: Eq + Hash, A> {
    flights: &'a SingleFlight<K, A>,
    key: Arc<K>,
    flight: Arc<InFlight<A>>,
    /// Its place among those waiting, while it has one.
    ticket: Option<u64>,
}

impl<'a, K: Eq + Hash, A> Future for Waiter<'a, K, A> {
    type Output = Joined<'a, K, A>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(ticket) = this.ticket else { return Poll::Pending };
        let mut state = lock(&this.flight.state);
        let joined = match &state.stage {
            FlightStage::Led => {
                state.waiters.insert(ticket, cx.waker().clone());
                return Poll::Pending;
            }
            FlightStage::Found(found) => Joined::Found(Arc::clone(found)),
            FlightStage::Failed => Joined::LeaderFailed,
            FlightStage::LeaderGone => {
                state.stage = FlightStage::Led;
                state.waiters.remove(&ticket);
                let (key, flight) = (Arc::clone(&this.key), Arc::clone(&this.flight));
                Joined::Leader(Leader { flights: this.flights, key, flight })
            }
        };
        drop(state);
        this.ticket = None;
        Poll::Ready(joined)
    }
}

impl<K: Eq + Hash, A> Drop for Waiter<'_, K, A> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut flights = lock(&self.flights.flights);
        let mut state = lock(&self.flight.state);
        state.waiters.remove(&ticket);
        if !matches!(state.stage, FlightStage::LeaderGone) {
            return;
        }
        // The lead was offered, perhaps to this one: it goes on to another one, or nobody wants it.
        let next = state.newest_waiter();
        drop(state);
        if next.is_none() {
            remove(&mut flights, &self.key, &self.flight);
        }
        drop(flights);
        if let Some(next) = next {
            next.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
