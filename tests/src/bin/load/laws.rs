//! The laws E1 to E9, each with one side from the library and, where it can be, the other from outside of it.

use tests::ledger::truth::{Counts, Truth, counts};
use tests::watch::report::{Law, Relation};

use crate::books::BOOKS;
use crate::metrics::Metrics;
use crate::shop::PROBES;

/// Compares the library's numbers with the books. No work may be in progress.
pub(crate) fn laws(truth: &Truth) -> Vec<Law> {
    let metrics = Metrics::read();
    [calls(&metrics, &truth.counts()), records(&metrics), cache(&metrics), attempts(&metrics), permits(&metrics)]
        .concat()
}

/// E1 and E2.
fn calls(metrics: &Metrics, truth: &Counts) -> Vec<Law> {
    let stats = counts(&tta_runtime::stats());
    let told: Counts = stats.clone().into_iter().filter(|(name, _)| truth.contains_key(name)).collect();
    let started = |counts: &Counts| counts.values().map(|count| count.started).sum();
    let ended = |counts: &Counts| counts.values().flat_map(|count| count.ended.values()).sum();
    let active: u64 = stats.values().map(|count| count.active).sum();
    let all_ended: u64 = ended(&stats);
    let differing = truth.iter().filter(|(name, count)| told.get(*name) != Some(count)).count() as u64;
    vec![
        equal("E1", "calls started, by the library and by the program", started(&told), started(truth)),
        equal("E1", "calls ended, by the library and by the program", ended(&told), ended(truth)),
        equal("E1", "functions whose calls ended otherwise than the program says", differing, 0),
        equal("E1", "calls started, and ended or in progress", started(&stats), all_ended + active),
        equal("E1", "calls in progress at rest", metrics.sum("tta_primitive_active", &[]), 0),
        equal(
            "E2",
            "observed durations, and calls ended",
            metrics.sum("tta_execution_duration_seconds_count", &[]),
            metrics.sum("tta_primitive_executions_total", &[]),
        ),
    ]
}

/// E3, E5 and E6.
fn records(metrics: &Metrics) -> Vec<Law> {
    let spans = |what: &str| metrics.sum(&format!("tta_telemetry_{what}"), &[]);
    let settled = spans("spans_exported_total") + spans("spans_dropped_total") + spans("span_queue_length");
    let visits = metrics.sum("tta_primitive_executions_total", &[r#"primitive_name="visit""#]);
    let nano_usd = metrics.sum_of("tta_llm_cost_total", &[r#"model="priced""#], 1e9);
    let unpriced = |metric: &str| metrics.sum(metric, &[r#"model="unpriced""#]);
    vec![
        equal("E3", "spans ended, and exported, dropped or queued", spans("spans_ended_total"), settled),
        equal(
            "E5",
            "records of a function with more label values than its cap, over all series",
            visits,
            BOOKS.visits.read(),
        ),
        equal("E6", "nano-dollars, by the library and by the program", nano_usd, BOOKS.nano_usd.read()),
        equal(
            "E6",
            "tokens without a price, by the library and by the program",
            unpriced("tta_llm_tokens_total"),
            BOOKS.unpriced_tokens.read(),
        ),
        equal(
            "E6",
            "calls without a price, by the library and by the program",
            unpriced("tta_llm_unpriced_total"),
            BOOKS.unpriced_calls.read(),
        ),
    ]
}

/// E7.
fn cache(metrics: &Metrics) -> Vec<Law> {
    let look_ups = |tier: &str| {
        ["hit", "miss", "coalesced", "error"].map(|operation| {
            let (tier, operation) = (format!(r#"cache_type="{tier}""#), format!(r#"operation="{operation}""#));
            metrics.sum("tta_cache_operations_total", &[r#"primitive_name="looked_up""#, &tier, &operation])
        })
    };
    let (in_memory, in_redis) = (look_ups("memory"), look_ups("redis"));
    let has_redis = in_redis.iter().sum::<u64>() > 0;
    let [_, missed, _, failed] = if has_redis { in_redis } else { in_memory };
    let sought_in_redis = if has_redis { in_memory[1] } else { 0 };
    vec![
        equal("E7", "look-ups in memory, and calls at the cache", in_memory.iter().sum(), BOOKS.looked_up.read()),
        equal("E7", "look-ups in Redis, and misses in memory", in_redis.iter().sum(), sought_in_redis),
        at_most(
            "E7",
            "runs of the work behind the cache, and misses and errors",
            BOOKS.evaluated.read(),
            missed + failed,
        ),
    ]
}

/// E8.
fn attempts(metrics: &Metrics) -> Vec<Law> {
    let ended = |results: &[&str]| {
        metrics.sum("tta_retry_attempts_total", &[&[r#"primitive_name="retried""#], results].concat())
    };
    let fallbacks = |used: &str| metrics.sum("tta_fallback_total", &[r#"primitive_name="helped""#, used]);
    let (attempted, helped) = (BOOKS.attempted.read(), BOOKS.helped.read());
    let retries = ended(&[r#"result="retried""#]);
    let unanswered = helped - fallbacks(r#"used="primary""#);
    vec![
        equal("E8", "attempts that ended, and runs of the work", ended(&[]), attempted),
        equal("E8", "runs of the work, and calls and retries", attempted, BOOKS.retried.read() + retries),
        equal("E8", "calls with a fallback, by the library and by the program", fallbacks(""), BOOKS.primaries.read()),
        equal(
            "E8",
            "runs behind the fallback, and calls that the first work did not answer",
            BOOKS.helpers.read(),
            unanswered,
        ),
    ]
}

/// E9.
fn permits(metrics: &Metrics) -> Vec<Law> {
    let calls = |result: &str| {
        let result = format!(r#"result="{result}""#);
        metrics.sum("tta_circuit_breaker_calls_total", &[r#"primitive_name="guarded""#, &result])
    };
    let opened_half = [r#"primitive_name="guarded""#, r#"to="half_open""#];
    let periods = metrics.sum("tta_circuit_breaker_transitions_total", &opened_half);
    let returned = calls("success") + calls("failure") + calls("neutral");
    vec![
        equal("E9", "permits taken, and runs of the work", calls("permitted"), BOOKS.admitted.read()),
        equal("E9", "permits taken, and returned", calls("permitted"), returned),
        equal("E9", "calls at the breaker", calls("permitted") + calls("rejected"), BOOKS.guarded.read()),
        at_most("E9", "probes, and those that the periods allow", BOOKS.probed.read(), periods * u64::from(PROBES)),
    ]
}

fn equal(number: &str, words: &str, left: u64, right: u64) -> Law {
    Law { number: number.to_owned(), words: words.to_owned(), left, relation: Relation::Equal, right }
}

fn at_most(number: &str, words: &str, left: u64, right: u64) -> Law {
    Law { relation: Relation::AtMost, ..equal(number, words, left, right) }
}
