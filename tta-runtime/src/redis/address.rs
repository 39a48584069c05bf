//! The address of one Redis server or of a cluster.

use std::time::Duration;

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::{Client, ConnectionAddr, ConnectionInfo};

/// The delay before the first attempt to reconnect.
const FIRST_RECONNECT_DELAY: Duration = Duration::from_millis(100);

/// Over TLS the delay doubles with each failed attempt, at most this many times.
const MAX_DOUBLINGS: u32 = 4;

/// The address of a server, or of some nodes of a cluster.
#[derive(Clone)]
pub(super) enum RedisAddress {
    Server(Box<Client>),
    Cluster { nodes: Vec<ConnectionInfo>, client: Box<ClusterClient> },
}

impl RedisAddress {
    pub(super) fn is_tls(&self) -> bool {
        let is_tls = |address: &ConnectionAddr| matches!(address, ConnectionAddr::TcpTls { .. });
        match self {
            Self::Server(client) => is_tls(client.get_connection_info().addr()),
            Self::Cluster { nodes, .. } => nodes.iter().all(|node| is_tls(node.addr())),
        }
    }

    /// Returns the delay before the next attempt to connect, after this many failed attempts in a row.
    ///
    /// Over TLS the delay doubles each time: the client reads the system's trusted certificates for each attempt, and
    /// blocks the thread of all connections meanwhile.
    pub(super) fn delay(&self, failed_attempts: u32) -> Duration {
        let doublings = if self.is_tls() { failed_attempts.saturating_sub(1).min(MAX_DOUBLINGS) } else { 0 };
        FIRST_RECONNECT_DELAY * 2_u32.pow(doublings)
    }
}

/// Returns the settings of a cluster's connection, which retries by itself within a request's time.
pub(super) fn cluster(nodes: &[ConnectionInfo]) -> ClusterClientBuilder {
    ClusterClient::builder(nodes.iter().cloned()).retries(8).min_retry_wait(2).max_retry_wait(20)
}
