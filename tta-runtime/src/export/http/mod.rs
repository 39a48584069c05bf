//! The HTTP server for `/metrics`, `/status`, `/healthz`, `/readyz` and the live page.

mod accept;
mod answer;
mod collection;
mod connection;
mod descriptors;
mod guard;
mod host;
#[cfg_attr(not(feature = "page"), path = "no_live_page.rs")]
mod live_page;
mod negotiate;
mod pages;
mod rejection;
mod seats;
mod service;
mod status;
#[cfg(test)]
mod tests;
#[cfg(feature = "exporter-tls")]
mod tls;
#[cfg(not(feature = "exporter-tls"))]
#[path = "tls_off.rs"]
mod tls;
mod visit;

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "page")]
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use self::accept::accept;
use self::collection::Collector;
use self::guard::{Guard, Paths};
use self::host::Hosts;
use self::live_page::LivePage;
use self::pages::{MetricsPage, Pages};
use self::seats::Seats;
pub use self::service::{MetricsService, metrics_service};
pub(crate) use self::status::Service;
use self::status::Status;
pub(crate) use self::tls::Tls;
#[cfg(feature = "page")]
use crate::page::Page;
use crate::recorder::Recorder;
#[cfg(feature = "page")]
use crate::span::OnSpan;

/// The access rules of the server, in addition to the default ones, and the program that it speaks of.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Hosts that a request may name besides loopback names and the server's own address, such as `metrics.example`
    /// (any port) or `metrics.example:9464`.
    pub(crate) allowed_hosts: Vec<String>,
    /// The bearer token that a client must present to read `/metrics` and `/status`, if any.
    pub(crate) bearer_token: Option<String>,
    /// Serves over TLS alone, if present.
    pub(crate) tls: Option<Tls>,
    pub(crate) service: Service,
    /// The live page, if the server has one.
    #[cfg(feature = "page")]
    pub(crate) page: Option<Arc<Page>>,
}

/// The deadlines of a connection, and the limits on its size and on the number of connections.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The deadline for the complete head of the request.
    header: Duration,
    header_bytes: usize,
    /// The deadline for a collection, after which a scrape gets a 503.
    collection: Duration,
    /// The deadline for the whole connection, up to the last byte of the response.
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

/// A running server. Dropping it stops the server at once.
///
/// The server has its own thread and tokio runtime: it works in a program without a runtime, and it answers scrapes
/// while the host's runtime is blocked.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    #[cfg(feature = "page")]
    page: Option<Arc<Page>>,
    #[cfg(feature = "page")]
    scheme: &'static str,
    stop: Option<oneshot::Sender<Instant>>,
    /// Closes when the thread ends.
    ended: Receiver<()>,
}

impl Server {
    /// Binds to `address` and serves requests until the server is stopped.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is in use or not local, if the thread or its runtime cannot be started, or if an
    /// option is invalid.
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
        let socket = bind(address)?;
        let address = socket.local_addr()?;
        let hosts = Hosts::new(address.ip(), &options.allowed_hosts)?;
        #[cfg(feature = "page")]
        let live = options.page.clone().map(|page| LivePage::new(page, limits.collection));
        #[cfg(not(feature = "page"))]
        let live: Option<LivePage> = None;
        let paths = if live.is_some() { Paths::WithLivePage } else { Paths::Metrics };
        let guard = Guard::new(hosts, options.bearer_token, paths)?;
        let metrics = MetricsPage::new(Collector::new(recorder, registry), limits.collection);
        let pages = Arc::new(Pages::new(guard, metrics, Status::new(options.service, recorder), live));
        #[cfg(feature = "page")]
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let tls = options.tls.map(Arc::new);

        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || {
            // Closes the channel when the thread ends.
            let _ending: Sender<()> = ending;
            run(socket, limits, &pages, tls, &started, stopped);
        })?;
        starting.recv().unwrap_or_else(|_| Err(io::Error::other("the metrics server's thread ended")))?;
        Ok(Self {
            address,
            #[cfg(feature = "page")]
            page: options.page,
            #[cfg(feature = "page")]
            scheme,
            stop: Some(stop),
            ended,
        })
    }

    /// Returns the address that the server listens on, with the port that the system chose if port 0 was requested.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the live page on this machine, if there is one.
    #[cfg(feature = "page")]
    pub(crate) fn page_url(&self) -> Option<String> {
        self.page.as_ref()?;
        let mut address = self.address;
        // A browser cannot ask for the address that stands for all of them.
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
        }
        Some(format!("{}://{address}/", self.scheme))
    }

    /// Starts the live page's samples, if there is one.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses the thread.
    #[cfg(feature = "page")]
    pub(crate) fn begin_page(&self) -> io::Result<()> {
        self.page.as_ref().map_or(Ok(()), |page| page.begin())
    }

    /// Returns what the live page wants to know of each span, if there is one.
    #[cfg(feature = "page")]
    pub(crate) fn on_span(&self) -> Option<OnSpan> {
        self.page.as_ref().map(|page| page.on_span())
    }

    /// Shuts the server down gracefully: `/readyz` answers 503, requests in progress may end until the deadline, and
    /// then the port is closed.
    ///
    /// The graceful shutdown does not wait for a half-sent request.
    pub(crate) fn stop(mut self, deadline: Duration) {
        self.end(deadline);
    }

    fn end(&mut self, deadline: Duration) {
        let now = Instant::now();
        if let Some(stop) = self.stop.take() {
            // Sending fails only if the thread has ended already.
            let _ = stop.send(now.checked_add(deadline).unwrap_or(now));
            let _ = self.ended.recv_timeout(deadline.saturating_add(CLOSE_GRACE));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// The most connections that wait to be accepted; the system may allow fewer.
///
/// The standard library's 128 are too few: a client beyond them waits a second for the next attempt of its system.
const BACKLOG: u32 = 1_024;

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the standard library's listeners: the port is free again at once after a program that ended. On Windows the
    // option would let two programs share the port.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

/// Linux limits the name of a thread to 15 characters.
const THREAD_NAME: &str = "tta-metrics";

/// The time after the deadline in which the thread closes its sockets, so that the port is free on return.
const CLOSE_GRACE: Duration = Duration::from_millis(40);

/// Runs the server on the current thread.
///
/// Creates the runtime on the same thread, because dropping a runtime inside another one panics.
fn run(
    socket: TcpSocket,
    limits: Limits,
    pages: &Arc<Pages>,
    tls: Option<Arc<Tls>>,
    started: &Sender<io::Result<()>>,
    stopped: oneshot::Receiver<Instant>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .thread_name(THREAD_NAME)
        // One thread collects, one encodes the result for a waiter that prefers another representation, and one answers the
        // requests of the live page.
        .max_blocking_threads(3)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let seats = Arc::new(Seats::new(limits.connections.min(descriptors::connections())));
        let listening = socket.listen(BACKLOG).map(|listener| {
            tokio::spawn(accept(listener, limits, seats.clone(), pages.clone(), tls));
        });
        let listens = listening.is_ok();
        let _ = started.send(listening);
        if !listens {
            return;
        }
        // Receiving fails only if the `Server` is gone without running its destructor. There is no deadline then.
        let deadline = stopped.await.unwrap_or_else(|_| Instant::now());
        pages.announce_stop();
        let _ = tokio::time::timeout_at(deadline.into(), seats.drained()).await;
    });
    // Does not wait for blocking tasks: a collector of the host that hangs must not keep the thread alive.
    runtime.shutdown_background();
}
