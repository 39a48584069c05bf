//! Why a run was slow or dear.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fitted::{List, add_fitting, cut, usd};
use super::span_tree::{SpanTree, TracedSpan};

/// The most rows of each list, and the longest name.
const MOST: usize = 12;
const LONGEST_NAME: usize = 80;

/// Explains a trace from its answer of the API.
pub(super) fn explanation(trace: &Value, spans: Vec<TracedSpan>) -> Value {
    let tree = SpanTree::new(spans);
    let spans = &tree.spans;
    let duration = trace["duration_ns"].as_u64().unwrap_or(0);
    let cost = spans.iter().filter_map(TracedSpan::cost).fold(0, u64::saturating_add);
    let path = tree.critical_path();
    let slow = path.iter().map(|(place, time)| {
        let span = &spans[*place];
        json!({
            "primitive": cut(span.label(), LONGEST_NAME),
            "type": span.primitive_type.as_deref().map(|kind| cut(kind, LONGEST_NAME)),
            "model": span.model.as_deref().map(|model| cut(model, LONGEST_NAME)),
            "own_ms": milliseconds(*time),
            "share": share(*time, duration),
        })
    });
    let mut dear: Vec<_> = spans.iter().filter(|span| span.cost().is_some_and(|cost| cost > 0)).collect();
    dear.sort_by_key(|span| std::cmp::Reverse(span.cost()));
    let dear = dear.iter().map(|span| {
        json!({
            "primitive": cut(span.label(), LONGEST_NAME),
            "model": span.model.as_deref().map(|model| cut(model, LONGEST_NAME)),
            "cost_usd": span.cost_nano_usd.as_ref().map(|nanos| usd(&json!(nanos))),
            "share": share(span.cost().unwrap_or(0), cost),
            "input_tokens": span.input_tokens,
            "cached_input_tokens": span.cached_input_tokens,
            "output_tokens": span.output_tokens,
        })
    });
    let mut failures: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for span in spans.iter().filter(|span| span.is_failed() && span.primitive_type.as_deref() != Some("retry")) {
        *failures.entry((span.label(), span.error_type.as_deref().unwrap_or("unknown"))).or_default() += 1;
    }
    let mut failures: Vec<_> = failures.into_iter().collect();
    failures.sort_by_key(|(_, spans)| std::cmp::Reverse(*spans));
    let failures = failures.into_iter().map(|((primitive, error), n)| {
        json!({ "primitive": cut(primitive, LONGEST_NAME), "error": cut(error, LONGEST_NAME), "spans": n })
    });
    let retries = spans.iter().filter(|span| span.retry_attempt.is_some_and(|attempt| attempt > 1)).count();
    let looked_up = |hit| spans.iter().filter(|span| span.cache_hit == Some(hit)).count();
    let unknown =
        spans.iter().filter(|span| matches!(span.cost_basis.as_deref(), Some("unpriced" | "no_usage"))).count();
    let mut answer = Map::new();
    for (key, value) in [
        ("trace_id", trace["trace_id"].clone()),
        ("complete", trace["complete"].clone()),
        ("duration_ms", json!(milliseconds(duration))),
        ("cost_usd", json!(cost as f64 / 1e9)),
        ("calls_of_unknown_cost", json!(unknown)),
        ("attempts_after_the_first", json!(retries)),
        ("cache", json!({ "hits": looked_up(true), "misses": looked_up(false) })),
        ("lost_spans", trace["lost_spans"].clone()),
    ] {
        answer.insert(key.to_owned(), value);
    }
    // The first lists have the first room.
    for rows in
        [List::of("critical_path", slow), List::of("share_of_cost_by_call", dear), List::of("failures", failures)]
    {
        add_fitting(&mut answer, List { most: MOST, ..rows });
    }
    Value::Object(answer)
}

pub(super) fn milliseconds(nanoseconds: u64) -> f64 {
    // Microseconds are fine enough.
    (nanoseconds as f64 / 1e3).round() / 1e3
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1e3).round() / 1e3 }
}
