//! The link to Redis: calls wait for a bounded time, and a background task connects and reconnects.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use redis::{Pipeline, Value};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout, timeout_at};

use super::address::RedisAddress;
use super::connection::{RedisConnection, is_answer};
use super::health::Health;
use super::outage_log::{Availability, OutageLog};
use super::runtime;
use super::shards::Shards;

use crate::panics::discard;

/// The time limit of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The connection is replaced after this many rounds of probes without a reply.
const MAX_PROBE_ROUNDS: u32 = 5;

/// Why a request has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server is known to be down, and was not asked.
    Down,
    /// The server did not reply within the time limit.
    NoReply,
    /// The server replied with an error.
    ErrorReply,
}

/// A connection that a background task keeps up until this is dropped.
pub(crate) struct Link {
    shared: Arc<SharedLink>,
    task: Option<AbortHandle>,
}

struct SharedLink {
    address: RedisAddress,
    limit: Duration,
    status: watch::Sender<ConnectionStatus>,
    shards: RwLock<Arc<Shards>>,
    /// Whether this connection has replied to a call.
    has_answered: AtomicBool,
    /// Notifies the background task that a server is down, or replies to calls again.
    change: Notify,
    outage: Arc<OutageLog>,
}

/// One request and the health of its server; its result is recorded once.
struct Request {
    key: String,
    health: Arc<Health>,
    is_recorded: AtomicBool,
}

#[derive(Clone)]
enum ConnectionStatus {
    /// The first attempt to connect is under way: calls wait for it as for a reply.
    Connecting,
    Up(RedisConnection),
    /// The connection is lost, or was never established: no call waits.
    Down,
}

impl Link {
    /// Starts the background task; each request has `limit` to complete.
    pub(super) fn open(address: RedisAddress, limit: Duration, outage: Arc<OutageLog>) -> Self {
        let shared = Arc::new(SharedLink {
            address,
            limit,
            status: watch::Sender::new(ConnectionStatus::Connecting),
            shards: RwLock::new(Arc::new(Shards::single())),
            has_answered: AtomicBool::new(false),
            change: Notify::new(),
            outage,
        });
        let task = runtime::spawn(keep_connected(Arc::clone(&shared))).map(|task| task.abort_handle());
        Self { shared, task }
    }

    /// Returns the identifier of the server that has a key; `None` if no server has it.
    pub(crate) fn server(&self, key: &str) -> Option<Arc<str>> {
        self.shared.shards().server(key)
    }

    /// Returns whether a server has any keys.
    pub(crate) fn has_slots(&self, server: &str) -> bool {
        self.shared.shards().has(server)
    }

