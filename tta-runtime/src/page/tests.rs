//! The numbers of the page, of known calls at known times.

use std::time::Duration;

use opentelemetry_sdk::Resource;
use serde_json::{Value, json};

use super::{Answer, Page};
use crate::llm::{self, Usage};
use crate::primitive;
use crate::schema::Id;
use crate::testing::Recording;

/// A program on a clock that only its calls and [`until`](Self::until) advance.
struct Program {
    recording: Recording,
    page: Page,
}

impl Program {
    fn start() -> Self {
        // The prices are decoded once: calls before that are priced later.
        assert!(llm::price("openai", "gpt-4o", &Usage::new(1, 1)).is_some());
        let recording = Recording::new();
        let page = Page::new(recording.recorder(), &Resource::builder_empty().build(), 4 << 20);
        recording.recorder().keep_usages(true);
        let program = Self { recording, page };
        program.sample();
        program
    }

    fn sample(&self) {
        self.page.memory.history().sample(self.recording.recorder());
    }

    /// Lets the time pass until then, with a sample each 5 s.
    fn until(&self, seconds: u64) {
        let now = || self.recording.recorder().clock.now().0;
        while now() < seconds * 1_000_000_000 {
            let next = (now() / 5_000_000_000 + 1) * 5_000_000_000;
            self.recording.advance(Duration::from_nanos(next - now()));
            self.sample();
        }
    }

    fn take(&self, milliseconds: u64) {
        self.recording.advance(Duration::from_millis(milliseconds));
    }

    /// Gives the spans that ended to the page, as the export thread does.
    fn keep_spans(&self) {
        let recorder = self.recording.recorder();
        let keep = self.page.on_span();
        recorder.spans.take_all().iter().for_each(|record| keep(record, recorder.clock.anchor()));
    }

    fn ask(&self, path: &str, query: &str) -> Value {
        match self.page.answer(path, query) {
            Ok(Answer::Data(data)) => serde_json::from_slice(&data).expect("it is JSON"),
            _ => panic!("{path} has no data"),
        }
    }
}

#[primitive(type = "tool", action = "call", name = "search", slo(availability = 90.0))]
fn search(program: &Program, succeeds: bool) -> Result<(), String> {
    program.take(10);
    if succeeds { Ok(()) } else { Err("nothing found".to_owned()) }
}

