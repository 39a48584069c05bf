//! A limit on connections, with eviction of those that keep the server waiting.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

/// The phase of a connection, in the order of eviction: connections in an earlier phase are evicted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The server waits for the client to send its request.
    AwaitsRequest,
    /// The server waits for the client to read the response.
    AwaitsReader,
    /// The server prepares the response. A connection in this phase is never evicted.
    Answering,
}

/// The seats of all connections, at most `capacity` at once.
pub(super) struct Seats {
    capacity: usize,
    table: Mutex<Table>,
    freed: Notify,
}

#[derive(Default)]
struct Table {
    next: u64,
    taken: BTreeMap<u64, Taken>,
}

struct Taken {
    phase: Phase,
    /// Dropped on eviction, which completes the connection's [`Eviction`].
    _evictor: oneshot::Sender<()>,
}

/// The seat of one connection. Dropping it frees the seat.
pub(super) struct Seat {
    number: u64,
    seats: Arc<Seats>,
}

/// Completes when the connection is evicted: its seat goes to another connection.
pub(super) type Eviction = oneshot::Receiver<()>;

impl Seats {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, table: Mutex::default(), freed: Notify::new() }
    }

    /// Returns a seat for a new connection, or `None` if every seated connection is in [`Phase::Answering`].
    ///
    /// If all seats are taken, evicts the oldest connection with a half-sent request, or else the oldest slow reader.
    ///
    /// Refusing the new connection instead would let one half-sent request per seat block every scrape until their
    /// deadline. A scraper sends its request at once, so it is never the oldest connection with a half-sent request.
    pub(super) fn take(self: &Arc<Self>) -> Option<(Seat, Eviction)> {
        let mut table = self.table();
        if table.taken.len() >= self.capacity && !table.evict() {
            return None;
        }
        let number = table.next;
        table.next += 1;
        let (evictor, eviction) = oneshot::channel();
        table.taken.insert(number, Taken { phase: Phase::AwaitsRequest, _evictor: evictor });
        Some((Seat { number, seats: self.clone() }, eviction))
    }

    /// Evicts the connection that [`take`](Self::take) would evict if all seats were taken. Returns whether there is one.
    pub(super) fn evict(&self) -> bool {
        self.table().evict()
    }

    /// Waits until no connection has a response pending: each one is closed or awaits its request.
    pub(super) async fn drained(&self) {
        while self.table().taken.values().any(|taken| taken.phase != Phase::AwaitsRequest) {
            // A single task waits here, and `notify_one` stores a permit for it, so no notification is lost.
            self.freed.notified().await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn evict(&mut self) -> bool {
        let waiting = self.taken.iter().filter(|(_, taken)| taken.phase != Phase::Answering);
        let oldest = waiting.min_by_key(|&(&number, taken)| (taken.phase, number)).map(|(&number, _)| number);
        oldest.and_then(|number| self.taken.remove(&number)).is_some()
    }
}

impl Seat {
    pub(super) fn enter(&self, phase: Phase) {
        if let Some(taken) = self.seats.table().taken.get_mut(&self.number) {
            taken.phase = phase;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.table().taken.remove(&self.number);
        self.seats.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{Eviction, Phase, Seat, Seats};
    use std::sync::Arc;
    use tokio::sync::oneshot::error::TryRecvError;

    /// Seats a connection in each of `phases` and then takes one more seat. Returns which connections were evicted, and
    /// whether the last one got a seat.
    fn check(phases: [Phase; 3]) -> ([bool; 3], bool) {
        let seats = Arc::new(Seats::new(3));
        let mut seated: [(Seat, Eviction); 3] = phases.map(|phase| {
            let (seat, eviction) = seats.take().expect("a seat is free");
            seat.enter(phase);
            (seat, eviction)
        });
        let last = seats.take();
        let evicted = seated.each_mut().map(|(_, eviction)| eviction.try_recv() == Err(TryRecvError::Closed));
        (evicted, last.is_some())
    }

    #[test]
    fn the_oldest_half_sent_request_is_evicted_first() {
        use Phase::{Answering, AwaitsReader, AwaitsRequest};
        assert_eq!(check([AwaitsReader, AwaitsRequest, AwaitsRequest]), ([false, true, false], true));
        assert_eq!(check([AwaitsRequest, AwaitsRequest, Answering]), ([true, false, false], true));
    }

    #[test]
    fn the_oldest_slow_reader_is_evicted_if_no_request_is_half_sent() {
        use Phase::{Answering, AwaitsReader};
        assert_eq!(check([Answering, AwaitsReader, AwaitsReader]), ([false, true, false], true));
    }

    #[test]
    fn a_connection_that_is_being_answered_is_never_evicted() {
        assert_eq!(check([Phase::Answering; 3]), ([false; 3], false));
    }

    #[test]
    fn a_seat_is_free_again_once_its_connection_has_ended() {
        let seats = Arc::new(Seats::new(1));
        let (seat, _eviction) = seats.take().expect("a seat is free");
        seat.enter(Phase::Answering);
        assert!(seats.take().is_none());
        drop(seat);
        assert!(seats.take().is_some());
    }
}
