//! The spans of wrappers: the attribute by which a viewer folds them, and how they are left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use expect_test::{Expect, expect};
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;
use tta_runtime::block::{
    Block, BlockError, Cache, CircuitBreaker, Conditional, Fallback, LoopGuard, Parallel, Retry, Router, Saga,
    Sequential, Switch, Timeout,
};
use tta_runtime::llm::{Budget, Estimate};
use tta_runtime::testing::Recording;
use tta_runtime::{SpanDetail, primitive};

use super::retry::{Act, Fault, act, script};

/// Attributes that every span of a call or block has.
const OF_ALL: [&str; 13] = [
    "primitive.name",
    "primitive.type",
    "primitive.action",
    "primitive.parent",
    "code.file.path",
    "code.function.name",
    "code.line.number",
    "causation.id",
    "correlation.id",
    "execution.duration_ms",
    "execution.status",
    "workflow.id",
    "workflow.name",
];

/// Returns the spans as a tree, siblings in the order in which they ended, with the attributes that are not on all of them.
fn facts(recording: &Recording) -> String {
    let mut text = String::new();
    write_inside(&mut text, &recording.spans(), SpanId::INVALID, 0);
    text
}

fn write_inside(text: &mut String, spans: &[SpanData], parent: SpanId, depth: usize) {
    for span in spans.iter().filter(|span| span.parent_span_id == parent) {
        let own = span
            .attributes
            .iter()
            .filter(|own| !OF_ALL.contains(&own.key.as_str()) && !own.key.as_str().starts_with("gen_ai."));
        let mut own: Vec<_> = own.map(|own| format!("{}={}", own.key, own.value)).collect();
        own.sort();
        let events = span.events.events.iter().map(|event| format!("event {}", event.name));
        let all: Vec<_> = std::iter::once(span.name.to_string()).chain(own).chain(events).collect();
        writeln!(text, "{}{}", "  ".repeat(depth), all.join("  ")).expect("a string grows");
        write_inside(text, spans, span.span_context.span_id(), depth + 1);
    }
}

async fn recorded<T>(detail: SpanDetail, flow: impl Future<Output = T>) -> (T, Recording) {
    let recording = Recording::new().with_span_detail(detail);
    let output = recording.scope(flow).await;
    (output, recording)
}

async fn check<T>(detail: SpanDetail, flow: impl Future<Output = T>, expected: &Expect) -> T {
    let (output, recording) = recorded(detail, flow).await;
    expected.assert_eq(&facts(&recording));
    output
}

fn at_once() -> Retry<Fault> {
    Retry::when(|fault| matches!(fault, Fault::Busy(_))).backoff(Duration::ZERO, Duration::ZERO)
}

#[primitive(type = "workflow", action = "execute")]
async fn chain(acts: &[Act]) -> Result<u32, BlockError<Fault>> {
    let other = async |_| Ok(2);
    let layers = act.with(CircuitBreaker::after_failures(9)).with(at_once()).with(Fallback::to(other.named("other")));
    layers.with(Timeout::after(Duration::from_secs(1))).run(script(acts.iter().copied())).await
}

