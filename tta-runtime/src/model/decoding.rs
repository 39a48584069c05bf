//! Background decoding of the bundled prices, which takes about 50 ms, and the work deferred until then.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::task::Waker;
use std::thread::{self, ThreadId};

use genai_prices::Calculator;

use super::freed_memory;
use super::prices::Prices;
use crate::host_log::catch_panic;
use crate::panics::caught;

/// Decodes the prices once, on a background thread, then runs the deferred work.
pub(crate) struct Decoding {
    decode: fn() -> &'static Calculator,
    /// Set after all deferred work has run, so that later work never overtakes it.
    decoded: OnceLock<Option<&'static Calculator>>,
    state: Mutex<DecodingState>,
    changed: Condvar,
}

/// The decoding of the bundled prices.
pub(crate) static DECODING: Decoding = Decoding::new(Calculator::bundled);

/// Work that waits for the prices.
type Deferred = Box<dyn FnOnce(&Prices) + Send>;

struct DecodingState {
    deferred: Vec<Deferred>,
    started: bool,
    /// The thread that runs the deferred work, while it does.
    worker: Option<ThreadId>,
    /// One for each task that waits, by its ticket.
    wakers: BTreeMap<u64, Waker>,
    next_ticket: u64,
}

/// The most deferred work; beyond it, the caller waits for the prices instead.
const MOST_DEFERRED: usize = 100_000;

