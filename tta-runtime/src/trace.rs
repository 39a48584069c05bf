//! Finished traces as trees of text.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::time::Duration;

use opentelemetry::Value;
use opentelemetry::trace::{SpanId, Status, TraceId};
use opentelemetry_sdk::trace::SpanData;

/// Formats spans as trees, one for each trace, with durations and outcomes.
///
/// A workflow shows the sum of the costs of the model calls inside. A span whose parent is missing becomes a root. Traces are ordered by the start of their earliest span.
#[must_use]
pub fn tree(spans: &[SpanData]) -> String {
    let mut traces: HashMap<TraceId, Vec<&SpanData>> = HashMap::new();
    for span in spans {
        traces.entry(span.span_context.trace_id()).or_default().push(span);
    }
    let mut traces: Vec<_> = traces.into_values().collect();
    traces.sort_by_key(|spans| spans.iter().map(|span| span.start_time).min());
    let mut out = String::new();
    for trace in traces {
        write_trace(&mut out, trace);
    }
    out
}

fn write_trace(out: &mut String, mut spans: Vec<&SpanData>) {
    spans.sort_by_key(|span| span.start_time);
    let known: HashSet<SpanId> = spans.iter().map(|span| span.span_context.span_id()).collect();
    let mut children: HashMap<SpanId, Vec<&SpanData>> = HashMap::new();
    let mut roots = Vec::new();
    for span in spans {
        if known.contains(&span.parent_span_id) {
            children.entry(span.parent_span_id).or_default().push(span);
        } else {
            roots.push(span);
        }
    }
    for root in roots {
        write_span(out, root, &children, "", "");
    }
}

fn write_span(
    out: &mut String,
    span: &SpanData,
    children: &HashMap<SpanId, Vec<&SpanData>>,
    indent: &str,
    indent_below: &str,
) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{indent}{}", line(span));
    if attribute(span, "primitive.type").is_some_and(|kind| kind.as_str() == "workflow")
        && let Some(cost) = cost(span, children)
    {
        let _ = write!(out, "  ${cost:.6}");
    }
    out.push('\n');
    let below = children.get(&span.span_context.span_id()).map(Vec::as_slice).unwrap_or_default();
    for (index, child) in below.iter().enumerate() {
        let (branch, rest) = if index + 1 == below.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        write_span(out, child, children, &format!("{indent_below}{branch}"), &format!("{indent_below}{rest}"));
    }
}

/// Returns the cost of a span and of all spans below it, `None` if none of them has a cost.
fn cost(span: &SpanData, children: &HashMap<SpanId, Vec<&SpanData>>) -> Option<f64> {
    let own = match attribute(span, "llm.cost_usd") {
        Some(Value::F64(cost)) => Some(*cost),
        _ => None,
    };
    let below = children.get(&span.span_context.span_id()).into_iter().flatten();
    below.filter_map(|child| cost(child, children)).chain(own).reduce(|sum, cost| sum + cost)
}

fn attribute<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
    span.attributes.iter().find(|attribute| attribute.key.as_str() == key).map(|attribute| &attribute.value)
}

fn line(span: &SpanData) -> String {
    let attribute = |key: &str| attribute(span, key);
    let mut line = span.name.to_string();
    if let Some(name) = attribute("primitive.name") {
        line = format!("{} ({line})", name.as_str());
    }
    let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
    line = format!("{line}  {}", duration(took));
    if let Some(status) = attribute("execution.status") {
        line = format!("{line}  {}", status.as_str());
    } else if let Status::Error { .. } = span.status {
        line.push_str("  error");
    }
    for (key, label) in SHOWN {
        // The error of a cancelled call is only that.
        let is_said = |value: &&Value| Some(value.as_str()) == attribute("execution.status").map(Value::as_str);
        if let Some(value) = attribute(key).filter(|value| !is_said(value)) {
            line = match value {
                Value::F64(number) if *key == "llm.cost_usd" => format!("{line}  ${number:.6}"),
                value => format!("{line}  {label}{}", value.as_str()),
            };
        }
    }
    line
}

/// The attributes that a line shows after the outcome, each with its prefix.
const SHOWN: &[(&str, &str)] = &[
    ("error.type", ""),
    ("llm.model_name", ""),
    ("llm.total_tokens", "tokens="),
    ("llm.cost_usd", ""),
    ("cache.hit", "hit="),
    ("route.key", "route="),
    ("branch.index", "branch="),
];

/// Formats a duration in the fitting unit: `850 ns`, `1.2 ms`, `3.40 s`.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_nanos() {
        0..1_000 => format!("{} ns", duration.as_nanos()),
        1_000..1_000_000 => format!("{:.1} µs", seconds * 1e6),
        1_000_000..1_000_000_000 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}
