//! `blocks`: circuit breakers, retries, time limits, caches, fallbacks and routers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Source;
use super::row::{count, counts_by, distribution, label, number, quantiles};
use crate::page::history::History;
use crate::page::number::{Decimal, unix_ns};
use crate::schema::Id;
use crate::snapshot::{Distribution, Row, Snapshot};

#[derive(Serialize)]
pub(super) struct Blocks {
    circuit_breakers: Vec<CircuitBreaker>,
    retries: Vec<Retry>,
    time_limits: Vec<TimeLimit>,
    caches: Vec<CacheRow>,
    fallbacks: Vec<Fallback>,
    routers: Vec<Router>,
}

#[derive(Serialize)]
struct CircuitBreaker {
    name: String,
    state: &'static str,
    permitted: u64,
    rejected: u64,
    seconds: BTreeMap<&'static str, f64>,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Change {
    at_unix_ns: Decimal,
    from: &'static str,
    to: &'static str,
}

#[derive(Serialize)]
struct Retry {
    name: String,
    results: BTreeMap<String, u64>,
    waited_seconds: f64,
}

#[derive(Serialize)]
struct TimeLimit {
    name: String,
    in_time: u64,
    late: u64,
    timed_out: u64,
    p95_seconds: f64,
}

#[derive(Serialize)]
struct CacheRow {
    name: String,
    cache_type: String,
    hits: u64,
    misses: u64,
    coalesced: u64,
    errors: u64,
    evicted: u64,
    expired: u64,
    entries: u64,
    p95_seconds: f64,
}