    /// Sends commands about one key, and waits for the replies until the deadline, even if the connections' thread is
    /// blocked.
    ///
    /// Dropping the future does not cancel the request: its replies are read and discarded, so that later requests
    /// receive their own.
    pub(crate) async fn ask(&self, key: &str, commands: Pipeline, deadline: Instant) -> Result<Vec<Value>, Fault> {
        let Some(health) = self.shared.health(key).filter(|health| !health.is_down()) else { return Err(Fault::Down) };
        if self.shared.is_down() {
            return Err(Fault::Down);
        }
        let request = Arc::new(Request { key: key.to_owned(), health, is_recorded: AtomicBool::new(false) });
        let (shared, asked) = (Arc::clone(&self.shared), Arc::clone(&request));
        let asking = runtime::spawn(async move {
            if asked.is_recorded.load(Ordering::Relaxed) {
                // The thread started the request too late, and no call waits for it any more.
                return Err(Fault::NoReply);
            }
            let answer = timeout_at(deadline.into(), shared.ask(&commands)).await.unwrap_or(Err(Fault::NoReply));
            shared.record_result(&asked, answer.as_ref().err().copied());
            answer
        });
        let Some(asking) = asking else { return Err(Fault::Down) };
        let answered = runtime::await_until(deadline, asking).await;
        let answer = answered.and_then(Result::ok).unwrap_or(Err(Fault::NoReply));
        self.shared.record_result(&request, answer.as_ref().err().copied());
        answer
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl SharedLink {
    fn health(&self, key: &str) -> Option<Arc<Health>> {
        self.shards().health(key)
    }

    fn shards(&self) -> Arc<Shards> {
        Arc::clone(&self.shards.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask(&self, commands: &Pipeline) -> Result<Vec<Value>, Fault> {
        let mut status = self.status.subscribe();
        let mut connection = {
            let known = status.wait_for(|status| !matches!(status, ConnectionStatus::Connecting)).await;
            match known.as_deref() {
                Ok(ConnectionStatus::Up(connection)) => connection.clone(),
                _ => return Err(Fault::Down),
            }
        };
        connection.run(commands).await.map_err(|error| {
            if is_answer(&error) {
                return Fault::ErrorReply;
            }
            if connection.is_lost_by(&error) {
                self.mark_down();
            }
            Fault::NoReply
        })
    }

    /// Records the result of a request in its server's health. Both the request and the call that waits for it may do
    /// so; the first wins.
    fn record_result(&self, request: &Request, fault: Option<Fault>) {
        if request.is_recorded.swap(true, Ordering::Relaxed) {
            return;
        }
        match fault {
            None | Some(Fault::ErrorReply) => {
                let has_recovered = request.health.succeeded();
                if has_recovered || !self.has_answered.load(Ordering::Relaxed) {
                    self.has_answered.store(true, Ordering::Relaxed);
                    self.change.notify_one();
                }
            }
            Some(Fault::NoReply) => {
                if request.health.failed(&request.key) {
                    self.change.notify_one();
                }
            }
            Some(Fault::Down) => {}
        }
    }

    /// Marks the connection as down, so that no call waits for it.
    fn mark_down(&self) {
        self.status.send_replace(ConnectionStatus::Down);
        self.outage.note(Availability::Down);
        self.change.notify_one();
    }

    /// Probes servers that are down until the connection is lost.
    ///
    /// Only this thread logs outages, so nothing can happen between observing and logging.
    async fn watch(&self, mut connection: RedisConnection) {
        loop {
            let mut rounds = 0;
            while let Some(delay) = self.shards().down().iter().map(|health| health.delay()).min() {
                self.outage.note(Availability::Down);
                sleep(delay).await;
                rounds += 1;
                if self.is_down() || rounds > MAX_PROBE_ROUNDS && self.shards().are_all_down() {
                    return;
                }
                self.read_slots(&mut connection).await;
                for health in self.shards().down() {
                    let mut probe = redis::pipe();
                    probe.cmd("GETRANGE").arg(health.suspect()).arg(0).arg(0);
                    match timeout(self.limit, connection.run(&probe)).await {
                        Ok(Ok(_)) => health.restore(),
                        Ok(Err(error)) if is_answer(&error) => health.restore(),
                        Ok(Err(error)) if connection.is_lost_by(&error) => return,
                        Ok(Err(_)) | Err(_) => {}
                    }
                }
            }
            if self.answers_calls() {
                self.outage.note(Availability::Up);
            }
            self.change.notified().await;
            if self.is_down() {
                return;
            }
        }
    }

    /// Returns whether all servers reply to calls. Connecting and replying to probes is not enough: a server may do
    /// both and still fail calls.
    fn answers_calls(&self) -> bool {
        !self.is_down() && self.has_answered.load(Ordering::Relaxed) && self.shards().are_all_healthy()
    }

    fn is_down(&self) -> bool {
        matches!(*self.status.borrow(), ConnectionStatus::Down)
    }

    /// Reads the cluster's slots; the known ones stay if that fails.
    async fn read_slots(&self, connection: &mut RedisConnection) {
        let Ok(Some(Ok(answer))) = timeout(self.limit, connection.slots()).await else { return };
        if let Some(shards) = self.shards().read(&answer) {
            *self.shards.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shards);
        }
    }
}

/// Connects, and reconnects whenever the connection is lost.
async fn keep_connected(shared: Arc<SharedLink>) {
    let mut failed_attempts: u32 = 0;
    loop {
        failed_attempts = failed_attempts.saturating_add(1);
        let connected = async {
            if let Ok(Ok(mut connection)) = timeout(CONNECT_TIMEOUT, shared.address.connect(shared.limit)).await {
                failed_attempts = 0;
                shared.read_slots(&mut connection).await;
                shared.has_answered.store(false, Ordering::Relaxed);
                shared.status.send_replace(ConnectionStatus::Up(connection.clone()));
                shared.watch(connection).await;
            }
        };
        // A panic of the client counts as a failed attempt.
        if let Err(payload) = AssertUnwindSafe(connected).catch_unwind().await {
            discard(payload);
        }
        shared.mark_down();
        sleep(shared.address.delay(failed_attempts)).await;
    }
}
