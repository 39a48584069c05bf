//! Polls a future by hand, and ends the tasks that it spawned.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::Runtime;

use tests::ledger::program::World;

/// Counts its wakes.
#[derive(Debug, Default)]
pub(super) struct CountingWaker(AtomicU64);

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The result of driving a future.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Driven {
    pub(super) polls: u64,
    pub(super) wakes: u64,
    /// Whether it returned or unwound before it was dropped.
    pub(super) ended: bool,
}

/// Makes a runtime with a paused clock.
pub(super) fn runtime() -> Runtime {
    let builder = &mut tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap_or_else(|error| panic!("no runtime: {error}"))
}

/// Polls a future at most `most` times, a millisecond apart, then drops it.
pub(super) fn drive<F: Future>(runtime: &Runtime, future: F, most: u64) -> Driven {
    let counting = Arc::new(CountingWaker::default());
    let waker = Waker::from(Arc::clone(&counting));
    let mut future: Pin<Box<F>> = Box::pin(future);
    let mut driven = Driven { polls: 0, wakes: 0, ended: false };
    while driven.polls < most && !driven.ended {
        driven.polls += 1;
        let entered = runtime.enter();
        let polled =
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()));
        drop(entered);
        // A future that unwound is kept, and dropped below, outside of the unwinding.
        driven.ended = polled.unwrap_or(true);
        if !driven.ended {
            pass_a_millisecond(runtime);
        }
    }
    let _entered = runtime.enter();
    drop(future);
    driven.wakes = counting.0.load(Ordering::SeqCst);
    driven
}

/// Advances the clock and runs the tasks that are ready.
fn pass_a_millisecond(runtime: &Runtime) {
    runtime.block_on(tokio::time::advance(Duration::from_millis(1)));
}

/// Gives the spawned tasks this many milliseconds, then aborts the rest.
pub(super) fn end_tasks(runtime: &Runtime, world: &World, milliseconds: u64) {
    let take = || std::mem::take(&mut *world.tasks.lock().unwrap_or_else(PoisonError::into_inner));
    let tasks = take();
    if tasks.is_empty() {
        return;
    }
    for _ in 0..milliseconds {
        pass_a_millisecond(runtime);
    }
    let mut tasks: Vec<_> = tasks.into_iter().chain(take()).collect();
    while let Some(task) = tasks.pop() {
        task.abort();
        // The ledger checks whether it was aborted or panicked.
        drop(runtime.block_on(task));
        tasks.extend(take());
    }
}

/// Polls once, and returns the future.
pub(super) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}
