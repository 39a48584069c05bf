//! The questions that an agent may ask of a running program.

use serde_json::{Map, Value, json};

use super::explanation::{explanation, milliseconds};
use super::fitted::{LONGEST, List, add_fitting, cut, usd, whole};
use super::program::LiveProgram;
use super::span_tree::{SpanTree, TracedSpan};
use super::whole_trace::whole_trace;
use super::wrong_call::WrongCall;

/// A question, with its name and its arguments.
pub struct Tool {
    /// The name.
    pub name: &'static str,
    /// The contents of the answer, for the agent.
    pub description: &'static str,
    /// Each argument with its type in JSON Schema and its meaning.
    pub arguments: &'static [(&'static str, &'static str, &'static str)],
    /// The arguments that must be there.
    pub required: &'static [&'static str],
    answer: fn(&LiveProgram, &Map<String, Value>) -> Result<Value, WrongCall>,
}

const TRACE_ID: (&str, &str, &str) =
    ("trace_id", "string", "32 hexadecimal digits, as `traces` has them or a log line");

/// The most accounts: those with the least left come first, and objectives follow them.
const MOST_BUDGETS: usize = 12;

/// All questions.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "overview",
        description: "How the program fares now: calls per second by outcome, percentiles of durations in seconds, error ratio, cost, \
                      tokens, workflows in progress, what moved most in the last five minutes, exports that fail, circuit breakers that \
                      are not closed.",
        arguments: &[],
        required: &[],
        answer: overview,
    },
    Tool {
        name: "traces",
        description: "The traces that the program keeps, one row each: the latest, the slowest, the dearest or those with failed spans.",
        arguments: &[
            ("order", "string", "latest (default), slowest, dearest or failed"),
            ("outcome", "string", "of the root: success, failure, timeout, cancelled or panicked"),
            ("workflow", "string", "the exact name of a workflow"),
            ("model", "string", "the exact name of a model that was called"),
            ("primitive", "string", "the exact name of a primitive in the trace"),
            ("min_cost", "number", "US dollars"),
            ("max_cost", "number", "US dollars"),
            ("min_seconds", "number", "the least duration"),
            ("max_seconds", "number", "the longest duration"),
            ("text", "string", "in an id, a name, an error or the value of an attribute"),
            ("limit", "integer", "the most rows, 10 by default"),
        ],
        required: &[],
        answer: traces,
    },
    Tool {
        name: "trace",
        description: "The spans of one trace as an indented tree, with durations, outcomes, models, tokens and costs. Of a large trace, \
                      the failed and the longest spans.",
        arguments: &[TRACE_ID],
        required: &["trace_id"],
        answer: trace,
    },
    Tool {
        name: "models",
        description: "Each model that was called: requests by outcome, tokens by kind, cost in US dollars, percentiles of durations, \
                      and calls whose cost is not known.",
        arguments: &[],
        required: &[],
        answer: models,
    },
    Tool {
        name: "budgets",
        description: "Each budget with its limit, what is reserved, spent and left in US dollars, tokens or requests, and when it is used up; and each \
                      service level objective with its compliance and how fast its error budget burns (1 uses it up exactly).",
        arguments: &[],
        required: &[],
        answer: budgets,
    },
    Tool {
        name: "explain",
        description: "Why a run was slow or dear: the critical path by the time of each span on it, the share of the cost by call, \
                      failures, attempts after the first, cache hits and misses.",
        arguments: &[TRACE_ID],
        required: &["trace_id"],
        answer: explain,
    },
];

impl Tool {
    /// Returns the JSON Schema of the arguments.
    #[must_use]
    pub fn schema(&self) -> Map<String, Value> {
        let properties: Map<_, _> = self
            .arguments
            .iter()
            .map(|(name, kind, meaning)| ((*name).to_owned(), json!({ "type": kind, "description": meaning })))
            .collect();
        let schema = json!({ "type": "object", "properties": properties, "required": self.required });
        schema.as_object().cloned().unwrap_or_default()
    }

    /// Answers with JSON of at most 8 KiB.
    ///
    /// # Errors
    ///
    /// Returns an error if an argument is missing, or if the program gives no answer.
    pub fn ask(&self, program: &LiveProgram, arguments: &Map<String, Value>) -> Result<String, WrongCall> {
        let answer = (self.answer)(program, arguments)?.to_string();
        debug_assert!(answer.len() <= LONGEST, "{} bytes", answer.len());
        Ok(answer)
    }
}

