//! Costs of calls: by model, workflow and agent, for every outcome, with each source of prices.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use expect_test::{Expect, expect};
use futures_util::stream::{self, Stream};
use futures_util::{FutureExt, StreamExt};
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::block::{Block, BlockError, Retry};
use tta_runtime::llm::{self, NanoUsd, ServiceTier, Usage};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use crate::child::{Running, run, subject};

#[track_caller]
fn check(recording: &Recording, prefix: &str, expected: &Expect) {
    expected.assert_eq(&recording.metrics(prefix));
}

#[primitive(type = "workflow")]
async fn story() {
    outline().await;
    write().await;
}

#[primitive(type = "agent", action = "plan", name = "writer")]
async fn write() {
    outline().await;
    polish().await;
}

#[primitive(type = "llm", action = "generate", provider = "openai", model = "gpt-4o")]
async fn outline() -> Usage {
    Usage::new(1_000, 200).with_cached_input_tokens(400)
}

/// A model call inside a model call: each is charged its own cost.
#[primitive(type = "llm", action = "chat", provider = "anthropic", model = "claude-sonnet-4-5")]
async fn polish() -> Usage {
    outline().await;
    Usage::new(1_000, 200).with_cached_input_tokens(400).with_cache_write_5m_tokens(100)
}

#[test]
fn a_cost_is_counted_once_by_model_workflow_and_agent() {
    let recording = Recording::new();
    recording.scope(story()).now_or_never().unwrap();
    recording.scope(outline()).now_or_never().unwrap();
    check(
        &recording,
        "tta_llm_cost_total",
        &expect![[r#"
            tta_llm_cost_total{provider="anthropic",model="claude-sonnet-4-5",workflow_name="story",agent_type="writer"} 0.004995
            tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.004
            tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="story",agent_type=""} 0.004
            tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="story",agent_type="writer"} 0.008
        "#]],
    );
}

#[test]
fn each_function_knows_what_its_own_calls_cost() {
    let recording = Recording::new();
    recording.scope(story()).now_or_never().unwrap();
    let stats = recording.stats();
    let costs: Vec<_> = stats.primitives.iter().map(|primitive| (primitive.name, primitive.cost_usd)).collect();
    assert_eq!(costs, [("writer", 0.0), ("outline", 0.012), ("polish", 0.004_995), ("story", 0.0)]);
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = manual)]
async fn report(then: Then) -> Result<(), String> {
    llm::record(Usage::new(1_000, 200));
    match then {
        Then::Fail => Err("refused".into()),
        Then::Wait => std::future::pending().await,
        Then::Panic => panic!("broken"),
    }
}

enum Then {
    Fail,
    Wait,
    Panic,
}