impl Decoding {
    const fn new(decode: fn() -> &'static Calculator) -> Self {
        let state = DecodingState {
            deferred: Vec::new(),
            started: false,
            worker: None,
            wakers: BTreeMap::new(),
            next_ticket: 0,
        };
        Self { decode, decoded: OnceLock::new(), state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Returns the prices, `None` until they are decoded.
    pub(crate) fn decoded(&self) -> Option<Prices> {
        self.decoded.get().map(|bundled| Prices::with(*bundled))
    }

    /// Returns whether the prices are decoded, and all work that was deferred until then has run.
    pub(crate) fn is_decoded(&self) -> bool {
        self.decoded.get().is_some()
    }

    /// Runs work with the prices: now if they are decoded, otherwise later on the decoding thread, in the order of arrival.
    pub(crate) fn when_decoded(&'static self, deferred: impl FnOnce(&Prices) + Send + 'static) {
        let mut state = self.lock();
        // Checked under the lock: `decoded` is set under it, after no deferred work was left.
        if self.decoded.get().is_some() || state.deferred.len() >= MOST_DEFERRED {
            drop(state);
            return deferred(&self.wait());
        }
        state.deferred.push(Box::new(deferred));
        self.begin(state);
    }

    /// Starts to decode, if that has not started.
    pub(crate) fn prepare(&'static self) {
        self.begin(self.lock());
    }

    fn begin(&'static self, mut state: MutexGuard<'_, DecodingState>) {
        if std::mem::replace(&mut state.started, true) {
            return;
        }
        drop(state);
        if thread::Builder::new().name("tta-prices".into()).spawn(|| self.run()).is_err() {
            catch_panic(
                || tracing::debug!(target: "tta::telemetry", "no thread to decode the prices: a caller decodes them"),
            );
            self.run();
        }
    }

    fn run(&self) {
        // Without a calculator no model has a bundled price, which is counted. Waiters still continue.
        let bundled = caught(self.decode);
        let mut state = self.lock();
        loop {
            let deferred = std::mem::take(&mut state.deferred);
            if deferred.is_empty() {
                state.worker = None;
                let _ = self.decoded.set(bundled);
                break;
            }
            state.worker = Some(thread::current().id());
            drop(state);
            let prices = Prices::with(bundled);
            for deferred in deferred {
                // The work may log, and the host's subscriber may panic: run the rest nevertheless.
                let _ = caught(|| deferred(&prices));
            }
            state = self.lock();
        }
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.changed.notify_all();
        wakers.into_values().for_each(Waker::wake);
        // Decoding parses the data into a tree that takes twice as much memory as what it leaves.
        freed_memory::give_back();
    }

    /// Blocks until the prices are decoded, and returns them.
    pub(crate) fn wait(&'static self) -> Prices {
        if self.decoded.get().is_none() {
            self.prepare();
            self.wait_until(|_| self.decoded.get().is_some());
        }
        self.decoded().unwrap_or_else(|| Prices::with(None))
    }

    /// Blocks until all work deferred so far has run.
    pub(crate) fn wait_for_work(&self) {
        if self.decoded.get().is_none() {
            self.wait_until(|state| self.is_done(state));
        }
    }

    /// Waits until all work deferred so far has run, without blocking the thread.
    #[cfg(any(feature = "blocks", test))]
    pub(crate) async fn work_done(&self) {
        self.until(|state| self.is_done(state)).await;
    }

    /// Waits until the prices are decoded, without blocking the thread.
    pub(crate) async fn prices_decoded(&'static self) {
        if self.decoded.get().is_none() {
            self.prepare();
            self.until(|_| self.decoded.get().is_some()).await;
        }
    }

    fn is_done(&self, state: &DecodingState) -> bool {
        self.decoded.get().is_some() || (state.worker.is_none() && state.deferred.is_empty())
    }

    /// Blocks the thread until the condition is met. Never blocks the thread that runs the deferred work.
    fn wait_until(&self, is_met: impl Fn(&DecodingState) -> bool) {
        let me = Some(thread::current().id());
        let keeps_waiting = |state: &mut DecodingState| state.worker != me && !is_met(state);
        drop(self.changed.wait_while(self.lock(), keeps_waiting).unwrap_or_else(PoisonError::into_inner));
    }

    async fn until(&self, is_met: impl Fn(&DecodingState) -> bool) {
        let waiter = WaitingTask { decoding: self, ticket: self.ticket() };
        poll_fn(|context| {
            let mut state = self.lock();
            if is_met(&state) {
                return Poll::Ready(());
            }
            // However often it is polled, a task keeps one waker: its latest.
            state.wakers.insert(waiter.ticket, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn ticket(&self) -> u64 {
        let mut state = self.lock();
        state.next_ticket += 1;
        state.next_ticket
    }

    fn lock(&self) -> MutexGuard<'_, DecodingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that waits, whose waker goes with it.
struct WaitingTask<'a> {
    decoding: &'a Decoding,
    ticket: u64,
}

impl Drop for WaitingTask<'_> {
    fn drop(&mut self) {
        let waker = self.decoding.lock().wakers.remove(&self.ticket);
        // A waker's drop may be foreign code: not under the lock.
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Condvar, Mutex};
    use std::task::{Context, Waker};
    use std::time::{Duration, Instant};

    use super::{Calculator, Decoding};

    /// Blocks a decoding until the test opens it.
    struct Latch(Mutex<bool>, Condvar);

    impl Latch {
        fn open(&self) {
            *self.0.lock().unwrap() = true;
            self.1.notify_all();
        }

        fn pass(&self) {
            drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
        }
    }

    fn leaked(decode: fn() -> &'static Calculator) -> &'static Decoding {
        Box::leak(Box::new(Decoding::new(decode)))
    }

    #[test]
    fn a_task_that_waits_keeps_one_waker_and_takes_it_along() {
        static LATCH: Latch = Latch(Mutex::new(false), Condvar::new());
        let decoding = leaked(|| {
            LATCH.pass();
            Calculator::bundled()
        });
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting = [Box::pin(decoding.prices_decoded()), Box::pin(decoding.prices_decoded())];
        for _ in 0..1_000 {
            for waiting in &mut waiting {
                assert!(waiting.as_mut().poll(&mut context).is_pending());
            }
        }
        assert_eq!(decoding.lock().wakers.len(), 2);
        let [first, second] = waiting;
        drop(first);
        assert_eq!(decoding.lock().wakers.len(), 1);
        LATCH.open();
        futures_executor::block_on(second);
        assert_eq!(decoding.lock().wakers.len(), 0);
    }

    #[test]
    fn deferred_work_runs_in_order_and_blocks_no_caller() {
        static LATCH: Latch = Latch(Mutex::new(false), Condvar::new());
        let decoding = leaked(|| {
            LATCH.pass();
            Calculator::bundled()
        });
        let done = Arc::new(Mutex::new(Vec::new()));
        for n in 0..1_000 {
            let done = Arc::clone(&done);
            decoding.when_decoded(move |_| done.lock().unwrap().push(n));
        }
        // The calls returned, although the prices are not decoded.
        assert!(decoding.decoded().is_none());
        assert_eq!(*done.lock().unwrap(), [0; 0]);
        LATCH.open();
        decoding.wait_for_work();
        assert_eq!(*done.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
        // From now on, work runs at once.
        decoding.wait();
        let (send, receive) = channel();
        decoding.when_decoded(move |_| send.send(std::thread::current().id()).unwrap());
        assert_eq!(receive.try_recv(), Ok(std::thread::current().id()));
    }

    #[test]
    fn work_that_waits_or_panics_stops_nobody() {
        let decoding = leaked(Calculator::bundled);
        decoding.when_decoded(|_| panic!("a subscriber of the host's"));
        decoding.when_decoded(move |_| decoding.wait_for_work());
        let (send, receive) = channel();
        decoding.when_decoded(move |_| send.send(()).unwrap());
        assert_eq!(receive.recv_timeout(Duration::from_secs(60)), Ok(()));
        decoding.wait_for_work();
    }

    #[test]
    fn prices_that_cannot_be_decoded_are_no_prices() {
        let decoding = leaked(|| panic!("broken"));
        let name = super::super::ModelName::new("openai", "gpt-4o");
        assert_eq!(decoding.wait().price(&name, &super::super::Usage::new(1, 1)), None);
    }

    #[test]
    fn waiting_without_blocking_ends() {
        let decoding = leaked(Calculator::bundled);
        let start = Instant::now();
        futures_executor::block_on(decoding.prices_decoded());
        futures_executor::block_on(decoding.work_done());
        assert!(decoding.decoded().is_some());
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