#[tokio::test]
async fn wrappers_are_marked() {
    let output = check(SpanDetail::Full, chain(&[]), &expect![[r#"
        primitive.workflow.execute
          primitive.timeout.execute  primitive.wrapper=true  timeout.limit_ms=1000
            primitive.fallback.execute  fallback.used=primary  primitive.wrapper=true
              primitive.fallback.primary  primitive.wrapper=true
                primitive.retry.execute  primitive.wrapper=true  retry.max_attempts=3
                  primitive.retry.attempt_0  primitive.wrapper=true  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3
                    primitive.circuit_breaker.execute  circuit_breaker.state=closed  primitive.wrapper=true
                      primitive.tool.call
    "#]]).await;
    assert_eq!(output, Ok(1));
}

#[tokio::test]
async fn wrappers_are_left_out_and_their_facts_are_on_the_calls_inside_and_around() {
    let output = check(SpanDetail::Low, chain(&[Act::Busy, Act::Succeed]), &expect![[r#"
        primitive.workflow.execute  fallback.used=primary
          primitive.tool.call  circuit_breaker.state=closed  error.type=Fault  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3  timeout.limit_ms=1000  event exception
          primitive.tool.call  circuit_breaker.state=closed  retry.attempt=1  retry.backoff_ms=0  retry.max_attempts=3  timeout.limit_ms=1000
    "#]]).await;
    assert_eq!(output, Ok(1));
}

#[tokio::test]
async fn a_wrapper_with_no_span_inside_keeps_its_own() {
    let output = check(SpanDetail::Low, chain(&[Act::Refuse]), &expect![[r#"
        primitive.workflow.execute  fallback.used=other
          primitive.tool.call  circuit_breaker.state=closed  error.type=Fault  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3  timeout.limit_ms=1000  event exception
          primitive.fallback.fallback_0  primitive.wrapper=true  timeout.limit_ms=1000
    "#]]).await;
    assert_eq!(output, Ok(2));
}

#[primitive(type = "workflow", action = "execute")]
async fn refused(acts: &[Act]) -> [Result<u32, BlockError<Fault>>; 2] {
    let guarded = act.with(CircuitBreaker::after_failures(1));
    let script = script(acts.iter().copied());
    [guarded.run(script.clone()).await, guarded.run(script).await]
}

#[tokio::test]
async fn an_open_circuit_has_a_span() {
    let [first, second] = check(
        SpanDetail::Low,
        refused(&[Act::Refuse]),
        &expect![[r#"
        primitive.workflow.execute
          primitive.tool.call  circuit_breaker.state=closed  error.type=Fault  event exception
          primitive.circuit_breaker.execute  circuit_breaker.state=open  error.type=Open  primitive.wrapper=true
    "#]],
    )
    .await;
    assert_eq!(first, Err(BlockError::Inner(Fault::Refused)));
    assert!(matches!(second, Err(BlockError::Open { .. })), "{second:?}");
}

#[primitive(type = "tool", action = "call")]
async fn double(number: u32) -> Result<u32, String> {
    Ok(number * 2)
}

#[primitive(type = "workflow", action = "execute")]
async fn groups() -> Result<(u32, u32), BlockError<String>> {
    let route = Router::new("size", |_: &u32| "small").route("small", double);
    let kept = double.with(Cache::memory(8).ttl(Duration::from_secs(9)));
    Sequential::new("flow").then(route).then(Parallel::new("both").branch(kept).branch(double)).run(3).await
}

#[tokio::test]
async fn blocks_with_several_pieces_of_work_keep_their_spans() {
    let output = check(
        SpanDetail::Low,
        groups(),
        &expect![[r#"
        primitive.workflow.execute
          primitive.sequential.execute
            primitive.tool.call  route.key=small  route.reason=chosen  step.index=0  step.name=size  step.total_steps=2
            primitive.parallel.execute  step.index=1  step.name=both  step.total_steps=2
              primitive.cache.lookup  branch.index=0  branch.total_branches=2  cache.hit=false  cache.type=memory
              primitive.tool.call  branch.index=0  branch.total_branches=2
              primitive.tool.call  branch.index=1  branch.total_branches=2
    "#]],
    )
    .await;
    assert_eq!(output, Ok((12, 12)));
}

async fn undo(_: u32) -> Result<(), String> {
    Ok(())
}

/// Work with every layer around it, in every group.
#[primitive(type = "workflow", action = "execute")]
async fn every_block() -> Result<u32, BlockError<String>> {
    let budget = Budget::requests(9).named("wrapped");
    let layered = double
        .with(LoopGuard::new())
        .with(CircuitBreaker::after_failures(9))
        .with(Retry::when(|_: &String| false))
        .with(Fallback::to(double))
        .with(Timeout::after(Duration::from_secs(9)))
        .with(budget.reserving(|_: &u32| Estimate::tokens("openai", "gpt-4o", 1)))
        .with(Cache::memory(8).ttl(Duration::from_secs(9)));
    Sequential::new("flow")
        .then(layered)
        .then(Router::new("size", |_: &u32| "small").route("small", double))
        .then(Conditional::new("large", |number: &u32| *number > 1).then(double))
        .then(Switch::new("kind", |_: &u32| "even".to_owned()).case("even", double))
        .then(Saga::new("undone").step(double, undo))
        .then(Parallel::new("both").branch(double).branch(double))
        .then(async |(one, _): (u32, u32)| Ok::<_, String>(one))
        .run(3)
        .await
}

#[tokio::test]
async fn the_page_folds_all_wrappers() {
    let (output, recording) = recorded(SpanDetail::Full, every_block()).await;
    assert_eq!(output, Ok(3 << 6));
    let text = |span: &SpanData, key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.to_string())
    };
    let spans = recording.spans();
    let wrappers = spans.iter().filter(|span| text(span, "primitive.wrapper").as_deref() == Some("true"));
    let types: BTreeSet<_> = wrappers.filter_map(|span| text(span, "primitive.type")).collect();
    let page = include_str!("../../../../tta-runtime/page/src/folding.ts");
    let list = page.split_once("const WRAPPERS").and_then(|(_, rest)| rest.split_once("])")).expect("the list").0;
    let folded: BTreeSet<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(types, folded);
}

#[tokio::test]
async fn a_wrapper_around_the_whole_trace_keeps_its_span() {
    let flow = act.with(CircuitBreaker::after_failures(1)).with(at_once());
    let output = check(
        SpanDetail::Low,
        flow.run(script([])),
        &expect![[r#"
        primitive.retry.execute  primitive.wrapper=true  retry.max_attempts=3
          primitive.tool.call  circuit_breaker.state=closed  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3
    "#]],
    )
    .await;
    assert_eq!(output, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn dropped_and_panicking_work_ends_under_the_span_around() {
    let hang = check(SpanDetail::Low, chain(&[Act::Hang]), &expect![[r#"
        primitive.workflow.execute  error.type=BlockError<Fault>  event exception
          primitive.tool.call  circuit_breaker.state=closed  error.type=timeout  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3  timeout.limit_ms=1000  event exception
    "#]]).await;
    assert!(matches!(hang, Err(BlockError::Timeout { .. })), "{hang:?}");
    let panic = std::panic::AssertUnwindSafe(chain(&[Act::Panic]));
    let panic = futures_util::FutureExt::catch_unwind(panic);
    assert!(check(SpanDetail::Low, panic, &expect![[r#"
        primitive.workflow.execute  error.type=panic
          primitive.tool.call  circuit_breaker.state=closed  error.type=panic  retry.attempt=0  retry.backoff_ms=0  retry.max_attempts=3  timeout.limit_ms=1000  event exception
    "#]]).await.is_err());
}

#[tokio::test]
async fn metrics_do_not_depend_on_the_detail() {
    let acts = [Act::Busy, Act::Refuse];
    let (_, full) = recorded(SpanDetail::Full, chain(&acts)).await;
    let (_, low) = recorded(SpanDetail::Low, chain(&acts)).await;
    let of_blocks = |recording: &Recording| {
        ["tta_primitive", "tta_connections", "tta_retry", "tta_fallback", "tta_circuit", "tta_timeout"]
            .map(|prefix| recording.metrics(prefix))
    };
    assert_eq!(of_blocks(&full), of_blocks(&low));
    assert!(of_blocks(&low).iter().all(|metrics| metrics.contains(' ')), "each metric has series");
}