#[derive(Serialize)]
struct Fallback {
    name: String,
    used: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Router {
    name: String,
    routes: Vec<RouteRow>,
}

#[derive(Serialize)]
struct RouteRow {
    route: String,
    reason: String,
    calls: u64,
    errors: u64,
    p95_seconds: f64,
}

/// The most rows of a list.
const MOST: usize = 200;

const STATES: [&str; 3] = ["closed", "half_open", "open"];

pub(super) fn blocks(source: &Source, history: &History, snapshot: &Snapshot) -> Blocks {
    Blocks {
        circuit_breakers: each(snapshot, Id::CircuitBreakerCalls, |name| breaker(source, history, snapshot, name)),
        retries: each(snapshot, Id::RetryAttempts, |name| retry(snapshot, name)),
        time_limits: each(snapshot, Id::Timeouts, |name| time_limit(snapshot, name)),
        caches: caches(snapshot),
        fallbacks: each(snapshot, Id::Fallbacks, |name| fallback(snapshot, name)),
        routers: each(snapshot, Id::RouterDecisions, |name| router(snapshot, name)),
    }
}

/// Makes a row for each block that the metric counted.
fn each<T>(snapshot: &Snapshot, id: Id, row: impl Fn(&str) -> T) -> Vec<T> {
    let ran = snapshot.rows(id).series.iter().filter(|row| count(row) > 0);
    let names: BTreeSet<_> = ran.map(|row| label(row, NAME)).collect();
    names.into_iter().take(MOST).map(row).collect()
}

const NAME: &str = "primitive_name";

fn breaker(source: &Source, history: &History, snapshot: &Snapshot, name: &str) -> CircuitBreaker {
    let own = |row: &&Row| label(row, NAME) == name;
    let calls = counts_by(snapshot, Id::CircuitBreakerCalls, [NAME, name], "result");
    let state = snapshot.rows(Id::CircuitBreakerState).series.iter().find(own).map_or(0, count);
    let times = snapshot.rows(Id::CircuitBreakerStateSeconds).series.iter().filter(own);
    let of_state =
        |state: &'static str| (state, times.clone().filter(|row| label(row, "state") == state).map(number).sum());
    let anchor = source.recorder.clock.anchor();
    let changes = history.changes(name).map(|change| Change {
        at_unix_ns: unix_ns(anchor.wall(change.at)),
        from: change.from,
        to: change.to,
    });
    CircuitBreaker {
        name: name.to_owned(),
        state: STATES.get(state as usize).copied().unwrap_or("closed"),
        permitted: of(&calls, "permitted"),
        rejected: of(&calls, "rejected"),
        seconds: STATES.into_iter().map(of_state).collect(),
        changes: changes.collect(),
    }
}

fn retry(snapshot: &Snapshot, name: &str) -> Retry {
    let waits = snapshot.rows(Id::RetryBackoff).series.iter().filter(|row| label(row, NAME) == name);
    let mut results = counts_by(snapshot, Id::RetryAttempts, [NAME, name], "result");
    results.retain(|_, n| *n > 0);
    let waited_seconds = waits.filter_map(distribution).map(Distribution::sum).sum();
    Retry { name: name.to_owned(), results, waited_seconds }
}

fn time_limit(snapshot: &Snapshot, name: &str) -> TimeLimit {
    let results = counts_by(snapshot, Id::Timeouts, [NAME, name], "result");
    TimeLimit {
        name: name.to_owned(),
        in_time: of(&results, "in_time"),
        late: of(&results, "late"),
        timed_out: of(&results, "timed_out"),
        p95_seconds: p95(snapshot, Id::TimeoutDuration, &[(NAME, name)]),
    }
}

fn caches(snapshot: &Snapshot) -> Vec<CacheRow> {
    let ran = snapshot.rows(Id::CacheOperations).series.iter().filter(|row| count(row) > 0);
    let caches: BTreeSet<_> = ran.map(|row| (label(row, NAME), label(row, "cache_type"))).collect();
    let cache = |(name, cache_type): (&str, &str)| {
        let is_own = |row: &&Row| label(row, NAME) == name && label(row, "cache_type") == cache_type;
        let operations = snapshot.rows(Id::CacheOperations).series.iter().filter(is_own);
        let did = |operation| operations.clone().filter(|row| label(row, "operation") == operation).map(count).sum();
        let entries = snapshot.rows(Id::CacheEntries).series.iter().filter(|row| label(row, NAME) == name);
        CacheRow {
            name: name.to_owned(),
            cache_type: cache_type.to_owned(),
            hits: did("hit"),
            misses: did("miss"),
            coalesced: did("coalesced"),
            errors: did("error"),
            evicted: did("evict"),
            expired: did("expire"),
            entries: entries.map(count).sum(),
            p95_seconds: p95(snapshot, Id::CacheLatency, &[(NAME, name), ("cache_type", cache_type)]),
        }
    };
    caches.into_iter().take(MOST).map(cache).collect()
}

fn fallback(snapshot: &Snapshot, name: &str) -> Fallback {
    let mut used = counts_by(snapshot, Id::Fallbacks, [NAME, name], "used");
    used.retain(|_, n| *n > 0);
    Fallback { name: name.to_owned(), used }
}

fn router(snapshot: &Snapshot, name: &str) -> Router {
    let errors = counts_by(snapshot, Id::RouterErrors, [NAME, name], "route");
    let taken = snapshot.rows(Id::RouterDecisions).series.iter();
    let taken = taken.filter(|row| label(row, NAME) == name && count(row) > 0);
    let route = |row: &Row| {
        let route = label(row, "route");
        RouteRow {
            route: route.to_owned(),
            reason: label(row, "reason").to_owned(),
            calls: count(row),
            errors: of(&errors, route),
            p95_seconds: p95(snapshot, Id::RouterDuration, &[(NAME, name), ("route", route)]),
        }
    };
    Router { name: name.to_owned(), routes: taken.map(route).collect() }
}

fn of(counts: &BTreeMap<String, u64>, name: &str) -> u64 {
    counts.get(name).copied().unwrap_or(0)
}

/// Returns the 95th percentile over all rows with these labels, 0 without observations.
fn p95(snapshot: &Snapshot, id: Id, labels: &[(&str, &str)]) -> f64 {
    let rows = snapshot.rows(id).series.iter();
    let own = rows.filter(|row| labels.iter().all(|(name, value)| label(row, name) == *value));
    // The rows of a metric of blocks have the same buckets.
    let mut sum: Vec<(f64, u64)> = Vec::new();
    for (bound, n, _) in own.filter_map(distribution).flat_map(|one| one.buckets().collect::<Vec<_>>()) {
        match sum.iter_mut().find(|(have, _)| *have == bound) {
            Some((_, count)) => *count += n,
            None => sum.push((bound, n)),
        }
    }
    let buckets: Vec<_> = sum.into_iter().map(|(bound, n)| (bound, n, None)).collect();
    let [p95] = if buckets.is_empty() { [0.0] } else { quantiles(&Distribution::of_buckets(&buckets, 0.0), [0.95]) };
    p95
}
