//! `traces/{trace_id}`: the spans of one trace.

use std::borrow::Cow;

use serde::Serialize;

use super::length::bounded;
use super::position::Position;
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
    let position = Position::read(query, trace.len())?;
    // They are kept in the order of their ends.
    let mut spans: Vec<_> = trace.spans().take(position.of).collect();
    let is_complete = spans.iter().any(|span| span.is_root());
    spans.sort_by_key(|span| span.0.start);
    // A child may have begun before the root of this process did.
    let start = spans.first().map_or_else(|| trace.start(), |first| first.0.start);
    let rows = bounded(spans.into_iter().skip(position.after).take(MOST).map(|span| of_span(span, start.0)));
    Ok(TraceAnswer {
        trace_id: trace.id.to_string(),
        start_unix_ns: unix_ns(trace.wall(start)),
        duration_ns: trace.duration_ns(),
        complete: is_complete,
        lost_spans: trace.lost,
        next: position.next(rows.len()),
        spans: rows,
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use opentelemetry_sdk::Resource;
    use serde_json::{Value, json};

    use super::super::length::LONGEST;
    use super::super::otlp;
    use super::{MOST, trace};
    use crate::clock::{Clock, Monotonic};
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;
    use crate::page::query::Query;
    use crate::page::ring::Ring;
    use crate::span::{Origin, SpanRecord};

    fn add(ring: &Ring, ids: SpanIds, parent: SpanIds, start: u64, name: &str) {
        let mut span =
            SpanRecord::new(Origin::Foreign(name.to_owned().into()), ids, parent, PackedAttributes::default());
        (span.start, span.end) = (Monotonic(start), Monotonic(start + 10));
        ring.add(&span, Clock::System.anchor());
    }

    fn answer(ring: &Ring, ids: SpanIds, query: &str) -> Value {
        let kept = ring.get(ids.trace_id()).expect("it is kept");
        let answer = trace(&kept, &Query::new(query)).expect("it is a position");
        serde_json::to_value(&answer).expect("it is JSON")
    }

    /// Returns the identifiers and the starts of the spans of all answers.
    fn all(ring: &Ring, ids: SpanIds, mut meanwhile: impl FnMut()) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        let mut part = answer(ring, ids, "");
        loop {
            let spans = part["spans"].as_array().expect("a list");
            let text = |span: &Value| span["span_id"].as_str().expect("a text").to_owned();
            found.extend(spans.iter().map(|span| (text(span), span["start_ns"].as_u64().expect("a number"))));
            let Some(next) = part["next"].as_str() else { return found };
            meanwhile();
            part = answer(ring, ids, &format!("after={next}"));
        }
    }

    #[test]
    fn each_span_of_a_trace_that_goes_on_is_in_one_part() {
        let ring = Ring::new(64 << 20);
        let root = SpanIds::root(|_| true);
        let ended = MOST + 1_000;
        (0..ended).for_each(|place| add(&ring, root.child(), root, 1_000 + place as u64, "step"));
        let found = all(&ring, root, || {
            // Spans around them end later, and began earlier.
            (0..50).for_each(|place| add(&ring, root.child(), root, place, "around"));
            add(&ring, root, SpanIds::NONE, 0, "root");
        });
        assert_eq!(found.len(), ended);
        assert_eq!(found.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), ended);
        assert!(
            found.iter().map(|(_, start)| *start).eq(0..ended as u64),
            "each start is after that of the first answer"
        );
        let whole = answer(&ring, root, "");
        assert_eq!((&whole["complete"], &whole["spans"][0]["name"]), (&json!(true), &json!("around")));
    }

    #[test]
    fn a_position_in_a_trace_that_began_anew_is_unknown() {
        let ring = Ring::new(1 << 20);
        let root = SpanIds::root(|_| true);
        add(&ring, root, SpanIds::NONE, 0, "root");
        let kept = ring.get(root.trace_id()).expect("it is kept");
        let refused = |query| trace(&kept, &Query::new(query)).err().map(|problem| (problem.status, problem.message));
        let unknown = "This trace is not kept, or no longer.".to_owned();
        assert_eq!(refused("after=6000-5000"), Some((404, unknown)));
        assert_eq!(refused("after=5000"), Some((400, "`after` is not the `next` of an answer.".to_owned())));
    }

    #[test]
    fn no_part_of_a_trace_is_longer_than_an_answer_may_be() {
        let ring = Ring::new(64 << 20);
        let root = SpanIds::root(|_| true);
        (0..4_000).for_each(|_| add(&ring, root.child(), root, 5, &"n".repeat(2_000)));
        let kept = ring.get(root.trace_id()).expect("it is kept");
        assert_eq!((kept.len(), kept.lost), (4_000, 0));
        let first = answer(&ring, root, "");
        assert!(first.to_string().len() <= LONGEST && first["next"].is_string());
        assert_eq!(all(&ring, root, || ()).len(), 4_000);

        let (mut spans, mut query) = (0, String::new());
        loop {
            let resource = Resource::builder_empty().build();
            let (part, next) = otlp::request(&kept, &resource, None, &Query::new(&query)).expect("a position");
            assert!(part.to_string().len() <= LONGEST);
            spans += part["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().map_or(0, Vec::len);
            match next {
                Some(next) => query = format!("after={next}"),
                None => break,
            }
        }
        assert_eq!(spans, 4_000);
    }
}
