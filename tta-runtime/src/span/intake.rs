//! The queue between calls and the export threads, which can be closed while calls end.

use super::sync::{AtomicBool, Ordering, SegQueue, fence};

/// A queue that takes items until it is closed.
pub(super) struct Intake<T> {
    items: SegQueue<T>,
    is_closed: AtomicBool,
}

impl<T> Intake<T> {
    pub(super) fn new() -> Self {
        Self { items: SegQueue::new(), is_closed: AtomicBool::new(false) }
    }

    /// Queues an item.
    ///
    /// # Errors
    ///
    /// Returns an item that nobody will take since the queue is closed: this one, or another one that was queued while it
    /// closed.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(item);
        }
        self.items.push(item);
        // Pairs with the fence of `close`: either the closing thread finds the item, or this thread finds the queue closed.
        fence(Ordering::SeqCst);
        if self.is_closed.load(Ordering::Relaxed)
            && let Some(left) = self.items.pop()
        {
            return Err(left);
        }
        Ok(())
    }

    /// Takes no more items. Whoever drains the queue after this call leaves none behind.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    pub(super) fn pop(&self) -> Option<T> {
        self.items.pop()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}