fn overview(program: &LiveProgram, _: &Map<String, Value>) -> Result<Value, WrongCall> {
    let overview = program.read("overview", &[])?;
    let breakers = program.read("blocks", &[])?;
    let library = program.read("library", &[])?;
    let breakers = list(&breakers, "circuit_breakers").filter(|breaker| breaker["state"] != "closed");
    let breakers = breakers.map(|breaker| json!({ "name": short(&breaker["name"]), "state": breaker["state"] }));
    let failing = list(&library, "failing_exports").map(|export| {
        json!({ "signal": export["signal"], "for_seconds": export["for_seconds"], "error": cut(text(&export["error"]), 200) })
    });
    let mut answer = Map::new();
    for key in ["service_name", "version", "calls_per_second", "seconds", "error_ratio", "unknown_cost_calls"] {
        answer.insert(key.to_owned(), overview[key].clone());
    }
    answer.insert("service_name".to_owned(), short(&overview["service_name"]));
    for (key, value) in [
        ("cost_usd", usd(&overview["cost_nano_usd"])),
        ("cost_usd_per_hour", usd(&overview["cost_nano_usd_per_hour"])),
        ("tokens", whole(&overview["tokens"])),
        ("tokens_per_second", overview["tokens_per_second"].clone()),
        ("active_workflows", overview["active_workflows"].clone()),
    ] {
        answer.insert(key.to_owned(), value);
    }
    let movers = list(&overview, "movers").map(|mover| {
        let mut mover = mover.clone();
        mover["primitive"] = short(&mover["primitive"]);
        mover
    });
    add_fitting(&mut answer, List { most: 5, ..List::of("failing_exports", failing) });
    add_fitting(&mut answer, List { most: 10, ..List::of("circuit_breakers_not_closed", breakers) });
    add_fitting(&mut answer, List::of("movers", movers));
    Ok(Value::Object(answer))
}

fn traces(program: &LiveProgram, arguments: &Map<String, Value>) -> Result<Value, WrongCall> {
    let texts: Vec<(&str, String)> = arguments
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let mut query: Vec<_> = texts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if !arguments.contains_key("limit") {
        query.push(("limit", "10"));
    }
    let found = program.read("traces", &query)?;
    let matching = list(&found, "traces").count() as u64 + left_out(&found);
    let rows = list(&found, "traces").map(|row| {
        json!({
            "trace_id": row["trace_id"],
            "root": short(&row["root"]),
            "workflow": short(&row["workflow"]),
            "outcome": row["outcome"],
            "error_type": short(&row["error_type"]),
            "duration_ms": milliseconds(row["duration_ns"].as_u64().unwrap_or(0)),
            "cost_usd": usd(&row["cost_nano_usd"]),
            "tokens": whole(&row["tokens"]),
            "models": list(row, "models").map(short).collect::<Vec<_>>(),
            "spans": row["spans"],
            "failed_spans": row["failed_spans"],
            "complete": row["complete"],
        })
    });
    let mut answer = Map::new();
    answer.insert("kept".to_owned(), found["held"].clone());
    answer.insert("matching".to_owned(), json!(matching));
    add_fitting(&mut answer, List { left_out: left_out(&found), ..List::of("traces", rows) });
    Ok(Value::Object(answer))
}

fn trace(program: &LiveProgram, arguments: &Map<String, Value>) -> Result<Value, WrongCall> {
    let (trace, spans) = read_trace(program, arguments)?;
    let tree = SpanTree::new(spans);
    let mut lines: Vec<(bool, u64, usize, String)> = Vec::new();
    tree.walk(&mut |depth, span| {
        let line = line(depth, span);
        lines.push((span.is_failed(), span.duration_ns, lines.len(), line));
    });
    let all = lines.len();
    // The failed and the longest spans stay, in the order of the tree.
    lines.sort_by_key(|(is_failed, duration, place, _)| std::cmp::Reverse((*is_failed, *duration, usize::MAX - place)));
    let mut left = LONGEST - 512;
    lines.retain(|(.., line)| {
        let cost = json!(line).to_string().len() + 1;
        let fits = cost <= left;
        left -= if fits { cost } else { 0 };
        fits
    });
    lines.sort_by_key(|(_, _, place, _)| *place);
    let answer = json!({
        "trace_id": trace["trace_id"],
        "complete": trace["complete"],
        "duration_ms": milliseconds(trace["duration_ns"].as_u64().unwrap_or(0)),
        "spans": all,
        "spans_not_shown": all - lines.len(),
        "lost_spans": trace["lost_spans"],
        "tree": lines.into_iter().map(|(.., line)| line).collect::<Vec<_>>(),
    });
    Ok(answer)
}