/// Another function of the same name.
#[primitive(type = "tool", action = "call", name = "search", slo(availability = 90.0))]
fn search_archive(program: &Program, succeeds: bool) -> Result<(), String> {
    program.take(10);
    if succeeds { Ok(()) } else { Err("nothing found".to_owned()) }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
fn ask(program: &Program) -> Usage {
    program.take(20);
    Usage::new(1_000, 100).with_cached_input_tokens(400).with_rerank_searches(3)
}

#[primitive(type = "workflow", action = "execute", name = "plan")]
fn plan(program: &Program, succeeds: bool) -> Usage {
    let _ = search(program, succeeds);
    let _ = search(program, true);
    let _ = search_archive(program, true);
    ask(program)
}

/// Runs for 75 minutes: 30 failures at first, 10 plans in the last ten minutes but five, and 20 in the last minute, of which 15 have a
/// failure.
fn busy_program() -> Program {
    let program = Program::start();
    program.recording.run(|| (0..30).for_each(|_| drop(search_archive(&program, false))));
    program.until(66 * 60);
    program.recording.run(|| (0..10).for_each(|_| drop(plan(&program, true))));
    program.until(74 * 60 + 5);
    program.recording.run(|| (0..20).for_each(|run| drop(plan(&program, run < 5))));
    program.until(75 * 60);
    program
}

/// Returns a number that is at most 1.2 % off, as percentiles are.
fn about(found: &Value, expected: f64) -> bool {
    found.as_f64().is_some_and(|found| (found / expected - 1.0).abs() < 0.012)
}

#[test]
fn the_overview_has_the_rates_of_the_last_minute_and_the_cost_of_the_last_five() {
    let program = busy_program();
    let overview = program.ask("overview", "");
    let rates = &overview["calls_per_second"];
    assert_eq!([&rates["success"], &rates["failure"]], [&json!(85.0 / 60.0), &json!(15.0 / 60.0)]);
    assert_eq!(["timeout", "cancelled", "panicked"].map(|outcome| &rates[outcome]), [&json!(0.0); 3]);
    assert_eq!(overview["error_ratio"], json!(15.0 / 100.0));
    // A call of a model has 600 input tokens at $2.50, 400 cached ones at $1.25 and 100 output tokens at $10 for a million.
    assert_eq!(overview["cost_nano_usd"], json!((30 * 3_000_000).to_string()));
    assert_eq!(overview["cost_nano_usd_per_hour"], json!((20 * 3_000_000 * 12).to_string()));
    assert_eq!(overview["tokens"], json!((30 * 1_100).to_string()));
    assert_eq!(overview["tokens_per_second"], json!(20.0 * 1_100.0 / 60.0));
    assert_eq!([&overview["active_workflows"], &overview["unknown_cost_calls"]], [&json!(0); 2]);
    // They are those of workflows, of which each takes 50 ms.
    for percentile in ["p50", "p95", "p99"] {
        assert!(about(&overview["seconds"][percentile], 0.05), "{percentile}: {}", overview["seconds"]);
    }
}

#[test]
fn movers_are_the_primitives_of_a_name_that_changed_most() {
    let mover = |primitive: &str, primitive_type: &str, measure: &str, before: f64, now: f64| json!({ "primitive": primitive, "primitive_type": primitive_type, "measure": measure, "before": before, "now": now });
    let expected = json!([
        mover("search", "tool", "error_ratio", 0.0, 15.0 / 60.0),
        mover("ask", "llm", "calls_per_second", 10.0 / 300.0, 20.0 / 300.0),
        mover("ask", "llm", "cost_usd_per_hour", 0.36, 0.72),
        mover("plan", "workflow", "calls_per_second", 10.0 / 300.0, 20.0 / 300.0),
        mover("search", "tool", "calls_per_second", 30.0 / 300.0, 60.0 / 300.0),
    ]);
    assert_eq!(busy_program().ask("overview", "")["movers"], expected);
}

#[test]
fn the_burn_of_an_objective_is_that_of_all_functions_of_its_name() {
    let program = busy_program();
    let objectives = program.ask("objectives", "");
    let [objective] = objectives["objectives"].as_array().expect("a list").as_slice() else { panic!("{objectives}") };
    let text = [&objective["primitive"], &objective["slo"], &objective["threshold_seconds"]];
    assert_eq!(text, [&json!("search"), &json!("availability"), &Value::Null]);
    assert_eq!([&objective["good"], &objective["bad"]], [&json!(75), &json!(45)]);
    let metrics = program.recording.metrics("tta_slo_events_total");
    let lines: Vec<_> = metrics.lines().map(|line| line.rsplit_once(' ').expect("a value").1).collect();
    assert_eq!(lines, ["75", "45"], "{metrics}");
    // A tenth may be bad. The failures at first are more than an hour ago.
    for (found, expected) in [
        (&objective["objective"], 0.9),
        (&objective["compliance"], 75.0 / 120.0),
        (&objective["remaining_budget"], 1.0 - 3.75),
        (&objective["burn"]["five_minutes"], 2.5),
        (&objective["burn"]["hour"], 10.0 * 15.0 / 90.0),
        (&objective["burn"]["since_start"], 3.75),
    ] {
        let found = found.as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}: {objective}");
    }
}

