//! A Redis server or cluster, and the connections to it.

mod address;
mod connection;
mod health;
mod keep_connected;
mod outage_log;
mod runtime;
mod shards;
#[cfg(feature = "redis-tls")]
mod tls;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisError};

use address::RedisAddress;
pub(crate) use keep_connected::{Fault, Link};
pub(crate) use outage_log::{Availability, OutageLog};
pub(crate) use runtime::{await_until, spawn};

/// The default of [`Redis::timeout`].
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(50);

/// The default of [`Redis::longest_value`]: 1 MiB.
const DEFAULT_MAX_VALUE_BYTES: usize = 1 << 20;

/// A Redis server or cluster as a store for caches and shared budgets; clones share one connection for each of the two.
///
/// A cache is never worse than no cache: in all, a call waits for Redis no longer than [`timeout`](Self::timeout), and
/// then runs its work. After five calls in a row without a reply, or when the connection is lost, no call asks Redis
/// until it replies again. Of a cluster, only the servers that fail are left out.
///
/// Two threads serve the whole process: one connects, probes and transfers, and the other keeps the time
/// limits, so that they hold even while the first is blocked. Callers may run on any executor.
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
    #[cfg(feature = "redis-tls")]
    credentials: tls::Credentials,
    cache_link: Arc<OnceLock<Link>>,
    budget_link: Arc<OnceLock<Link>>,
}

/// An invalid address of a Redis server or cluster, or invalid certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisAddressError {
    /// A text is not an address, or the addresses of a cluster contradict each other.
    #[error("not the address of a Redis server; write `redis://host:port/database`")]
    Address {
        /// The error of the Redis client.
        #[source]
        source: RedisError,
    },
    /// An address is one of TLS, which the program is built without.
    #[error("`rediss://` requires TLS; enable the feature `redis-tls` of the crate `tta-runtime`, or write `redis://`")]
    /// An address requires TLS, but the program is built without the feature `redis-tls`.
    WithoutTls,
    /// The certificates cannot be read, or the address does not use TLS.
    #[error("no valid certificate in PEM, or an address that does not begin with `rediss://`")]
    Certificates {
        /// The error of the Redis client, if the text has the form of certificates.
        #[source]
        source: Option<RedisError>,
    },
    /// The client's certificate or its private key cannot be used.
    #[cfg(feature = "redis-tls")]
    #[error("cannot present the client certificate: {0}")]
    ClientCertificate(#[from] crate::pem::PemProblem),
    /// A client's certificate is set for an address that does not use TLS.
    #[cfg(feature = "redis-tls")]
    #[error("cannot present the client certificate: the address does not begin with `rediss://`")]
    ClientCertificateWithoutTls,
}

impl RedisAddressError {
    fn of(url: &str, source: RedisError) -> Self {
        let is_tls = ["rediss:", "valkeys:"].iter().any(|scheme| url.starts_with(scheme));
        if is_tls && !cfg!(feature = "redis-tls") { Self::WithoutTls } else { Self::Address { source } }
    }
}

impl Redis {
    /// Makes a store of a single server, such as `redis://:password@host:6379/0`, `rediss://host:6380` for TLS (feature
    /// `redis-tls`) or `unix:///run/redis.sock`.
    ///
    /// The first cache that uses the store connects. An unreachable or untrusted server is not an error here: look-ups
    /// count as `error` until a trusted server replies.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not an address, or if it requires TLS and the program is built without
    /// `redis-tls`.
    pub fn server(url: &str) -> Result<Self, RedisAddressError> {
        let client = Client::open(url).map_err(|source| RedisAddressError::of(url, source))?;
        Ok(Self::at(RedisAddress::Server(Box::new(client))))
    }

    /// Makes a store of a cluster, given some of its nodes; the others are discovered.
    ///
    /// # Errors
    ///
    /// Returns an error if a text is not an address, if there is none, if the users or passwords differ, or if one
    /// requires TLS and the program is built without `redis-tls`.
    pub fn cluster<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, RedisAddressError> {
        let node = |url: &'a str| url.into_connection_info().map_err(|source| RedisAddressError::of(url, source));
        let nodes: Vec<ConnectionInfo> = urls.into_iter().map(node).collect::<Result<_, _>>()?;
        let client = address::cluster(&nodes).build().map_err(|source| RedisAddressError::Address { source })?;
        Ok(Self::at(RedisAddress::Cluster { nodes, client: Box::new(client) }))
    }

    fn at(address: RedisAddress) -> Self {
        Self {
            address,
            limit: DEFAULT_TIMEOUT,
            longest_value: DEFAULT_MAX_VALUE_BYTES,
            #[cfg(feature = "redis-tls")]
            credentials: tls::Credentials::default(),
            cache_link: Arc::default(),
            budget_link: Arc::default(),
        }
    }

    /// Sets how long one call may wait for Redis; the default is 50 ms. Of a cache, it is the limit of look-up and store
    /// together.
    ///
    /// Earlier clones keep their own connection and time limit.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Self { limit, cache_link: Arc::default(), budget_link: Arc::default(), ..self }
    }

    /// Sets the maximum number of bytes of an entry in Redis, including its key and costs; the default is 1 MiB.
    ///
    /// Longer entries are not stored and count as `too_large`. Longer values in Redis are not read and count as
    /// `error`.
    #[must_use]
    pub fn longest_value(self, bytes: usize) -> Self {
        Self { longest_value: bytes, ..self }
    }

    /// Returns how long one call may wait.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Returns the maximum number of bytes of a value.
    pub(crate) fn max_value_bytes(&self) -> usize {
        self.longest_value
    }

    /// Returns the link of caches, which is opened by the first use.
    pub(crate) fn cache_link(&self) -> &Link {
        self.cache_link.get_or_init(|| {
            Link::open(self.address.clone(), self.limit, OutageLog::new(outage_log::log_outage_of_caches))
        })
    }

    /// Returns the link of budgets, which is opened by the first use. Each budget logs what an outage means for it.
    pub(crate) fn budget_link(&self) -> &Link {
        self.budget_link.get_or_init(|| Link::open(self.address.clone(), self.limit, OutageLog::new(|_| ())))
    }
}

impl fmt::Debug for Redis {
    /// Omits the address, which may contain a password.
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
    fn an_address_with_tls_needs_the_feature_that_the_error_names() {
        let message =
            "`rediss://` requires TLS; enable the feature `redis-tls` of the crate `tta-runtime`, or write `redis://`";
        let server = Redis::server("rediss://:hunter2@127.0.0.1").expect_err("it is refused");
        let cluster = Redis::cluster(["redis://127.0.0.1", "rediss://127.0.0.1"]).expect_err("it is refused");
        assert_eq!([server.to_string(), cluster.to_string()], [message; 2]);
    }
}