/// Returns a span in one line, indented by its depth.
fn line(depth: usize, span: &TracedSpan) -> String {
    let mut line = format!("{}{}", "  ".repeat(depth.min(20)), cut(span.label(), 80));
    let mut add = |text: String| line.extend([" ", text.as_str()]);
    if let Some(kind) = &span.primitive_type {
        add(format!("({})", cut(kind, 80)));
    }
    add(format!("{}ms", milliseconds(span.duration_ns)));
    add(span.outcome.clone().unwrap_or_default());
    if let Some(error) = &span.error_type {
        add(cut(error, 80));
    }
    if let Some(attempt) = span.retry_attempt {
        add(format!("attempt={attempt}"));
    }
    if let Some(hit) = span.cache_hit {
        add(format!("cache_hit={hit}"));
    }
    if let Some(model) = &span.model {
        add(format!("model={} tokens={}+{}", cut(model, 80), span.input_tokens, span.output_tokens));
    }
    if let Some(cost) = span.cost() {
        add(format!("cost_usd={}", cost as f64 / 1e9));
    }
    line
}

fn models(program: &LiveProgram, _: &Map<String, Value>) -> Result<Value, WrongCall> {
    let models = program.read("models", &[])?;
    let rows = list(&models, "models").map(|model| {
        let tokens = model["tokens"].as_object().into_iter().flatten();
        json!({
            "provider": short(&model["provider"]),
            "model": short(&model["model"]),
            "requests": model["requests"],
            "requests_of_unknown_outcome": model["unknown_outcomes"],
            "tokens": tokens.map(|(kind, n)| (kind.clone(), whole(n))).collect::<Map<_, _>>(),
            "cost_usd": usd(&model["cost_nano_usd"]),
            "calls_by_price": model["calls_by_price"],
            "seconds": model["seconds"],
            "first_token_seconds": model["first_token_seconds"],
        })
    });
    let mut answer = Map::new();
    add_fitting(&mut answer, List { left_out: left_out(&models), ..List::of("models", rows) });
    Ok(Value::Object(answer))
}

fn budgets(program: &LiveProgram, _: &Map<String, Value>) -> Result<Value, WrongCall> {
    let (budgets, objectives) = (program.read("budgets", &[])?, program.read("objectives", &[])?);
    let amount = |value: &Value| value.as_str().and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(0);
    let rows = list(&budgets, "budgets").map(|budget| {
        let [limit, spent, reserved] = ["limit", "spent", "reserved"].map(|name| amount(&budget[name]));
        let left = limit.saturating_sub(spent).saturating_sub(reserved);
        let mut row = Map::new();
        for name in ["name", "owner"] {
            row.insert(name.to_owned(), short(&budget[name]));
        }
        for name in ["scope", "shared", "refused_calls", "period_left_seconds", "used_up_in_seconds"] {
            row.insert(name.to_owned(), budget[name].clone());
        }
        for (name, amount) in [("limit", limit), ("spent", spent), ("reserved", reserved), ("left", left)] {
            // The unit is in the name.
            let (unit, amount) = match text(&budget["unit"]) {
                "nano_usd" => ("usd", json!(amount as f64 / 1e9)),
                unit => (unit, json!(amount)),
            };
            row.insert(format!("{name}_{unit}"), amount);
        }
        Value::Object(row)
    });
    let all = list(&budgets, "budgets").count() as u64 + left_out(&budgets);
    let mut answer = Map::from_iter([("accounts".to_owned(), json!(all))]);
    let rows = List { most: MOST_BUDGETS, left_out: left_out(&budgets), ..List::of("budgets", rows) };
    add_fitting(&mut answer, rows);
    let objectives = list(&objectives, "objectives").map(|objective| {
        let mut objective = objective.clone();
        objective["primitive"] = short(&objective["primitive"]);
        objective
    });
    add_fitting(&mut answer, List::of("objectives", objectives));
    Ok(Value::Object(answer))
}

fn explain(program: &LiveProgram, arguments: &Map<String, Value>) -> Result<Value, WrongCall> {
    let (trace, spans) = read_trace(program, arguments)?;
    Ok(explanation(&trace, spans))
}

/// Reads all spans of the trace that the arguments name.
fn read_trace(program: &LiveProgram, arguments: &Map<String, Value>) -> Result<(Value, Vec<TracedSpan>), WrongCall> {
    let id = arguments.get("trace_id").and_then(Value::as_str).map_or("", str::trim);
    whole_trace(id, |path, query| program.read(path, query))
}

fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer[name].as_array().into_iter().flatten()
}

/// Returns how many rows the program left out of its answer.
fn left_out(answer: &Value) -> u64 {
    answer["left_out"].as_u64().unwrap_or(0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a name of the program, cut so that one name does not fill the answer.
fn short(name: &Value) -> Value {
    name.as_str().map_or(Value::Null, |name| json!(cut(name, 120)))
}