#[test]
fn what_was_used_is_paid_whatever_became_of_the_call() {
    let recording = Recording::new();
    recording.scope(report(Then::Fail)).now_or_never().unwrap().unwrap_err();
    assert!(recording.scope(report(Then::Wait)).now_or_never().is_none());
    let caught = std::panic::AssertUnwindSafe(recording.scope(report(Then::Panic))).catch_unwind().now_or_never();
    caught.unwrap().unwrap_err();
    check(
        &recording,
        "tta_llm_requests_total",
        &expect![[r#"
            tta_llm_requests_total{provider="openai",model="gpt-4o",status="cancelled"} 1
            tta_llm_requests_total{provider="openai",model="gpt-4o",status="failure"} 1
            tta_llm_requests_total{provider="openai",model="gpt-4o",status="panicked"} 1
        "#]],
    );
    check(
        &recording,
        "tta_llm_cost_total",
        &expect![[r#"
            tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.0135
        "#]],
    );
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "no-such-model")]
async fn unknown() -> Usage {
    Usage::new(10, 5).with_reasoning_tokens(1)
}

#[test]
fn a_model_without_a_price_is_not_free_and_its_tokens_are_counted() {
    let recording = Recording::new();
    recording.scope(unknown()).now_or_never().unwrap();
    recording.scope(unknown()).now_or_never().unwrap();
    check(&recording, "tta_llm_cost_total", &expect![""]);
    check(
        &recording,
        "tta_llm_unpriced_total",
        &expect![[r#"
            tta_llm_unpriced_total{provider="openai",model="no-such-model"} 2
        "#]],
    );
    check(
        &recording,
        "tta_llm_tokens_total",
        &expect![[r#"
            tta_llm_tokens_total{provider="openai",model="no-such-model",token_type="input"} 20
            tta_llm_tokens_total{provider="openai",model="no-such-model",token_type="output"} 8
            tta_llm_tokens_total{provider="openai",model="no-such-model",token_type="reasoning"} 2
        "#]],
    );
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-5")]
async fn served(usage: Usage) -> Usage {
    usage
}

#[test]
fn how_a_request_was_served_and_what_its_provider_says_decide_the_cost() {
    let cost = |usage: Usage| {
        let recording = Recording::new();
        recording.scope(served(usage)).now_or_never().unwrap();
        recording.stats().models.iter().map(|model| model.cost_usd).sum::<f64>()
    };
    let by_tier = |tier: Option<ServiceTier>| cost(Usage::new(1_000, 200).with_service_tier(tier));
    let tiers = [
        None,
        Some(ServiceTier::Standard),
        Some(ServiceTier::Batch),
        Some(ServiceTier::Flex),
        Some(ServiceTier::Priority),
    ];
    assert_eq!(tiers.map(by_tier), [0.003_25, 0.003_25, 0.001_625, 0.001_625, 0.006_5]);
    assert_eq!(cost(Usage::new(1_000, 200).with_cost(NanoUsd(1_234_567))), 0.001_234_567);
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-5")]
async fn silent() -> Option<Usage> {
    None
}

#[test]
fn each_call_has_one_basis_of_its_cost() {
    let recording = Recording::new();
    let used = || Usage::new(1_000, 200);
    for usage in [
        used(),
        used().with_cost(NanoUsd(7)),
        used().with_service_tier(ServiceTier::Ultrafast),
        used().with_audio_output_tokens(100),
        used().with_code_executions(1),
        used().with_reported_total_tokens(5_000),
        Usage::new(0, 0),
    ] {
        recording.scope(served(usage)).now_or_never().unwrap();
    }
    recording.scope(silent()).now_or_never().unwrap();
    recording.scope(unknown()).now_or_never().unwrap();
    recording.scope(report(Then::Fail)).now_or_never().unwrap().unwrap_err();
    check(
        &recording,
        "tta_llm_calls_by_price_total",
        &expect![[r#"
            tta_llm_calls_by_price_total{provider="openai",model="gpt-4o",basis="priced"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="no_usage"} 2
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="partly_priced_modality"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="partly_priced_tier"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="partly_priced_tool"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="partly_priced_total"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="priced"} 1
            tta_llm_calls_by_price_total{provider="openai",model="gpt-5",basis="reported"} 1
            tta_llm_calls_by_price_total{provider="openai",model="no-such-model",basis="unpriced"} 1
        "#]],
    );
    for model in recording.stats().models {
        assert_eq!(model.calls_by_price.values().sum::<u64>(), model.requests, "{}", model.model);
    }
    let basis = |span: &SpanData| {
        let mut attributes = span.attributes.iter();
        attributes.find(|attribute| attribute.key.as_str() == "llm.cost.basis").map(|basis| basis.value.to_string())
    };
    let bases: Vec<_> = recording.spans().iter().map(|span| basis(span).unwrap_or_default()).collect();
    let expected = [
        "priced",
        "reported",
        "partly_priced_tier",
        "partly_priced_modality",
        "partly_priced_tool",
        "partly_priced_total",
        "no_usage",
        "no_usage",
        "unpriced",
        "priced",
    ];
    assert_eq!(bases, expected);
}

#[test]
fn a_call_before_the_prices_are_there_is_priced_when_they_are() {
    expect![[r#"
        tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.008
        tta_llm_unpriced_total{provider="openai",model="no-such-model"} 1
        primitive.llm.generate: Some("0.004")
        primitive.llm.generate: Some("0.004")
        primitive.llm.chat: None
    "#]]
    .assert_eq(&run(&mut subject("first_price")).stdout);
}

/// Files in a directory that is removed on drop.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("tta-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("the directory can be made");
        Self(directory)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("the file can be written");
        path.to_str().expect("it is text").to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_price_file_is_read_at_the_start_and_again_and_a_wrong_one_changes_nothing() {
    let files = Files::new("prices");
    let ours = |usd: &str| {
        format!(
            r#"{{"our-model": {{"input_cost_per_token": {usd}}}, "b": {{"input_cost_per_token": 0}}, "c": {{"input_cost_per_token": 0}}}}"#
        )
    };
    let first = files.write("first.json", &ours("1e-6"));
    let dearer = files.write("dearer.json", &ours("2e-6"));
    let wrong = files.write("wrong.json", &ours("2.5"));
    let shrunken = files.write("shrunken.json", r#"{"our-model": {"input_cost_per_token": 0}}"#);
    let mut running = Running::start(subject("price_files").env("TTA_PRICES_FILE", &first));
    let mut said = vec![running.line()];
    for path in ["", &dearer, &wrong, &shrunken, "/no/such/file.json", &first] {
        running.say(path);
        said.push(running.line());
    }
    running.finish();
    let said = said.join("\n").replace(files.0.to_str().expect("it is text"), "");
    expect![[r#"
        Some("$0.001")
        3 models, Some("$0.001")
        3 models, Some("$0.002")
        the price file `/wrong.json` has an invalid entry: `our-model` has `input_cost_per_token`, which is `2.5`; write US dollars per token, from `0` to `0.01`, such as `2.5e-6` for $2.50 per million, Some("$0.002")
        the price file `/shrunken.json` has 1 models, less than half of the 3 before, Some("$0.002")
        cannot read the price file `/no/such/file.json`, Some("$0.002")
        3 models, Some("$0.001")"#]].assert_eq(&said);
}

#[test]
fn a_start_with_a_wrong_price_file_is_refused() {
    let files = Files::new("wrong-prices");
    let wrong = files.write("wrong.json", r#"{"our-model": {"input_cost_per_token": "1e-6"}}"#);
    let said = run(subject("price_files").env("TTA_PRICES_FILE", wrong)).stdout;
    expect![[r#"
        error: the price file `/wrong.json` has an invalid entry: `our-model` has `input_cost_per_token`, which is `"1e-6"`, not a number; write US dollars per token, such as `2.5e-6`
    "#]].assert_eq(&said.replace(files.0.to_str().expect("it is text"), ""));
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = manual)]
async fn ask_twice() -> Result<(), BlockError<String>> {
    let first = AtomicBool::new(true);
    let ask = |()| {
        let is_first = first.swap(false, Ordering::SeqCst);
        async move {
            assert!(llm::record(Usage::new(1_000, 200)), "the call is around");
            if is_first { Err("busy".to_owned()) } else { Ok(()) }
        }
    };
    ask.with(Retry::when(|_: &String| true).attempts(2)).run(()).await
}

#[tokio::test(start_paused = true)]
async fn what_is_reported_inside_of_a_block_is_of_the_call_around_it() {
    let recording = Recording::in_timer_time();
    recording.scope(ask_twice()).await.expect("the second attempt answers");
    expect![[r#"
        tta_llm_cost_total{provider="openai",model="gpt-4o",workflow_name="",agent_type=""} 0.009
    "#]]
    .assert_eq(&recording.metrics("tta_llm_cost_total"));
    let tree = recording.tree();
    let priced: Vec<_> = tree.lines().filter(|line| line.contains('$')).collect();
    assert!(matches!(priced[..], [call] if call.contains("primitive.llm.chat") && call.contains("$0.009")), "{tree}");
}

#[primitive(type = "workflow", name = "book")]
async fn write_book() -> impl Stream<Item = Usage> {
    story().await;
    unknown().await;
    // The reader gets it after the workflow returned.
    tell()
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o")]
fn tell() -> impl Stream<Item = Usage> {
    stream::iter([Usage::new(1_000, 200)])
}

#[primitive(type = "workflow")]
async fn walk() {}

#[primitive(type = "workflow")]
async fn guess() {
    unknown().await;
}

/// Returns the attributes of each workflow's span that say what its run used.
fn runs(recording: &Recording) -> Vec<String> {
    let attribute = |span: &SpanData, key: &str| {
        let mut attributes = span.attributes.iter();
        attributes.find(|attribute| attribute.key.as_str() == key).map(|found| found.value.to_string())
    };
    let said = |span: SpanData| {
        let keys = ["prompt_tokens", "completion_tokens", "total_tokens", "cost_usd", "cost.basis"];
        let known =
            keys.iter().filter_map(|key| Some(format!(" {key}={}", attribute(&span, &format!("workflow.{key}"))?)));
        let line = known.collect::<String>();
        let name = attribute(&span, "primitive.name").unwrap_or_default();
        (span.name == "primitive.workflow.execute" || !line.is_empty()).then(|| format!("{name}:{line}"))
    };
    recording.spans().into_iter().filter_map(said).collect()
}

#[test]
fn a_run_costs_what_all_calls_inside_cost_and_its_span_says_so() {
    let recording = Recording::new();
    recording.scope(story()).now_or_never().unwrap();
    recording.scope(walk()).now_or_never().unwrap();
    recording.scope(guess()).now_or_never().unwrap();
    let runs = runs(&recording);
    let expected = [
        "story: prompt_tokens=4000 completion_tokens=800 total_tokens=4800 cost_usd=0.016995 cost.basis=priced",
        "walk:",
        "guess: prompt_tokens=10 completion_tokens=5 total_tokens=15 cost.basis=unpriced",
    ];
    assert_eq!(runs, expected);
    let sums = recording.metrics("tta_workflow_cost_usd_sum") + &recording.metrics("tta_workflow_cost_usd_count");
    expect![[r#"
        tta_workflow_cost_usd_sum{workflow_name="story"} 0.016995
        tta_workflow_cost_usd_sum{workflow_name="walk"} 0
        tta_workflow_cost_usd_sum{workflow_name="guess"} 0
        tta_workflow_cost_usd_count{workflow_name="story"} 1
        tta_workflow_cost_usd_count{workflow_name="walk"} 1
        tta_workflow_cost_usd_count{workflow_name="guess"} 0
    "#]]
    .assert_eq(&sums);
}

#[test]
fn a_run_around_another_one_pays_for_it_and_waits_for_its_last_stream() {
    let recording = Recording::new();
    let told = recording.scope(write_book()).now_or_never().unwrap();
    let count = || recording.metrics("tta_workflow_cost_usd_count");
    expect![[r#"
        tta_workflow_cost_usd_count{workflow_name="story"} 1
        tta_workflow_cost_usd_count{workflow_name="book"} 0
    "#]]
    .assert_eq(&count());
    recording.scope(told.collect::<Vec<_>>()).now_or_never().unwrap();
    let costs = recording.metrics("tta_workflow_cost_usd");
    let of_book: Vec<_> = costs.split_inclusive('\n').filter(|line| line.contains("book")).skip(4).collect();
    expect![[r#"
        tta_workflow_cost_usd_bucket{workflow_name="book",le="0.01"} 0
        tta_workflow_cost_usd_bucket{workflow_name="book",le="0.05"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="0.1"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="0.5"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="1"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="5"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="10"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="50"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="100"} 1
        tta_workflow_cost_usd_bucket{workflow_name="book",le="+Inf"} 1
        tta_workflow_cost_usd_sum{workflow_name="book"} 0.021495
        tta_workflow_cost_usd_count{workflow_name="book"} 1
    "#]]
    .assert_eq(&of_book.concat());
}
