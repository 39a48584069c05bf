//! A Redis server or cluster in which caches keep answers.

mod connection;
mod envelope;
mod health;
mod link;
mod outage;
mod runtime;
mod shards;
mod tier;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisError};

use connection::Address;
use link::Link;

pub(super) use tier::RedisTier;

/// A call waits for its backend no longer than this, unless it is configured otherwise.
const LIMIT: Duration = Duration::from_millis(50);

/// Longer values are neither stored nor read, unless it is configured otherwise: 1 MiB.
const LONGEST_VALUE: usize = 1 << 20;

/// A Redis server, or a cluster of them, in which caches keep answers; clones share one connection.
///
/// Caches are never worse than none: a call waits for Redis no longer than [`timeout`](Self::timeout) in all, counted from
/// when it asks, and then does its work. After five calls in a row without an answer, or when the connection is lost, no
/// call asks Redis until it is found to answer again. Connecting and probing are done beside the calls, on a thread that
/// all caches share, so that callers may run on any executor; another one watches the time, so that calls go on also while
/// the first is held up. Of a cluster, only the servers that fail are left alone.
///
/// ```
/// use tta_runtime::block::Redis;
///
/// let redis = Redis::server("redis://127.0.0.1:6379/0").unwrap();
/// assert_eq!(format!("{redis:?}"), "Redis { timeout: 50ms, longest_value: 1048576, .. }");
/// let cluster = Redis::cluster(["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"]);
/// assert!(cluster.is_ok());
/// ```
#[derive(Clone)]
pub struct Redis {
    address: Address,
    limit: Duration,
    longest_value: usize,
    link: Arc<OnceLock<Link>>,
}

/// Text that is not the address of a Redis server.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a Redis server; write `redis://host:port/database`")]
pub struct RedisAddressError {
    #[source]
    source: RedisError,
}

impl From<RedisError> for RedisAddressError {
    fn from(source: RedisError) -> Self {
        Self { source }
    }
}

impl Redis {
    /// Names a single server, such as `redis://:password@host:6379/0` or `unix:///run/redis.sock`.
    ///
    /// Nothing is opened until a cache uses it.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is no address, or one of TLS (`rediss://`), which is not spoken. Whether a server
    /// answers there shows in the metrics: look-ups count as `error` until one does.
    pub fn server(url: &str) -> Result<Self, RedisAddressError> {
        Ok(Self::at(Address::Server(Box::new(Client::open(url)?))))
    }

    /// Names some servers of a cluster; the others are found by asking them.
    ///
    /// # Errors
    ///
    /// Returns an error if a text is no address, there is none, or they have different users or passwords.
    pub fn cluster<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, RedisAddressError> {
        let nodes: Result<Vec<ConnectionInfo>, _> =
            urls.into_iter().map(IntoConnectionInfo::into_connection_info).collect();
        let nodes = nodes?;
        connection::cluster(&nodes).build()?;
        Ok(Self::at(Address::Cluster(nodes)))
    }

    fn at(address: Address) -> Self {
        Self { address, limit: LIMIT, longest_value: LONGEST_VALUE, link: Arc::default() }
    }

    /// Sets how long one call may wait for Redis, looking up and storing taken together; 50 ms unless set.
    ///
    /// Clones made before keep their own connection and limit.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Self { limit, link: Arc::default(), ..self }
    }

    /// Sets how many bytes an answer may take in Redis, key and costs included; 1 MiB unless set.
    ///
    /// Longer answers are not stored and counted as `too_large`; longer values that stand there are not read and counted
    /// as `error`.
    #[must_use]
    pub fn longest_value(self, bytes: usize) -> Self {
        Self { longest_value: bytes, ..self }
    }

    /// Returns the connection, which is begun with the first use.
    fn link(&self) -> &Link {
        self.link.get_or_init(|| Link::open(self.address.clone(), self.limit))
    }
}

impl fmt::Debug for Redis {
    /// Leaves the address out: it may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Redis")
            .field("timeout", &self.limit)
            .field("longest_value", &self.longest_value)
            .finish_non_exhaustive()
    }
}
