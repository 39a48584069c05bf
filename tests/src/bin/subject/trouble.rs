//! Failures that alerts need and the example never has: one function for each, in a loop until it is stopped.

use std::time::{Duration, Instant};

use tta_runtime::block::{Block, Cache, CircuitBreaker, Redis, Retry, RetryBudget, Router};
use tta_runtime::llm::{self, Budget, BudgetScope, Estimate, Evaluation, NanoUsd, Usage};
use tta_runtime::{RunStopped, WorkflowContext, primitive};

/// How long the import fails, and then succeeds, alternating.
const TURN: Duration = Duration::from_secs(90);
/// Input tokens of the loop's first prompt; already more than all other calls use together.
const FIRST_PROMPT: u64 = 10_000;
/// The time in which the prompts of the loop double.
const DOUBLING: Duration = Duration::from_secs(15);
/// Lookups of a round, of which the first is always the same.
const LOOK_UPS: u64 = 16;
/// New agent types of a round; none repeats.
const AGENTS: u64 = 20;

pub(super) fn run() {
    let _telemetry = super::start();
    super::block_on(async {
        tokio::spawn(super::losses::run());
        let cached = look_up.with(Cache::memory(1_000).named("never_the_same"));
        let seldom = look_up.with(Cache::memory(1_000).named("seldom_the_same"));
        let retry = Retry::when(|_: &String| true).backoff(Duration::from_millis(1), Duration::from_millis(2));
        let retried = down.with(retry.budget(RetryBudget::share(2.0)).named("in_vain"));
        let router = Router::new("always_dear", |(): &()| "dear")
            .route("cheap", cheap)
            .route("dear", dear)
            .default_route("dear")
            .model("openai", "gpt-4o-mini")
            .model("openai", "gpt-4o");
        let breaker = CircuitBreaker::after_failures(2).cool_down(Duration::from_secs(3_600));
        let guarded = down.with(breaker.named("stays_open"));
        // Nothing listens there.
        let redis = Redis::server("redis://127.0.0.1:1").expect("it is an address");
        let shared = Budget::usd(1.0).named("fleet").shared(redis);
        let of_tenants = Budget::usd(0.01).named("tenants").scope(BudgetScope::Tenant);
        let started = Instant::now();
        for round in 0_u64.. {
            // The outcomes are in the metrics.
            let _ = cached.run(round).await;
            for number in 0..LOOK_UPS {
                let _ = seldom.run(if number == 0 { 0 } else { round * LOOK_UPS + number }).await;
            }
            let _ = tokio::join!(retried.run(()), router.run(()), guarded.run(()));
            let _ = shared.reserve_async(&Estimate::usd(0.01)).await;
            let turns = started.elapsed().as_secs() / TURN.as_secs();
            let _ = import(turns.is_multiple_of(2));
            let _ = habit();
            judge();
            WorkflowContext::new().with_tenant("blue").run(|| {
                write_prompt();
                let _ = of_tenants.reserve(&Estimate::usd(0.02));
            });
            let doublings = started.elapsed().as_secs() / DOUBLING.as_secs();
            ask_itself(FIRST_PROMPT << doublings.min(30));
            circle(round);
            for agent in 0..AGENTS {
                let name = format!("agent-{}", round * AGENTS + agent);
                WorkflowContext::new().with_agent_type(name).run(delegate);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

/// Asks for the same until it is stopped, and then for something else until its run has made its steps.
#[primitive(type = "agent", action = "invoke")]
fn circle(round: u64) {
    while asks_again(round).is_ok() {}
    while asks_more(round).is_ok() {}
}

#[primitive(type = "tool", loop_guard)]
fn asks_again(question: u64) -> Result<u64, RunStopped> {
    write_prompt();
    Ok(question)
}

#[primitive(type = "tool", loop_guard(polled, steps = 8))]
fn asks_more(question: u64) -> Result<u64, RunStopped> {
    Ok(question)
}

#[primitive(type = "tool")]
async fn look_up(number: u64) -> Result<u64, String> {
    Ok(number)
}

#[primitive(type = "tool")]
async fn down((): ()) -> Result<(), String> {
    Err("down".to_owned())
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
async fn cheap((): ()) -> Result<Usage, String> {
    Ok(Usage::new(1_000, 200))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn dear((): ()) -> Result<Usage, String> {
    Ok(Usage::new(1_000, 200))
}

/// Fails in turns, so that its past is good.
#[primitive(type = "workflow")]
fn import(goes_wrong: bool) -> Result<(), String> {
    if goes_wrong { Err("refused".to_owned()) } else { Ok(()) }
}

/// Always fails, and always did.
#[primitive(type = "workflow")]
fn habit() -> Result<(), String> {
    Err("as ever".to_owned())
}

/// Has a result of an evaluation, which is a log record.
#[primitive(type = "tool")]
fn judge() {
    llm::evaluation(Evaluation::of("brevity").with_score(1.0));
}

/// Writes prompts to the provider's cache whose beginnings are never the same.
#[primitive(type = "llm", action = "chat", provider = "anthropic", model = "claude-sonnet-4-5")]
fn write_prompt() -> Usage {
    Usage::new(1_010, 2).with_cache_write_5m_tokens(1_000)
}

/// Sends its own answers back, so prompts grow. The in-house model is free.
#[primitive(type = "llm", action = "chat", provider = "house", model = "endless")]
fn ask_itself(tokens: u64) -> Usage {
    Usage::new(tokens, 20).with_cost(NanoUsd(0))
}

#[primitive(type = "workflow")]
fn delegate() {}
