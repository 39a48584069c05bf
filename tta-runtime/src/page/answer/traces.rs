//! `traces`: the rows of the traces that are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::outcome::Outcome;
use crate::page::cursor::Cursor;
use crate::page::number::{Decimal, unix_ns};
use crate::page::problem::Problem;
use crate::page::query::Query;
use crate::page::ring::{KeptSpan, KeptTrace, Range, Reading, Ring, TraceFilter};

#[derive(Serialize)]
pub(super) struct TracesAnswer {
    cursor: String,
    reset: bool,
    traces: Vec<TraceRow>,
    left_out: usize,
    held: usize,
    held_bytes: usize,
    limit_bytes: usize,
    workflows: BTreeSet<String>,
    models: BTreeSet<String>,
}

#[derive(Serialize)]
struct TraceRow {
    trace_id: String,
    root: String,
    workflow: Option<String>,
    start_unix_ns: Decimal,
    duration_ns: u64,
    outcome: Option<Outcome>,
    error_type: Option<String>,
    spans: usize,
    failed_spans: u32,
    models: Vec<String>,
    tokens: Decimal,
    cost_nano_usd: Option<Decimal>,
    complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Latest,
    Slowest,
    Dearest,
    Failed,
}

const ORDERS: [(&str, Order); 4] =
    [("latest", Order::Latest), ("slowest", Order::Slowest), ("dearest", Order::Dearest), ("failed", Order::Failed)];

/// The most rows of an answer, the most models of a row, the most values of a filter, and the longest text to look for in bytes.
const MOST_ROWS: usize = 500;
const MOST_MODELS: usize = 8;
const MOST_VALUES: usize = 200;
const LONGEST_TEXT: usize = 256;

pub(super) fn traces(ring: &Ring, instance: &str, query: &Query<'_>) -> Result<TracesAnswer, Problem> {
    let limit = query.count("limit", 100, MOST_ROWS)?;
    let order = query.word("order", &ORDERS)?.unwrap_or(Order::Latest);
    let after = Cursor::read(query.text("since"), instance);
    let filter = TraceFilter { after, only_failed: order == Order::Failed, ..filter(query)? };
    let Reading { traces, bytes, position } = ring.read();
    let mut found: Vec<(u64, &KeptTrace)> = traces
        .iter()
        .map(|trace| &**trace)
        .filter(|trace| filter.takes(trace))
        .map(|trace| match order {
            Order::Latest | Order::Failed => (trace.start().0, trace),
            Order::Slowest => (trace.duration_ns(), trace),
            Order::Dearest => (trace.cost().unwrap_or(0), trace),
        })
        .collect();
    found.sort_by(|(one, a), (other, b)| (other, b.changed).cmp(&(one, a.changed)));
    let spans = || traces.iter().flat_map(|trace| trace.spans());
    let workflows = spans().filter_map(KeptSpan::workflow).map(str::to_owned).collect::<BTreeSet<_>>();
    let models = spans().filter_map(KeptSpan::model).collect::<BTreeSet<_>>();
    Ok(TracesAnswer {
        cursor: Cursor::new(instance, position).to_string(),
        reset: after.is_none(),
        left_out: found.len().saturating_sub(limit),
        traces: found.into_iter().take(limit).map(|(_, trace)| row(trace)).collect(),
        held: traces.len(),
        held_bytes: bytes,
        limit_bytes: ring.limit(),
        workflows: workflows.into_iter().take(MOST_VALUES).collect(),
        models: models.into_iter().take(MOST_VALUES).collect(),
    })
}

fn filter(query: &Query<'_>) -> Result<TraceFilter, Problem> {
    let outcomes: Vec<_> = Outcome::ALL.iter().map(|outcome| (outcome.as_str(), *outcome)).collect();
    let text = query.text("text").filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.len() > LONGEST_TEXT) {
        return Err(Problem::bad_query("text", &format!("at most {LONGEST_TEXT} bytes long")));
    }
    let own = |name| query.text(name).map(str::to_owned);
    Ok(TraceFilter {
        outcome: query.word("outcome", &outcomes)?,
        workflow: own("workflow"),
        model: own("model"),
        primitive: own("primitive"),
        cost: Range { least: query.number("min_cost")?, most: query.number("max_cost")? },
        seconds: Range { least: query.number("min_seconds")?, most: query.number("max_seconds")? },
        text: text.map(str::to_lowercase),
        ..TraceFilter::default()
    })
}

fn row(trace: &KeptTrace) -> TraceRow {
    let root = trace.root();
    let workflow = root.into_iter().chain(trace.spans()).find_map(KeptSpan::workflow);
    let first = || trace.spans().min_by_key(|span| span.0.start);
    let name_of = |span: KeptSpan<'_>| span.primitive().unwrap_or_else(|| span.name()).into_owned();
    // While the root runs, its workflow says more than one of its parts.
    let name = root.map(name_of).or_else(|| workflow.map(str::to_owned)).or_else(|| first().map(name_of));
    let mut costs: BTreeMap<String, u64> = BTreeMap::new();
    let mut tokens = 0_u64;
    for span in trace.spans() {
        let [input, _, output] = span.tokens();
        tokens = tokens.saturating_add(input).saturating_add(output);
        if let Some(model) = span.model() {
            let cost = costs.entry(model).or_default();
            *cost = cost.saturating_add(span.cost().map_or(0, |cost| cost.0));
        }
    }
    let mut models: Vec<_> = costs.into_iter().collect();
    models.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    TraceRow {
        trace_id: trace.id.to_string(),
        root: name.unwrap_or_default(),
        workflow: workflow.map(str::to_owned),
        start_unix_ns: unix_ns(trace.wall(trace.start())),
        duration_ns: trace.duration_ns(),
        outcome: root.and_then(KeptSpan::outcome),
        error_type: root.and_then(KeptSpan::error_type).map(str::to_owned),
        spans: trace.len(),
        failed_spans: trace.rank.failed_spans,
        models: models.into_iter().map(|(model, _)| model).take(MOST_MODELS).collect(),
        tokens: Decimal(tokens),
        cost_nano_usd: trace.cost().map(Decimal),
        complete: root.is_some(),
    }
}
