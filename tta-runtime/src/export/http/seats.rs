//! Seats for connections: at most so many at once, and those who keep the server waiting give way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

/// What a connection is waiting for, those that give way first before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The client sends its request.
    AwaitsRequest,
    /// The client takes the answer.
    AwaitsReader,
    /// The server finds the answer. Such a connection is never closed for another.
    Answering,
}

/// All seats.
pub(super) struct Seats {
    most: usize,
    table: Mutex<Table>,
    left: Notify,
}

#[derive(Default)]
struct Table {
    next: u64,
    taken: BTreeMap<u64, Taken>,
}

struct Taken {
    phase: Phase,
    /// Dropped when the seat is given to another connection.
    _keeps: oneshot::Sender<()>,
}

/// The place of one connection; dropping it frees it.
pub(super) struct Seat {
    number: u64,
    seats: Arc<Seats>,
}

/// Completes when the seat was given to another connection.
pub(super) type Eviction = oneshot::Receiver<()>;

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { most, table: Mutex::default(), left: Notify::new() }
    }

    /// Returns a seat for a new connection, or none if the server is busy with an answer for each one seated.
    ///
    /// Refusing the newcomer instead would let as many half-sent requests as there are seats keep every scrape out
    /// until their time is over. A scraper sends its request at once, so it is never among the oldest that have not.
    pub(super) fn take(self: &Arc<Self>) -> Option<(Seat, Eviction)> {
        let mut table = self.table();
        if table.taken.len() >= self.most {
            let waiting = table.taken.iter().filter(|(_, taken)| taken.phase != Phase::Answering);
            let slowest = waiting.min_by_key(|&(&number, taken)| (taken.phase, number)).map(|(&number, _)| number)?;
            table.taken.remove(&slowest);
        }
        let number = table.next;
        table.next += 1;
        let (keeps, eviction) = oneshot::channel();
        table.taken.insert(number, Taken { phase: Phase::AwaitsRequest, _keeps: keeps });
        Some((Seat { number, seats: self.clone() }, eviction))
    }

    /// Waits until no connection has an answer to come.
    pub(super) async fn unoccupied(&self) {
        while self.table().taken.values().any(|taken| taken.phase != Phase::AwaitsRequest) {
            // One task waits here, and the notification is kept for it, so none is missed in between.
            self.left.notified().await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.seats.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{Eviction, Phase, Seat, Seats};
    use std::sync::Arc;
    use tokio::sync::oneshot::error::TryRecvError;

    /// Seats connections in the given phases, one more after them, and returns which of the first had to go, and
    /// whether the last was seated.
    fn check(phases: [Phase; 3]) -> ([bool; 3], bool) {
        let seats = Arc::new(Seats::new(3));
        let mut seated: [(Seat, Eviction); 3] = phases.map(|phase| {
            let (seat, eviction) = seats.take().expect("a seat is free");
            seat.enter(phase);
            (seat, eviction)
        });
        let last = seats.take();
        let gone = seated.each_mut().map(|(_, eviction)| eviction.try_recv() == Err(TryRecvError::Closed));
        (gone, last.is_some())
    }

    #[test]
    fn the_oldest_half_sent_request_gives_way_first() {
        use Phase::{Answering, AwaitsReader, AwaitsRequest};
        assert_eq!(check([AwaitsReader, AwaitsRequest, AwaitsRequest]), ([false, true, false], true));
        assert_eq!(check([AwaitsRequest, AwaitsRequest, Answering]), ([true, false, false], true));
    }

    #[test]
    fn the_oldest_slow_reader_gives_way_where_all_requests_are_sent() {
        use Phase::{Answering, AwaitsReader};
        assert_eq!(check([Answering, AwaitsReader, AwaitsReader]), ([false, true, false], true));
    }

    #[test]
    fn a_connection_that_is_being_answered_never_gives_way() {
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
