//! The time that a call adds, with metrics only.

use std::hint::black_box;
use std::time::Duration;

use futures_executor::block_on;
use tta_runtime::llm::{self, Usage};
use tta_runtime::primitive;

use super::allocations::allocations;
use super::report::{Aim, Case};
use super::rounds::{nanoseconds_on_threads, nanoseconds_per_call};

#[inline(never)]
#[expect(clippy::unused_async, reason = "what the others are measured against")]
async fn bare(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[primitive(type = "tool", action = "call")]
async fn annotated(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[primitive(type = "tool", action = "call", labels(is_even = is_even))]
async fn labelled(n: u64, is_even: bool) -> Result<u64, String> {
    Ok(black_box(n) + u64::from(is_even))
}

#[inline(never)]
#[primitive(type = "tool", action = "call", labels(tenant = top(20, tenant)))]
async fn of_tenant(n: u64, tenant: &str) -> Result<u64, String> {
    Ok(black_box(n) + tenant.len() as u64)
}

#[inline(never)]
#[primitive(type = "tool", action = "call", loop_guard)]
async fn guarded(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[autometrics::autometrics(track_concurrency)]
async fn measured_by_autometrics(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[tracing::instrument]
async fn instrumented(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

/// Has the fields that the library's spans have.
#[inline(never)]
#[tracing::instrument(skip_all, fields(
    otel.name = "primitive.tool.call",
    primitive.name = "instrumented_alike",
    primitive.type = "tool",
    primitive.action = "call"
))]
async fn instrumented_alike(n: u64) -> Result<u64, String> {
    Ok(black_box(n) + 1)
}

#[inline(never)]
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
async fn asks_model(n: u64) -> Usage {
    Usage::new(1_000 + n % 8, 200)
}

#[primitive(type = "workflow", action = "execute")]
fn in_workflow(work: fn(u64)) -> f64 {
    nanoseconds_per_call(work)
}

pub(super) fn run_bare(n: u64) {
    drop(black_box(block_on(bare(n))));
}

pub(super) fn run_annotated(n: u64) {
    drop(black_box(block_on(annotated(n))));
}

fn run_labelled(n: u64) {
    drop(black_box(block_on(labelled(n, n.is_multiple_of(2)))));
}

fn run_of_tenant(n: u64) {
    const TENANTS: [&str; 8] = ["acme", "bergen", "contoso", "delft", "essen", "fabrikam", "ghent", "hooli"];
    drop(black_box(block_on(of_tenant(n, TENANTS[n as usize % TENANTS.len()]))));
}

fn run_guarded(n: u64) {
    drop(black_box(block_on(guarded(n))));
}

fn run_model(n: u64) {
    drop(black_box(block_on(asks_model(n))));
}

pub(super) fn run_autometrics(n: u64) {
    drop(black_box(block_on(measured_by_autometrics(n))));
}

#[primitive(type = "workflow", action = "execute")]
fn in_workflow_once(calls: u64) {
    (0..calls).for_each(run_annotated);
}

/// Makes this many calls of a case, for a tool that counts instructions. Returns false if there is no such case.
pub(super) fn repeat(case: &str, calls: u64) -> bool {
    // The clock is calibrated meanwhile.
    run_annotated(1);
    std::thread::sleep(Duration::from_secs(2));
    match case {
        "bare" => (0..calls).for_each(run_bare),
        "annotated" => (0..calls).for_each(run_annotated),
        "annotated in a workflow" => in_workflow_once(calls),
        "annotated with a label" => (0..calls).for_each(run_labelled),
        "annotated with a label of the largest" => (0..calls).for_each(run_of_tenant),
        "guarded" => (0..calls).for_each(run_guarded),
        "model" => {
            // The prices are decoded before.
            let _ = llm::price("openai", "gpt-4o-mini", &Usage::new(1, 1));
            (0..calls).for_each(run_model);
        }
        "usage" => {
            let body = super::usage::chat();
            (0..calls).for_each(|_| drop(black_box(Usage::from_response_text("openai", &body))));
        }
        "usage of the whole body" => {
            let body = super::usage::chat();
            (0..calls).for_each(|_| drop(black_box(serde_json::from_slice::<serde_json::Value>(&body))));
        }
        "autometrics" => (0..calls).for_each(run_autometrics),
        _ => return false,
    }
    true
}

/// Returns the bytes that the attribute adds to a future.
pub(super) fn bytes_added_to_future() -> f64 {
    (size_of_val(&annotated(1)) - size_of_val(&bare(1))) as f64
}

/// Returns the nanoseconds that an annotated call and one of `autometrics` add.
pub(super) fn added() -> [f64; 2] {
    let base = nanoseconds_per_call(run_bare);
    [nanoseconds_per_call(run_annotated) - base, nanoseconds_per_call(run_autometrics) - base]
}

/// Returns the nanoseconds that a subscriber which formats spans adds to an annotated call, those of `#[instrument]`, and
/// those of `#[instrument]` with the same fields.
pub(super) fn added_by_subscriber() -> [f64; 3] {
    let bare = nanoseconds_per_call(run_bare);
    let without = nanoseconds_per_call(run_annotated);
    tracing_subscriber::fmt().with_writer(std::io::sink).init();
    // A site is registered by a thread of the library.
    run_annotated(1);
    std::thread::sleep(Duration::from_secs(1));
    let run_instrumented = |n| drop(black_box(block_on(instrumented(n))));
    let run_alike = |n| drop(black_box(block_on(instrumented_alike(n))));
    [
        nanoseconds_per_call(run_annotated) - without,
        nanoseconds_per_call(run_instrumented) - bare,
        nanoseconds_per_call(run_alike) - bare,
    ]
}

pub(super) fn report() {
    let case = |name: &str, ours, peer, aim| {
        Case { group: "call", name: name.to_owned(), unit: "ns", ours, peer, aim }.print();
    };
    let base = nanoseconds_per_call(run_bare);
    let [alone, theirs] = added();
    case("metrics only, after `init`", alone, Some(("autometrics", theirs)), Aim::Ratio(0.20));
    let guarded = in_workflow(run_guarded) - in_workflow(run_annotated);
    case("loop guard of a call", guarded, None, Aim::Most(200.0));
    let in_workflow = in_workflow(run_annotated) - base;
    case("the same inside a workflow", in_workflow, Some(("autometrics", theirs)), Aim::Ratio(0.28));
    let labelled = nanoseconds_per_call(run_labelled) - base;
    case("with one label", labelled, Some(("without", alone)), Aim::Ratio(1.15));
    let of_tenant = nanoseconds_per_call(run_of_tenant) - base;
    case("with one label of the largest", of_tenant, Some(("without", alone)), Aim::Ratio(2.0));
    let two = nanoseconds_on_threads(2, run_annotated) - nanoseconds_on_threads(2, run_bare);
    case("two threads on one function", two, Some(("one thread", alone)), Aim::Ratio(1.1));
    // A round is shorter than a thread's share of a core: the median is that of rounds without a pause.
    let many = nanoseconds_on_threads(64, run_annotated) - nanoseconds_on_threads(64, run_bare);
    case("64 threads on one function", many, Some(("one thread", alone)), Aim::Ratio(1.3));

    let before = allocations();
    (0..100_000).for_each(run_annotated);
    Case {
        group: "call",
        name: "allocations in 1,000 calls".to_owned(),
        unit: "",
        ours: (allocations() - before) as f64 / 1e2,
        peer: None,
        // A duration of a length that a thread has not seen yet takes a page of counters.
        aim: Aim::Most(0.1),
    }
    .print();

    // The prices are decoded before the measurement.
    let _ = llm::price("openai", "gpt-4o-mini", &Usage::new(1, 1));
    let priced = nanoseconds_per_call(run_model) - base;
    case("model call with usage and price", priced, None, Aim::Most(1_000.0));
    let before = allocations();
    (0..1_000).for_each(run_model);
    Case {
        group: "call",
        name: "allocations of a model call".to_owned(),
        unit: "",
        ours: (allocations() - before) as f64 / 1e3,
        peer: None,
        aim: Aim::Most(5.0),
    }
    .print();
    let usage = Usage::new(1_000, 200);
    let price = nanoseconds_per_call(|_| {
        black_box(llm::price("openai", "gpt-4o-mini", &usage));
    });
    case("`llm::price`", price, None, Aim::Most(1_000.0));
}
