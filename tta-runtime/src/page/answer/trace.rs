//! `traces/{trace_id}`: the spans of one trace.

use std::borrow::Cow;

use serde::Serialize;

use crate::outcome::Outcome;
use crate::page::number::{Decimal, unix_ns};
use crate::page::problem::Problem;
use crate::page::query::Query;
use crate::page::ring::{KeptSpan, KeptTrace};

#[derive(Serialize)]
pub(super) struct TraceAnswer<'a> {
    trace_id: String,
    start_unix_ns: Decimal,
    duration_ns: u64,
    complete: bool,
    lost_spans: u64,
    spans: Vec<SpanRow<'a>>,
    next: Option<String>,
}

#[derive(Serialize)]
struct SpanRow<'a> {
    span_id: String,
    parent_id: Option<String>,
    name: Cow<'a, str>,
    primitive: Option<Cow<'a, str>>,
    primitive_type: Option<Cow<'a, str>>,
    start_ns: u64,
    duration_ns: u64,
    outcome: Option<Outcome>,
    error_type: Option<&'a str>,
    model: Option<String>,
    input_tokens: u64,
    cached_input_tokens: u64,
    output_tokens: u64,
    cost_nano_usd: Option<Decimal>,
    cost_basis: Option<Cow<'a, str>>,
    cache_hit: Option<bool>,
    retry_attempt: Option<u64>,
    streams: bool,
    first_token_ns: Option<u64>,
    has_content: bool,
    events: usize,
}

/// The most spans of an answer.
const MOST: usize = 5_000;

/// Returns the spans after the position that `after` names.
pub(super) fn trace<'a>(trace: &'a KeptTrace, query: &Query<'_>) -> Result<TraceAnswer<'a>, Problem> {
    let after = match query.text("after") {
        None => 0_usize,
        Some(after) => after.parse().map_err(|_| Problem::bad_query("after", "the `next` of an answer"))?,
    };
    let mut spans: Vec<_> = trace.spans().collect();
    spans.sort_by_key(|span| span.0.start);
    let all = spans.len();
    // A child may have begun before the root of this process did.
    let start = spans.first().map_or_else(|| trace.start(), |first| first.0.start.min(trace.start()));
    let end = after.saturating_add(MOST);
    Ok(TraceAnswer {
        trace_id: trace.id.to_string(),
        start_unix_ns: unix_ns(trace.wall(start)),
        duration_ns: trace.duration_ns(),
        complete: trace.root().is_some(),
        lost_spans: trace.lost,
        spans: spans.into_iter().skip(after).take(MOST).map(|span| of_span(span, start.0)).collect(),
        next: (end < all).then(|| end.to_string()),
    })
}

fn of_span(span: KeptSpan<'_>, trace_start: u64) -> SpanRow<'_> {
    let record = span.0;
    let [input_tokens, cached_input_tokens, output_tokens] = span.tokens();
    SpanRow {
        span_id: record.ids.span_id().to_string(),
        parent_id: record.parent.is_some().then(|| record.parent.span_id().to_string()),
        name: span.name(),
        primitive: span.primitive(),
        primitive_type: span.primitive_type(),
        start_ns: record.start.0.saturating_sub(trace_start),
        duration_ns: span.duration_ns(),
        outcome: span.outcome(),
        error_type: span.error_type(),
        model: span.model(),
        input_tokens,
        cached_input_tokens,
        output_tokens,
        cost_nano_usd: span.cost().map(|cost| Decimal(cost.0)),
        cost_basis: span.cost_basis(),
        cache_hit: span.cache_hit(),
        retry_attempt: span.retry_attempt(),
        streams: record.streams,
        first_token_ns: span.first_token_ns(),
        has_content: span.has_content(),
        events: span.events(),
    }
}
