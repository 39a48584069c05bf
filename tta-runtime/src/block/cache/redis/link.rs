//! The way to a backend: calls wait for it a bounded time, connecting is done beside them.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use redis::{Pipeline, Value};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout, timeout_at};

use super::connection::{RedisAddress, RedisConnection, is_answer};
use super::health::Health;
use super::outage::{Availability, OutageLog};
use super::runtime;
use super::shards::Shards;

/// An attempt to connect is given up after this long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// So many rounds of probes without an answer, and the connection is replaced.
const MAX_PROBE_ROUNDS: u32 = 5;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The backend was not asked: it failed before, and is not known to be back.
    Down,
    /// The backend did not answer, or not in time.
    NoReply,
    /// The backend answered that it will not.
    ErrorReply,
}

/// A connection that is kept up while this exists.
pub(super) struct Link {
    shared: Arc<SharedLink>,
    task: Option<AbortHandle>,
}

struct SharedLink {
    address: RedisAddress,
    limit: Duration,
    status: watch::Sender<ConnectionStatus>,
    shards: RwLock<Arc<Shards>>,
    /// A call was answered by this connection.
    has_answered: AtomicBool,
    /// Tells whoever keeps the connection that a server is down, or answers calls again.
    change: Notify,
    outage: Arc<OutageLog>,
}

/// What is asked about one key, and of whom; how it went is noted once.
struct Request {
    key: String,
    health: Arc<Health>,
    is_recorded: AtomicBool,
}

#[derive(Clone)]
enum ConnectionStatus {
    /// It is being connected to for the first time: calls wait for it as for an answer.
    Connecting,
    Up(RedisConnection),
    /// It is being connected to again, or cannot be reached: nobody waits.
    Down,
}

impl Link {
    /// Begins to connect; each request may take `limit`.
    pub(super) fn open(address: RedisAddress, limit: Duration) -> Self {
        let shared = Arc::new(SharedLink {
            address,
            limit,
            status: watch::Sender::new(ConnectionStatus::Connecting),
            shards: RwLock::new(Arc::new(Shards::single())),
            has_answered: AtomicBool::new(false),
            change: Notify::new(),
            outage: Arc::default(),
        });
        let task = runtime::spawn(keep_connected(Arc::clone(&shared))).map(|task| task.abort_handle());
        Self { shared, task }
    }

    /// Sends commands about one key, and waits for the answers until the deadline, also while the connection's thread is
    /// held up.
    ///
    /// Whoever drops this takes nothing back: the answer is read and thrown away, so that the next one gets its own.
    pub(super) async fn ask(&self, key: &str, commands: Pipeline, deadline: Instant) -> Result<Vec<Value>, Fault> {
        let Some(health) = self.shared.health(key).filter(|health| !health.is_down()) else { return Err(Fault::Down) };
        if self.shared.is_down() {
            return Err(Fault::Down);
        }
        let request = Arc::new(Request { key: key.to_owned(), health, is_recorded: AtomicBool::new(false) });
        let (shared, asked) = (Arc::clone(&self.shared), Arc::clone(&request));
        let asking = runtime::spawn(async move {
            if asked.is_recorded.load(Ordering::Relaxed) {
                // The thread got to it too late, and nobody waits any more.
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

    /// Notes how a request went; whoever knows it first says so.
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

    /// Lets nobody wait for the connection any more.
    fn mark_down(&self) {
        self.status.send_replace(ConnectionStatus::Down);
        self.outage.note(Availability::Down);
        self.change.notify_one();
    }

    /// Stays with a connection until it is lost.
    ///
    /// The log is told from the connections' thread alone: between what is seen here and what is said, nothing happens.
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

    /// Returns whether calls are answered again: to be reached, and to answer probes, is not enough to say so, since a backend
    /// may do that and no more.
    fn answers_calls(&self) -> bool {
        !self.is_down() && self.has_answered.load(Ordering::Relaxed) && self.shards().are_all_healthy()
    }

    fn is_down(&self) -> bool {
        matches!(*self.status.borrow(), ConnectionStatus::Down)
    }

    /// Asks a cluster how its slots are spread; what was known stays, where it does not say.
    async fn read_slots(&self, connection: &mut RedisConnection) {
        let Ok(Some(Ok(answer))) = timeout(self.limit, connection.slots()).await else { return };
        if let Some(shards) = self.shards().read(&answer) {
            *self.shards.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shards);
        }
    }
}

/// Connects, and connects again whenever the connection is lost.
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
        // Should the client panic, this is an attempt like any other that failed.
        let _ = AssertUnwindSafe(connected).catch_unwind().await;
        shared.mark_down();
        sleep(shared.address.delay(failed_attempts)).await;
    }
}
