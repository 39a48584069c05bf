//! Single flight: of concurrent calls for one key, the leader runs and the waiters receive its output.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::on_error::OnError;
use super::sync::{Mutex, MutexGuard};

/// The keys in flight.
///
/// Lock order: the map of keys before the state of one key. Wakers are called with no lock held.
pub(super) struct SingleFlight<K, A> {
    flights: Mutex<HashMap<Arc<K>, Arc<KeyFlight<A>>>>,
}

struct KeyFlight<A> {
    state: Mutex<FlightState<A>>,
}

struct FlightState<A> {
    stage: FlightStage<A>,
    /// By ticket, which is the order of arrival.
    waiters: BTreeMap<u64, Waker>,
    next_ticket: u64,
    /// Leaders that failed.
    failures: u32,
}

/// The stage of one key's flight.
enum FlightStage<A> {
    /// A leader runs.
    Led,
    /// The leader was dropped without a result; the newest waiter becomes the leader.
    LeaderGone,
    /// The leader published this output.
    Found(Arc<A>),
    /// The leader failed; every waiter runs its own work.
    EachRuns,
    /// This many leaders failed; every waiter fails.
    Failed(u32),
}

/// The role of a call that joined its key's flight.
pub(super) enum Joined<'a, K: Eq + Hash, A> {
    /// The call leads: it runs, and calls that join later wait for it.
    Leader(Leader<'a, K, A>),
    /// The leader published this output.
    Found(Arc<A>),
    /// The leader failed: run your own work now; nobody waits for it.
    RunAlone,
    /// This many leaders failed one after the other: fail as well.
    LeaderFailed(u32),
}

impl<K: Eq + Hash, A> SingleFlight<K, A> {
    pub(super) fn new() -> Self {
        Self { flights: Mutex::new(HashMap::new()) }
    }

    /// Returns the number of keys in flight.
    pub(super) fn len(&self) -> usize {
        lock(&self.flights).len()
    }

    /// Joins the flight of a key, and waits until the call leads, or its leader has published or failed.
    pub(super) async fn join(&self, key: &Arc<K>) -> Joined<'_, K, A> {
        match self.attach(key) {
            Attached::Done(joined) => joined,
            Attached::Waiting(waiter) => waiter.await,
        }
    }

    fn attach(&self, key: &Arc<K>) -> Attached<'_, K, A> {
        let mut flights = lock(&self.flights);
        let Some(flight) = flights.get(key) else {
            let flight = Arc::new(KeyFlight { state: Mutex::new(FlightState::led()) });
            flights.insert(Arc::clone(key), Arc::clone(&flight));
            return Attached::Done(Joined::Leader(Leader { flights: self, key: Arc::clone(key), flight }));
        };
        let mut state = lock(&flight.state);
        match &state.stage {
            FlightStage::Found(found) => return Attached::Done(Joined::Found(Arc::clone(found))),
            FlightStage::EachRuns => return Attached::Done(Joined::RunAlone),
            FlightStage::Failed(failures) => return Attached::Done(Joined::LeaderFailed(*failures)),
            FlightStage::Led | FlightStage::LeaderGone => {}
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiters.insert(ticket, Waker::noop().clone());
        let flight = Arc::clone(flight);
        Attached::Waiting(Waiter { flights: self, key: Arc::clone(key), flight, ticket: Some(ticket) })
    }
}

/// Removes a flight from the map, unless the key already has a later one.
fn remove<K: Eq + Hash, A>(flights: &mut HashMap<Arc<K>, Arc<KeyFlight<A>>>, key: &K, flight: &Arc<KeyFlight<A>>) {
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
        Self { stage: FlightStage::Led, waiters: BTreeMap::new(), next_ticket: 0, failures: 0 }
    }

    /// Returns the waker of the newest waiter, which has the most time left.
    ///
    /// Calls mostly have equal time limits. If the oldest waiter took over, it would reach its limit at once, as would
    /// the next one after it, and the work would never finish.
    fn newest_waiter(&self) -> Option<Waker> {
        self.waiters.values().next_back().cloned()
    }
}

/// The right to run the work of a key. Dropped without a result, the newest waiter takes over.
pub(super) struct Leader<'a, K: Eq + Hash, A> {
    flights: &'a SingleFlight<K, A>,
    key: Arc<K>,
    flight: Arc<KeyFlight<A>>,
}

impl<K: Eq + Hash, A> Leader<'_, K, A> {
    /// Returns whether any call waits for this leader.
    pub(super) fn is_awaited(&self) -> bool {
        !lock(&self.flight.state).waiters.is_empty()
    }

    /// Gives an output to the waiters, and to calls that join before the leader is dropped.
    pub(super) fn publish(&self, found: A) {
        let found = Arc::new(found);
        let waiters = {
            let mut state = lock(&self.flight.state);
            state.stage = FlightStage::Found(found);
            std::mem::take(&mut state.waiters)
        };
        waiters.into_values().for_each(Waker::wake);
    }

    /// Lets a waiter take over, lets all waiters fail, or lets all run their own work at once.
    ///
    /// The retries are bounded: in sequence, each waiter would wait for the failures of all before it.
    pub(super) fn fail(self, on_error: OnError) {
        let waiters = {
            let mut flights = lock(&self.flights.flights);
            let mut state = lock(&self.flight.state);
            state.failures = state.failures.saturating_add(1);
            state.stage = match on_error {
                // The locks go first, then the leader, which a waiter follows.
                OnError::Retry(retries) if state.failures <= retries => return,
                OnError::Retry(_) => FlightStage::Failed(state.failures),
                OnError::EachRuns => FlightStage::EachRuns,
            };
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

/// A call that waits for the leader's result, or to become the leader.
struct Waiter<'a, K: Eq + Hash, A> {
    flights: &'a SingleFlight<K, A>,
    key: Arc<K>,
    flight: Arc<KeyFlight<A>>,
    /// The waiter's place in the queue, until it has a role.
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
            FlightStage::EachRuns => Joined::RunAlone,
            FlightStage::Failed(failures) => Joined::LeaderFailed(*failures),
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
        // The leader is gone, and this waiter may have been woken to take over: wake the next one, or remove the
        // flight.
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
