//! The time of one call: the least of some medians of many short rounds each, which is robust on a busy machine.

use std::time::{Duration, Instant};

const MEDIANS: usize = 5;
const ROUNDS: usize = 80;
const CALLS: u32 = 2_000;

/// Returns the nanoseconds of one call.
pub(crate) fn nanoseconds_per_call(call: impl Fn(u64)) -> f64 {
    (0..MEDIANS).map(|_| median(&call)).fold(f64::INFINITY, f64::min)
}

fn median(call: &impl Fn(u64)) -> f64 {
    let round = || {
        let start = Instant::now();
        (0..u64::from(CALLS)).for_each(call);
        start.elapsed()
    };
    round();
    let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(CALLS)
}

/// Returns the nanoseconds of one call while `threads` threads make calls.
pub(crate) fn nanoseconds_on_threads(threads: usize, call: impl Fn(u64) + Sync) -> f64 {
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| nanoseconds_per_call(&call))).collect();
        let each: Vec<f64> = running.into_iter().map(|thread| thread.join().expect("no call panics")).collect();
        each.iter().sum::<f64>() / threads as f64
    })
}
