//! The queue between calls and the export threads, which can be closed while calls end.
//!
//! It has parts, so that threads rarely meet: a thread adds to a part of its own. While somebody else has that part, such as an export
//! thread that takes what is there, it adds to the next one, and waits for nobody.

use crossbeam_utils::CachePadded;

use super::chunk::Chunk;
use super::sync::{Mutex, MutexGuard, PoisonError, TryLockError, yield_now};

/// A queue that takes items until it is closed. `S` is what its owner keeps with each part.
pub(super) struct Intake<T, S> {
    parts: Parts<T, S>,
    /// Chunks that were emptied.
    spare: Mutex<Vec<Chunk<T>>>,
    /// The items after which a chunk is full.
    chunk_items: usize,
}

/// Each part has cache lines of its own.
type Parts<T, S> = Box<[CachePadded<Mutex<Part<T, S>>>]>;

/// A part of the queue.
#[derive(Debug)]
pub(super) struct Part<T, S> {
    /// The chunk that items are added to.
    latest: Chunk<T>,
    /// The chunks before it, the oldest first.
    full: Vec<Chunk<T>>,
    is_closed: bool,
    pub(super) state: S,
}

/// The most emptied chunks that are kept: a batch of the default size takes as many.
const MOST_SPARE: usize = 16;

impl<T, S: Default> Intake<T, S> {
    /// Creates a queue in chunks of this many items, for at least this many threads that add at the same time.
    pub(super) fn new(chunk_items: usize, threads: usize) -> Self {
        let part = || Part { latest: Chunk::new(), full: Vec::new(), is_closed: false, state: S::default() };
        // A power of two, so that the number of a thread is masked and not divided.
        let parts = (0..threads.next_power_of_two()).map(|_| CachePadded::new(Mutex::new(part()))).collect();
        Self { parts, spare: Mutex::new(Vec::new()), chunk_items }
    }
}

impl<T, S> Intake<T, S> {
    /// Returns a part that nobody else has now: that of this number, or the next one that is free.
    #[inline]
    pub(super) fn part(&self, number: usize) -> MutexGuard<'_, Part<T, S>> {
        let own = self.parts.get(number & (self.parts.len() - 1)).and_then(|part| attempt(part));
        own.unwrap_or_else(|| self.next_part(number))
    }

    #[cold]
    fn next_part(&self, number: usize) -> MutexGuard<'_, Part<T, S>> {
        loop {
            let (before, from) = self.parts.split_at(number & (self.parts.len() - 1));
            if let Some(part) = from.iter().chain(before).find_map(|part| attempt(part)) {
                return part;
            }
            // For each part there is a thread that was interrupted in the few instructions for which it has the part.
            yield_now();
        }
    }

    /// Adds an item with some bytes to a part that is open; `put` has a place with a default value, and puts the item there.
    ///
    /// Returns whether a chunk is full with it.
    #[inline]
    pub(super) fn push(&self, part: &mut Part<T, S>, put: impl FnOnce(&mut T), bytes: &[u8]) -> bool
    where
        T: Default,
    {
        part.latest.push(self.chunk_items, put, bytes);
        let is_full = part.latest.len() >= self.chunk_items;
        if is_full {
            self.begin_chunk(part);
        }
        is_full
    }

    #[cold]
    fn begin_chunk(&self, part: &mut Part<T, S>) {
        let full = std::mem::replace(&mut part.latest, self.empty_chunk());
        part.full.push(full);
    }

    fn empty_chunk(&self) -> Chunk<T> {
        attempt(&self.spare).and_then(|mut spare| spare.pop()).unwrap_or(const { Chunk::new() })
    }

    /// Passes each part on. Waits for the calls that have one: for export threads and scrapes.
    pub(super) fn each_part(&self, mut visit: impl FnMut(&mut Part<T, S>)) {
        self.parts.iter().for_each(|part| visit(&mut wait(part)));
    }

    /// Passes each part on that nobody else has now. Returns whether these are all.
    pub(super) fn each_free_part(&self, mut visit: impl FnMut(&mut Part<T, S>)) -> bool {
        let mut are_all = true;
        for part in &self.parts {
            match attempt(part) {
                Some(mut part) => visit(&mut part),
                None => are_all = false,
            }
        }
        are_all
    }

    /// Takes what is queued in a part, the oldest first.
    pub(super) fn take(&self, part: &mut Part<T, S>, taken: &mut Vec<Chunk<T>>) {
        taken.append(&mut part.full);
        if part.latest.len() > 0 {
            taken.push(std::mem::replace(&mut part.latest, self.empty_chunk()));
        }
    }

    /// Keeps an emptied chunk for later items.
    pub(super) fn give_back(&self, chunk: Chunk<T>) {
        let mut spare = wait(&self.spare);
        if spare.len() < MOST_SPARE {
            spare.push(chunk);
        }
    }
}

impl<T, S> Part<T, S> {
    /// Takes no more items. Whoever takes the items after this call leaves none behind.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Returns whether items may be added.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        !self.is_closed
    }
}

/// Locks what nobody else has. Nothing of the program runs under these locks: a panic left nothing half done.
#[inline]
fn attempt<T>(lock: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match lock.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

fn wait<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