#[test]
fn the_map_has_one_node_for_each_name_and_the_rates_of_its_edges() {
    let program = busy_program();
    let map = program.ask("map", "");
    let nodes = map["nodes"].as_array().expect("a list");
    let facts: Vec<_> = nodes
        .iter()
        .map(|node| ["name", "primitive_type", "error_ratio", "cost_nano_usd"].map(|fact| node[fact].clone()))
        .collect();
    let expected = [
        [json!("ask"), json!("llm"), json!(0.0), json!("90000000")],
        [json!("plan"), json!("workflow"), json!(0.0), json!("0")],
        [json!("search"), json!("tool"), json!(0.25), json!("0")],
    ];
    assert_eq!(facts, expected);
    for (node, (seconds, calls)) in nodes.iter().zip([(0.02, 20.0), (0.05, 20.0), (0.01, 60.0)]) {
        assert!(about(&node["p95_seconds"], seconds), "{node}");
        assert_eq!(node["calls_per_second"], json!(calls / 60.0), "{node}");
    }
    let edge = |target: &str, calls: u64, per_second: f64| {
        let ends = json!({ "source": "plan", "target": target, "connection_type": "call" });
        let mut edge = ends.as_object().expect("an object").clone();
        edge.extend([("calls".to_owned(), json!(calls)), ("calls_per_second".to_owned(), json!(per_second))]);
        Value::Object(edge)
    };
    assert_eq!(map["edges"], json!([edge("ask", 30, 20.0 / 60.0), edge("search", 90, 60.0 / 60.0)]));
    assert_eq!([&map["left_out_nodes"], &map["left_out_edges"]], [&json!(0); 2]);
}

#[test]
fn a_model_has_the_percentiles_tokens_and_prices_of_its_calls() {
    let models = busy_program().ask("models", "");
    let [model] = models["models"].as_array().expect("a list").as_slice() else { panic!("{}", models["models"]) };
    assert_eq!([&model["provider"], &model["model"]], [&json!("openai"), &json!("gpt-4o")]);
    assert_eq!(model["requests"]["success"], 30);
    let tokens = ["input", "cached_input", "output"].map(|kind| &model["tokens"][kind]);
    assert_eq!(tokens, [&json!("18000"), &json!("12000"), &json!("3000")]);
    assert_eq!(model["cost_nano_usd"], "90000000");
    // The calls take 20 ms, which is in the first bucket, up to 100 ms; within a bucket, percentiles are interpolated.
    for (percentile, seconds) in [("p50", 0.05), ("p95", 0.095), ("p99", 0.099)] {
        let found = model["seconds"][percentile].as_f64().expect("a number");
        assert!((found - seconds).abs() < 1e-9, "{percentile}: {found}");
    }
}

#[test]
fn usage_is_priced_at_the_other_model_to_the_nano_dollar() {
    let program = busy_program();
    program.keep_spans();
    let priced = |to: &str| {
        let answer = program.ask("what-if", &format!("from=openai/gpt-4o&to={to}"));
        ["calls", "left_out_calls", "actual_nano_usd", "fixed_nano_usd", "output_nano_usd", "unpriced_kinds"]
            .map(|name| answer[name].clone())
    };
    // For a million tokens, it takes $0.15 for input, $0.075 for cached input and $0.60 for output.
    let [fixed, output] = [30 * (600 * 150 + 400 * 75), 30 * 100 * 600].map(|nanos: u64| json!(nanos.to_string()));
    let unpriced = json!(["rerank_searches"]);
    let small = [json!(30), json!(0), json!("90000000"), fixed, output, unpriced.clone()];
    assert_eq!(priced("openai/gpt-4o-mini"), small);
    let same = [json!(30), json!(0), json!("90000000"), json!("60000000"), json!("30000000"), unpriced];
    assert_eq!(priced("openai/gpt-4o"), same);
}

#[test]
fn the_library_says_what_was_lost_of_each_signal() {
    let program = Program::start();
    let recorder = program.recording.recorder();
    for (reason, records) in [("rejected", 3), ("deadline", 0), ("rejected", 4)] {
        recorder.add(Id::TelemetryLogRecordsDropped, &[reason], records);
    }
    let library = program.ask("library", "");
    assert_eq!(library["log_records_dropped"], json!([{ "reason": "rejected", "records": 7 }]));
    assert_eq!(library["spans_dropped"], json!([]));
}
