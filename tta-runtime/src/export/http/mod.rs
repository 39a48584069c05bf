//! The HTTP server for `/metrics`, `/healthz` and `/readyz`.

mod collection;
mod connection;
mod guard;
mod host;
mod negotiate;
mod pages;
mod seats;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use self::collection::Collector;
use self::guard::Guard;
use self::host::Hosts;
use self::pages::Pages;
use self::seats::Seats;
use crate::recorder::Recorder;

/// Who may ask, beyond what is always so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Names by which clients may call the server besides loopback names and its own address, such as
    /// `metrics.example` (any port) or `metrics.example:9464`.
    pub(crate) allowed_hosts: Vec<String>,
    /// What a client must present to read `/metrics`.
    pub(crate) bearer_token: Option<String>,
}

/// How long a client may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Until the request's head is complete.
    header: Duration,
    header_bytes: usize,
    /// Until a scrape is told that collecting takes too long.
    collection: Duration,
    /// From the connection to the last byte of the answer.
    request: Duration,
    connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            header_bytes: 8 * 1024,
            collection: Duration::from_secs(8),
            request: Duration::from_secs(10),
            connections: 64,
        }
    }
}

/// A running server; dropping it stops it.
///
/// It has a thread and a tokio runtime of its own, so that it works in programs without a runtime, and a blocked
/// runtime of the host can still be observed.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Instant>>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

impl Server {
    /// Binds to `address` and serves until it is stopped.
    ///
    /// # Errors
    ///
    /// The address is in use or not ours, a thread cannot be started, or an option cannot be read.
    pub(crate) fn start(
        address: SocketAddr,
        options: Options,
        recorder: &'static Recorder,
        registry: prometheus::Registry,
    ) -> io::Result<Self> {
        Self::start_within(Limits::default(), address, options, recorder, registry)
    }

    fn start_within(
        limits: Limits,
        address: SocketAddr,
        options: Options,
        recorder: &'static Recorder,
        registry: prometheus::Registry,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let hosts = Hosts::new(address.ip(), &options.allowed_hosts)?;
        let guard = Guard::new(hosts, options.bearer_token)?;
        let pages = Arc::new(Pages::new(guard, Collector::new(recorder, registry), limits.collection));

        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            // Held until the thread ends, by which the channel closes.
            let _ending: Sender<()> = ending;
            run(listener, limits, &pages, &started, stopped);
        })?;
        starting.recv().unwrap_or_else(|_| Err(io::Error::other("the metrics server's thread ended")))?;
        Ok(Self { address, stop: Some(stop), ended })
    }

    /// Returns the address that it listens at, with the port that the system chose where 0 was asked for.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says on `/readyz` that it stops, lets requests in progress end until the deadline, and closes the port.
    ///
    /// A client that has not sent its request yet is not waited for.
    pub(crate) fn stop(mut self, deadline: Duration) {
        self.end(deadline);
    }

    fn end(&mut self, deadline: Duration) {
        let now = Instant::now();
        if let Some(stop) = self.stop.take() {
            // An error says that the thread has ended already.
            let _ = stop.send(now.checked_add(deadline).unwrap_or(now));
            let _ = self.ended.recv_timeout(deadline.saturating_add(CLOSING));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// Linux shows 15 characters.
const THREAD: &str = "tta-metrics";

/// Beyond the deadline, the thread is given this long to close its sockets, so that the port is free on return.
const CLOSING: Duration = Duration::from_millis(40);

/// Makes the runtime on the thread that it lives on: one that is dropped inside of another runtime panics.
fn run(
    listener: TcpListener,
    limits: Limits,
    pages: &Arc<Pages>,
    started: &Sender<io::Result<()>>,
    stopped: oneshot::Receiver<Instant>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .thread_name(THREAD)
        // One collects, one encodes what was collected for a scrape that wants another format.
        .max_blocking_threads(2)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let seats = Arc::new(Seats::new(limits.connections));
        let listener = tokio::net::TcpListener::from_std(listener);
        let listening = listener.map(|listener| {
            tokio::spawn(connection::accept(listener, limits, seats.clone(), pages.clone()));
        });
        let listens = listening.is_ok();
        let _ = started.send(listening);
        if !listens {
            return;
        }
        // An error says that the server was forgotten without its destructor; there is no deadline to keep then.
        let deadline = stopped.await.unwrap_or_else(|_| Instant::now());
        pages.announce_stop();
        let _ = tokio::time::timeout_at(deadline.into(), seats.unoccupied()).await;
    });
    // A host's collector that hangs must not keep the thread.
    runtime.shutdown_background();
}
