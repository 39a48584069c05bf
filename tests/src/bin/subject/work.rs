//! Features that the example does not use, in a loop until it is stopped: retries, fallbacks, timeouts, circuit breakers,
//! budgets, an agent's workflow, an evaluation, and a model without a price.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tta_runtime::block::{Block, CircuitBreaker, Fallback, Retry, Timeout};
use tta_runtime::llm::{self, Budget, BudgetAmount, Estimate, Evaluation, ScoreObjective, Usage};
use tta_runtime::{WorkflowContext, primitive};

pub(super) fn run() {
    let _telemetry = super::start();
    super::block_on(async {
        let budget = Budget::usd(1.0).named("answers");
        let minute = Duration::from_secs(60);
        let tokens = Budget::tokens(1_000_000).named("tokens a minute").per(minute);
        let requests = Budget::requests(10_000).named("calls a minute").per(minute);
        let priced =
            priced.with(budget.reserving(|(): &()| Estimate::tokens("openai", "gpt-4o", 100).max_output_tokens(20)));
        let retried =
            flaky.with(Retry::when(|_: &String| true).backoff(Duration::from_millis(1), Duration::from_millis(5)));
        let helped = flaky.with(Fallback::to(steady));
        let limited = slow.with(Timeout::after(Duration::from_millis(3)));
        // Opens and closes again within a second.
        let breaker = CircuitBreaker::after_failures(2).cool_down(Duration::from_millis(200));
        let guarded = flaky.with(breaker.named("guarded"));
        let context = WorkflowContext::new().with_agent_type("planner");
        loop {
            // The outcomes are in the metrics.
            let round = async {
                let _ = tokio::join!(priced.run(()), retried.run(()), helped.run(()), limited.run(()), guarded.run(()));
                let estimate = Estimate::tokens("house", "nobody-sells-it", 10).max_output_tokens(2);
                let reserved = (tokens.reserve(&estimate), requests.reserve(&estimate));
                let _ = unpriced().await;
                _ = reserved.0.map(|reserved| reserved.settle(BudgetAmount::Tokens(12)));
                _ = reserved.1.map(|reserved| reserved.settle(BudgetAmount::Requests(1)));
                let _ = partly_priced().await;
                read_page(&"x".repeat(10_000));
                let objective = ScoreObjective::at_least(0.7, 95.0);
                llm::evaluation(Evaluation::of("faithful").with_score(0.75).with_objective(objective));
            };
            context.clone().scope(plan(round)).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

#[primitive(type = "workflow")]
async fn plan(round: impl Future<Output = ()>) {
    round.await;
}

#[primitive(type = "tool")]
async fn flaky((): ()) -> Result<(), String> {
    // Three failures in a row open the circuit, then three successes close it.
    static CALLS: AtomicU64 = AtomicU64::new(0);
    if CALLS.fetch_add(1, Ordering::Relaxed) % 6 < 3 { Err("down".to_owned()) } else { Ok(()) }
}

/// Records a text that is longer than a span holds.
#[primitive(type = "tool", attributes("page" = page))]
fn read_page(page: &str) {}

#[primitive(type = "tool")]
async fn steady((): ()) -> Result<(), String> {
    Ok(())
}

#[primitive(type = "tool")]
async fn slow((): ()) -> Result<(), String> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let wait = if CALLS.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) { 1 } else { 50 };
    tokio::time::sleep(Duration::from_millis(wait)).await;
    Ok(())
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn priced((): ()) -> Result<Usage, String> {
    Ok(Usage::new(100, 20))
}

#[primitive(type = "llm", action = "chat", provider = "house", model = "nobody-sells-it")]
async fn unpriced() -> Result<Usage, String> {
    Ok(Usage::new(10, 2))
}

/// Its provider ran code, which has no price.
#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini")]
async fn partly_priced() -> Result<Usage, String> {
    Ok(Usage::new(10, 2).with_code_executions(1))
}
