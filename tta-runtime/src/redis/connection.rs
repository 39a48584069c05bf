//! A connection to one Redis server or to a cluster.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterConfig;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};

use super::address::RedisAddress;

/// A connection that multiplexes the requests of many calls.
#[derive(Clone)]
pub(super) enum RedisConnection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl RedisAddress {
    /// Connects. Each request on the connection ends within `limit`, whatever else waits for a reply.
    pub(super) async fn connect(&self, limit: Duration) -> RedisResult<RedisConnection> {
        #[cfg(feature = "redis-tls")]
        super::tls::prepare(self);
        match self {
            Self::Server(client) => {
                let configuration = AsyncConnectionConfig::new().set_response_timeout(Some(limit));
                let mut connection = client.get_multiplexed_async_connection_with_config(&configuration).await?;
                // A stopped process still accepts TCP connections, so the server must reply once.
                match redis::cmd("PING").exec_async(&mut connection).await {
                    Err(error) if !is_answer(&error) => Err(error),
                    Ok(()) | Err(_) => Ok(RedisConnection::Server(connection)),
                }
            }
            Self::Cluster { client, .. } => {
                let configuration = ClusterConfig::new().set_response_timeout(limit);
                Ok(RedisConnection::Cluster(client.get_async_connection_with_config(configuration).await?))
            }
        }
    }
}

impl RedisConnection {
    pub(super) async fn run(&mut self, commands: &Pipeline) -> RedisResult<Vec<Value>> {
        match self {
            Self::Server(connection) => commands.query_async(connection).await,
            Self::Cluster(connection) => commands.query_async(connection).await,
        }
    }

    /// Requests the cluster's slots; `None` for a single server.
    pub(super) async fn slots(&mut self) -> Option<RedisResult<Value>> {
        let Self::Cluster(connection) = self else { return None };
        let mut command = Cmd::new();
        command.arg("CLUSTER").arg("SLOTS");
        Some(connection.route_command(command, RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random)).await)
    }

    /// Returns whether the connection can never reply again after this error. A cluster's connection recovers by
    /// itself.
    pub(super) fn is_lost_by(&self, error: &RedisError) -> bool {
        matches!(self, Self::Server(_)) && !error.is_timeout() && error.is_unrecoverable_error()
    }
}

/// Returns whether an error is the reply of a working server, such as that its memory is full.
pub(super) fn is_answer(error: &RedisError) -> bool {
    use ServerErrorKind::{Ask, BusyLoading, ClusterDown, MasterDown, Moved, TryAgain};
    match error.kind() {
        // The server will reply later, or another one will.
        ErrorKind::Server(Ask | BusyLoading | ClusterDown | MasterDown | Moved | TryAgain) => false,
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType => true,
        _ => false,
    }
}
