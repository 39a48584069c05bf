//! The faults that a fleet goes through.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::account::windows;
use super::books::Books;
use super::cast::Cast;
use super::laws::{Record, laws};
use super::proxy::LossyProxy;
use super::worker::{Task, wall};
use crate::redis_cluster;
use crate::redis_server::Server;
use crate::watch::report::Law;

/// A fault, and how Redis is run.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// A few words.
    pub name: &'static str,
    redis: RedisKind,
    /// The share that each process may spend while Redis is away.
    degraded: f64,
    /// Each process makes so many times the calls of the other scenarios, so that the fault strikes while they call.
    pub times_the_calls: u64,
    fault: fn(&mut Stage, rounds: u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RedisKind {
    /// A server without a disk.
    Server,
    /// A server that stores each change.
    Stored,
    /// A server behind a proxy that loses answers.
    Lossy,
    /// A server that stores each change, behind a proxy that loses answers.
    StoredLossy,
    /// Three primaries and three replicas.
    Cluster,
}

/// How long a fleet runs.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Processes at a time.
    pub processes: usize,
    /// The calls of each process.
    pub calls: u64,
    /// How often the fault strikes.
    pub rounds: u32,
}

/// The fleet and its servers while a fault strikes.
#[derive(Debug)]
pub struct Stage {
    servers: Vec<Server>,
    cast: Cast,
    closed: Vec<(u64, u64)>,
    lost_data: bool,
    was_disturbed: bool,
}

/// What became of a fleet.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The laws.
    pub laws: Vec<Law>,
    /// Calls that passed.
    pub passed: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Processes that were killed.
    pub killed: u64,
    /// Requests to Redis of the processes that were not killed, and the calls of these processes.
    pub exchanges: (u64, u64),
    /// The number of windows.
    pub windows: usize,
}

/// The limit of a window: $2.00, less than all calls want.
const LIMIT: u64 = 2_000_000_000;

/// The period in milliseconds.
const PERIOD: u64 = 4_000;

/// The lease in milliseconds.
const LEASE: u64 = 1_000;

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    Scenario::of("nothing fails", RedisKind::Server, nothing),
    Scenario::of("processes are killed", RedisKind::Server, kill_processes),
    Scenario::of("Redis is stopped", RedisKind::Server, stop),
    Scenario { degraded: 0.01, ..Scenario::of("Redis is stopped, degraded", RedisKind::Server, stop_degraded) },
    Scenario::of("Redis restarts with its data", RedisKind::Stored, restart),
    Scenario::of("Redis restarts without data", RedisKind::Server, restart_empty),
    Scenario {
        times_the_calls: 2,
        ..Scenario::of("Redis is gone for longer than a lease", RedisKind::Stored, kill_for_long)
    },
    Scenario::of("answers are lost", RedisKind::Lossy, lose_answers),
    Scenario::of("a primary of a cluster dies", RedisKind::Cluster, kill_primary),
    Scenario { times_the_calls: 4, ..Scenario::of("all of it", RedisKind::StoredLossy, everything) },
];

impl Scenario {
    const fn of(name: &'static str, redis: RedisKind, fault: fn(&mut Stage, rounds: u32)) -> Self {
        Self { name, redis, degraded: 0.0, times_the_calls: 1, fault }
    }
}

fn nothing(_: &mut Stage, _: u32) {}

fn lose_answers(stage: &mut Stage, _: u32) {
    stage.was_disturbed = true;
}

fn kill_processes(stage: &mut Stage, rounds: u32) {
    stage.was_disturbed = true;
    for _ in 0..rounds * 4 {
        sleep(Duration::from_millis(fastrand::u64(50..300)));
        stage.cast.kill_one();
    }
}

fn stop(stage: &mut Stage, rounds: u32) {
    stage.was_disturbed = true;
    for _ in 0..rounds {
        sleep(Duration::from_millis(200));
        let stopped = wall();
        stage.servers[0].stop();
        // Longer than a lease, and than the time limit of a request that was on its way.
        sleep(Duration::from_millis(LEASE + 1_000));
        let continued = wall();
        stage.servers[0].go_on();
        stage.closed.push((stopped + LEASE + 50, continued));
    }
}

fn stop_degraded(stage: &mut Stage, rounds: u32) {
    stop(stage, rounds);
    // Here a share passes.
    stage.closed.clear();
}

