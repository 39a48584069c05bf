//! What has to wait until the bundled prices are decoded, which takes some 50 ms that no call is to pay for.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};
use std::thread::{self, ThreadId};

use genai_prices::Calculator;

use super::prices::Prices;
use crate::host_log::catch_panic;

/// Decodes the prices once, on a thread of its own, and does what waited for them.
pub(crate) struct Decoding {
    decode: fn() -> &'static Calculator,
    /// Set once everything that waited is done, so that what comes later never overtakes it.
    decoded: OnceLock<Option<&'static Calculator>>,
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// The decoding of the prices that come with the library.
pub(crate) static DECODING: Decoding = Decoding::new(Calculator::bundled);

type Work = Box<dyn FnOnce(&Prices) + Send>;

struct Waiting {
    work: Vec<Work>,
    begun: bool,
    /// The thread that is doing the work, while it does.
    worker: Option<ThreadId>,
    wakers: Vec<Waker>,
}

/// More than this does not wait: the caller does instead.
const MOST_WORK: usize = 100_000;

impl Decoding {
    const fn new(decode: fn() -> &'static Calculator) -> Self {
        let waiting = Waiting { work: Vec::new(), begun: false, worker: None, wakers: Vec::new() };
        Self { decode, decoded: OnceLock::new(), waiting: Mutex::new(waiting), changed: Condvar::new() }
    }

    /// Returns the prices if they are decoded.
    pub(crate) fn decoded(&self) -> Option<Prices> {
        self.decoded.get().map(|bundled| Prices::with(*bundled))
    }

    /// Does something with the prices: now, where they are decoded, or else as soon as they are, on another thread and
    /// in the order in which it came.
    pub(crate) fn when_decoded(&'static self, work: impl FnOnce(&Prices) + Send + 'static) {
        let mut waiting = self.lock();
        // Asked under the lock: whoever sets it holds the lock, and has found nothing more to do.
        if self.decoded.get().is_some() || waiting.work.len() >= MOST_WORK {
            drop(waiting);
            return work(&self.wait());
        }
        waiting.work.push(Box::new(work));
        self.begin(waiting);
    }

    /// Begins to decode.
    pub(crate) fn prepare(&'static self) {
        self.begin(self.lock());
    }

    fn begin(&'static self, mut waiting: MutexGuard<'_, Waiting>) {
        if std::mem::replace(&mut waiting.begun, true) {
            return;
        }
        drop(waiting);
        if thread::Builder::new().name("tta-prices".into()).spawn(|| self.run()).is_err() {
            catch_panic(
                || tracing::debug!(target: "tta::telemetry", "no thread to decode prices on: a caller does it"),
            );
            self.run();
        }
    }

    fn run(&self) {
        // Without a calculator no model has a price, which is counted; but nobody waits for ever.
        let bundled = catch_unwind(self.decode).ok();
        let mut waiting = self.lock();
        loop {
            let work = std::mem::take(&mut waiting.work);
            if work.is_empty() {
                waiting.worker = None;
                let _ = self.decoded.set(bundled);
                break;
            }
            waiting.worker = Some(thread::current().id());
            drop(waiting);
            let prices = Prices::with(bundled);
            for work in work {
                // It may log, and what the host does with logs may panic; the rest is to be done nevertheless.
                let _ = catch_unwind(AssertUnwindSafe(|| work(&prices)));
            }
            waiting = self.lock();
        }
        let wakers = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        self.changed.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Returns the prices, and waits until they are decoded.
    pub(crate) fn wait(&'static self) -> Prices {
        if self.decoded.get().is_none() {
            self.prepare();
            self.wait_until(|_| self.decoded.get().is_some());
        }
        self.decoded().unwrap_or_else(|| Prices::with(None))
    }

    /// Waits until all that came so far is done.
    pub(crate) fn wait_for_work(&self) {
        if self.decoded.get().is_none() {
            self.wait_until(|waiting| self.is_done(waiting));
        }
    }

    /// Waits until all that came so far is done, without holding a thread.
    pub(crate) async fn work_done(&self) {
        self.until(|waiting| self.is_done(waiting)).await;
    }

    /// Waits until the prices are decoded, without holding a thread.
    #[cfg_attr(not(any(feature = "blocks", test)), expect(dead_code, reason = "blocks alone wait so"))]
    pub(crate) async fn prices_decoded(&'static self) {
        if self.decoded.get().is_none() {
            self.prepare();
            self.until(|_| self.decoded.get().is_some()).await;
        }
    }

    fn is_done(&self, waiting: &Waiting) -> bool {
        self.decoded.get().is_some() || (waiting.worker.is_none() && waiting.work.is_empty())
    }

    /// Holds the thread until this is so; never the one that does the work.
    fn wait_until(&self, is_so: impl Fn(&Waiting) -> bool) {
        let me = Some(thread::current().id());
        let goes_on = |waiting: &mut Waiting| waiting.worker != me && !is_so(waiting);
        drop(self.changed.wait_while(self.lock(), goes_on).unwrap_or_else(PoisonError::into_inner));
    }

    async fn until(&self, is_so: impl Fn(&Waiting) -> bool) {
        poll_fn(|context| {
            let mut waiting = self.lock();
            if is_so(&waiting) {
                return Poll::Ready(());
            }
            waiting.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::{Duration, Instant};

    use super::{Calculator, Decoding};

    /// A decoding that waits until it is let go.
    struct Gate(Mutex<bool>, Condvar);

    impl Gate {
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
    fn what_comes_before_the_prices_waits_in_order_and_holds_no_caller() {
        static GATE: Gate = Gate(Mutex::new(false), Condvar::new());
        let decoding = leaked(|| {
            GATE.pass();
            Calculator::bundled()
        });
        let done = Arc::new(Mutex::new(Vec::new()));
        for n in 0..1_000 {
            let done = Arc::clone(&done);
            decoding.when_decoded(move |_| done.lock().unwrap().push(n));
        }
        // The callers are here already, while the prices are not.
        assert!(decoding.decoded().is_none());
        assert_eq!(*done.lock().unwrap(), [0; 0]);
        GATE.open();
        decoding.wait_for_work();
        assert_eq!(*done.lock().unwrap(), (0..1_000).collect::<Vec<_>>());
        // From now on it is done at once.
        decoding.wait();
        let (send, receive) = channel();
        decoding.when_decoded(move |_| send.send(std::thread::current().id()).unwrap());
        assert_eq!(receive.try_recv(), Ok(std::thread::current().id()));
    }

    #[test]
    fn work_that_reads_the_numbers_or_panics_stops_nobody() {
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
    fn waiting_without_a_thread_ends_as_well() {
        let decoding = leaked(Calculator::bundled);
        let start = Instant::now();
        futures_executor::block_on(decoding.prices_decoded());
        futures_executor::block_on(decoding.work_done());
        assert!(decoding.decoded().is_some());
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
