//! A Redis server or cluster in which caches keep answers.

mod connection;
mod envelope;
mod health;
mod link;
mod outage;
mod runtime;
mod shards;
mod tier;
#[cfg(feature = "redis-tls")]
mod tls;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisError};

use connection::RedisAddress;
use link::Link;

pub use tier::RedisTier;

/// A call waits for its backend no longer than this, unless it is configured otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(50);

/// Longer values are neither stored nor read, unless it is configured otherwise: 1 MiB.
const DEFAULT_MAX_VALUE_BYTES: usize = 1 << 20;

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
    address: RedisAddress,
    limit: Duration,
    longest_value: usize,
    link: Arc<OnceLock<Link>>,
}

/// Where Redis is said to be is not understood, or cannot be gone to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisAddressError {
    /// A text is no address, or addresses do not go together.
    #[error("not the address of a Redis server; write `redis://host:port/database`")]
    Address {
        /// What is wrong with it.
        #[source]
        source: RedisError,
    },
    /// An address is one of TLS, which the program is built without.
    #[error(
        "`rediss://` is spoken over TLS; add the feature `redis-tls` of the crate `tta-runtime`, or write `redis://`"
    )]
    WithoutTls,
    /// Certificates to trust cannot be read, or have nothing to certify.
    #[error("no certificates in PEM, or for a server whose address does not begin with `rediss://`")]
    Certificates {
        /// What is wrong with them.
        #[source]
        source: Option<RedisError>,
    },
}

impl RedisAddressError {
    fn of(url: &str, source: RedisError) -> Self {
        let is_tls = ["rediss:", "valkeys:"].iter().any(|scheme| url.starts_with(scheme));
        if is_tls && !cfg!(feature = "redis-tls") { Self::WithoutTls } else { Self::Address { source } }
    }
}

impl Redis {
    /// Names a single server, such as `redis://:password@host:6379/0`, `rediss://host:6380` over TLS (feature `redis-tls`) or
    /// `unix:///run/redis.sock`.
    ///
    /// Nothing is opened until a cache uses it.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is no address, or one of TLS and the program is built without it. Whether a server
    /// answers there, and is who it should be, shows in the metrics: look-ups count as `error` until one does.
    pub fn server(url: &str) -> Result<Self, RedisAddressError> {
        let client = Client::open(url).map_err(|source| RedisAddressError::of(url, source))?;
        Ok(Self::at(RedisAddress::Server(Box::new(client))))
    }

    /// Names some servers of a cluster; the others are found by asking them.
    ///
    /// # Errors
    ///
    /// Returns an error if a text is no address, there is none, or they have different users or passwords; or if one is of TLS
    /// and the program is built without it.
    pub fn cluster<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, RedisAddressError> {
        let node = |url: &'a str| url.into_connection_info().map_err(|source| RedisAddressError::of(url, source));
        let nodes: Vec<ConnectionInfo> = urls.into_iter().map(node).collect::<Result<_, _>>()?;
        let client = connection::cluster(&nodes).build().map_err(|source| RedisAddressError::Address { source })?;
        Ok(Self::at(RedisAddress::Cluster { nodes, client: Box::new(client) }))
    }

    fn at(address: RedisAddress) -> Self {
        Self { address, limit: DEFAULT_TIMEOUT, longest_value: DEFAULT_MAX_VALUE_BYTES, link: Arc::default() }
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

#[cfg(all(test, not(feature = "redis-tls")))]
mod tests {
    use super::Redis;

    #[test]
    fn an_address_of_tls_needs_its_feature_and_the_error_names_it() {
        let message = "`rediss://` is spoken over TLS; add the feature `redis-tls` of the crate `tta-runtime`, or write `redis://`";
        let server = Redis::server("rediss://:hunter2@127.0.0.1").expect_err("it is refused");
        let cluster = Redis::cluster(["redis://127.0.0.1", "rediss://127.0.0.1"]).expect_err("it is refused");
        assert_eq!([server.to_string(), cluster.to_string()], [message; 2]);
    }
}