fn restart(stage: &mut Stage, rounds: u32) {
    stage.was_disturbed = true;
    for _ in 0..rounds {
        sleep(Duration::from_millis(fastrand::u64(300..600)));
        stage.servers[0].kill();
        sleep(Duration::from_millis(fastrand::u64(0..300)));
        stage.servers[0].restart();
        sleep(Duration::from_millis(LEASE));
    }
}

fn kill_for_long(stage: &mut Stage, rounds: u32) {
    stage.was_disturbed = true;
    for _ in 0..rounds {
        sleep(Duration::from_millis(200));
        let killed = wall();
        stage.servers[0].kill();
        sleep(Duration::from_millis(LEASE + 1_000));
        let gone = wall();
        stage.servers[0].restart();
        stage.closed.push((killed + LEASE + 50, gone));
        sleep(Duration::from_millis(LEASE));
    }
}

fn restart_empty(stage: &mut Stage, rounds: u32) {
    stage.lost_data = true;
    restart(stage, rounds);
}

fn kill_primary(stage: &mut Stage, _: u32) {
    stage.was_disturbed = true;
    sleep(Duration::from_millis(600));
    let has_account = |server: &Server| !server.keys().is_empty() && redis_cluster::is_primary(server);
    if let Some(dying) = stage.servers.iter().position(has_account) {
        stage.servers.remove(dying).kill();
    }
}

fn everything(stage: &mut Stage, rounds: u32) {
    for _ in 0..rounds {
        for fault in [kill_processes, restart, stop, kill_processes, kill_for_long] {
            fault(stage, 1);
        }
    }
}

/// Runs a fleet through a scenario; `program` is the binary `fleet`.
///
/// # Errors
///
/// Fails if a process cannot be started, does not end, or fails.
pub fn run(scenario: &Scenario, program: &Path, length: Length) -> io::Result<Outcome> {
    let servers = match scenario.redis {
        RedisKind::Server | RedisKind::Lossy => vec![Server::start(&[])],
        RedisKind::Stored | RedisKind::StoredLossy => {
            vec![Server::start(&["--appendonly", "yes", "--appendfsync", "always"])]
        }
        RedisKind::Cluster => redis_cluster::start(),
    };
    for server in &servers {
        server.wait_until_granting(Duration::from_millis(LEASE));
    }
    let is_lossy = matches!(scenario.redis, RedisKind::Lossy | RedisKind::StoredLossy);
    let proxy = servers.first().filter(|_| is_lossy).map(|server| LossyProxy::to(server.port(), 6));
    let urls = match &proxy {
        Some(proxy) => vec![proxy.url()],
        None => servers.iter().map(Server::url).collect(),
    };
    // The processes are ready then, and a window ends in the middle.
    let ready = wall() + 2_000;
    let start = ready + (2 * PERIOD - 1_000 - ready % PERIOD) % PERIOD;
    let task = Task {
        urls,
        limit: LIMIT,
        period: PERIOD,
        lease: LEASE,
        degraded: scenario.degraded,
        start: Some(start),
        calls: length.calls * scenario.times_the_calls,
        books: "".into(),
    };
    let cast = Cast::start(program, task, length.processes)?;
    let mut stage = Stage { servers, cast, closed: Vec::new(), lost_data: false, was_disturbed: false };
    stage.cast.wait_until_calling();
    (scenario.fault)(&mut stage, length.rounds);
    let books = stage.cast.end()?;
    sleep(Duration::from_millis(LEASE + 1_000));
    let is_read = |server: &&Server| scenario.redis != RedisKind::Cluster || redis_cluster::is_primary(server);
    let windows = windows(stage.servers.iter().filter(is_read));
    let killed = stage.cast.killed;
    let (passed, refused) = (books.iter().map(|books| books.calls.len() as u64).sum(), refused(&books));
    let ended = || books.iter().filter(|books| !books.was_killed());
    let exchanges = (ended().filter_map(|books| books.exchanges).sum(), ended().map(Books::attempts).sum());
    let window_count = windows.len();
    let degraded = (LIMIT as f64 * scenario.degraded) as u64 * length.processes as u64;
    let Stage { closed, lost_data, was_disturbed, .. } = stage;
    let record = Record { limit: LIMIT, period: PERIOD, degraded, books, windows, closed, lost_data, was_disturbed };
    Ok(Outcome { laws: laws(&record), passed, refused, killed, exchanges, windows: window_count })
}

fn refused(books: &[Books]) -> u64 {
    books.iter().map(|books| books.refused.len() as u64).sum()
}
