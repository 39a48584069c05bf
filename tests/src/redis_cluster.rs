//! Clusters of Redis servers.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::redis_server::Server;

/// The time after which a cluster considers a server dead, in milliseconds.
const NODE_TIMEOUT: &str = "1000";

/// The time limit for a cluster to be up; then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts three primaries and three replicas, and waits until they serve all keys.
///
/// # Panics
///
/// Panics if they do not within a minute.
#[must_use]
pub fn start() -> Vec<Server> {
    start_servers(6, 1, &["--repl-diskless-sync-delay", "0"])
}

/// Starts three primaries without replicas, and waits until they serve all keys. If one of them dies, the others go on to serve theirs.
///
/// # Panics
///
/// Panics if they do not within a minute.
#[must_use]
pub fn start_without_replicas() -> Vec<Server> {
    start_servers(3, 0, &["--cluster-require-full-coverage", "no"])
}

fn start_servers(number: usize, replicas: u32, options: &[&str]) -> Vec<Server> {
    let arguments = [&["--cluster-enabled", "yes", "--cluster-node-timeout", NODE_TIMEOUT], options].concat();
    let servers: Vec<Server> = (0..number).map(|_| Server::start(&arguments)).collect();
    join(servers.iter().map(Server::port), replicas, &[]);
    let is_ready =
        |server: &Server| is_up(server) && (is_primary(server) || info(server).contains("master_link_status:up"));
    let deadline = Instant::now() + PATIENCE;
    while !servers.iter().all(is_ready) {
        assert!(Instant::now() < deadline, "the cluster is not up in time");
        std::thread::sleep(Duration::from_millis(20));
    }
    servers
}

/// Joins the servers at these ports to a cluster, in which each primary has this many replicas; the options are those of
/// `redis-cli`.
///
/// # Panics
///
/// Panics if they cannot be joined.
pub fn join(ports: impl Iterator<Item = u16>, replicas: u32, options: &[&str]) {
    let output = Command::new("redis-cli")
        .args(options)
        .args(["--cluster", "create"])
        .args(ports.map(|port| format!("127.0.0.1:{port}")))
        .args(["--cluster-replicas", &replicas.to_string(), "--cluster-yes"])
        .output()
        .expect("redis-cli can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Returns whether the server knows that all keys of the cluster are served.
#[must_use]
pub fn is_up(server: &Server) -> bool {
    server.command::<String>("CLUSTER", "INFO").contains("cluster_state:ok")
}

/// Returns whether the server is a primary.
#[must_use]
pub fn is_primary(server: &Server) -> bool {
    info(server).contains("role:master")
}

fn info(server: &Server) -> String {
    server.command("INFO", "replication")
}
