//! The work of a request: annotated functions and blocks, each of which enters what it does into the books.

use std::time::Duration;

use tta_runtime::block::{Block, BoxBlock, Cache, CircuitBreaker, CircuitState, Fallback, Redis, Retry};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

use crate::books::BOOKS;

/// The price of a token in `prices.json`, in nano-dollars.
const NANO_USD_PER_INPUT_TOKEN: u64 = 2_500;
const NANO_USD_PER_OUTPUT_TOKEN: u64 = 10_000;
/// More tenants than a capped label has values.
const TENANTS: u64 = 500;
/// More keys than the memory of the cache holds.
const KEYS: u64 = 400;
/// Requests for which the guarded work alternately works and fails.
const PHASE: u64 = 100;
/// Calls that the half-open circuit admits.
pub(crate) const PROBES: u32 = 2;

/// The blocks of the program.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    cached: BoxBlock<u64, u64, String>,
    retried: BoxBlock<u64, u64, String>,
    helped: BoxBlock<u64, u64, String>,
    guarded: BoxBlock<u64, u64, String>,
}

/// The breaker, which the guarded work asks for its state.
static BREAKER: std::sync::OnceLock<CircuitBreaker<String>> = std::sync::OnceLock::new();

impl Shop {
    /// Opens the shop, with a second tier of its cache in Redis if there is one.
    pub(crate) fn open(redis: Option<Redis>) -> Self {
        let short = Duration::from_secs(10);
        let cached = match redis {
            Some(redis) => look_up.with(Cache::tiered(100, redis).ttl(short).named("looked_up")).boxed(),
            None => look_up.with(Cache::memory(100).ttl(short).named("looked_up")).boxed(),
        };
        let retry = Retry::when(|_: &String| true).backoff(Duration::from_millis(1), Duration::from_millis(4));
        let breaker =
            CircuitBreaker::after_failures(3).cool_down(Duration::from_millis(200)).probes(PROBES).named("guarded");
        let breaker = BREAKER.get_or_init(|| breaker);
        Self {
            cached,
            retried: attempt.with(retry.named("retried")).boxed(),
            helped: try_first.with(Fallback::to(help).named("helped")).boxed(),
            guarded: guard.with(breaker.clone()).boxed(),
        }
    }

    /// Retries and falls back, with the waits of a retry.
    pub(crate) async fn persist(&self, number: u64) {
        BOOKS.retried.add(1);
        BOOKS.helped.add(1);
        // Their outcomes are in the metrics.
        let _ = tokio::join!(self.retried.run(number), self.helped.run(number));
    }
}

/// Serves one request, which waits for nothing but the cache.
#[primitive(type = "workflow")]
pub(crate) async fn serve(shop: &Shop, number: u64) {
    visit(&format!("tenant-{}", number % TENANTS));
    ask(number % 1_000, number % 77);
    if number.is_multiple_of(10) {
        ask_the_unpriced(number % 100, number % 7);
    }
    BOOKS.looked_up.add(1);
    BOOKS.guarded.add(1);
    // Their outcomes are in the metrics.
    let _ = shop.cached.run(number * number % KEYS).await;
    let _ = shop.guarded.run(number).await;
}

#[primitive(type = "tool", labels(tenant = capped(tenant)))]
fn visit(tenant: &str) {
    BOOKS.visits.add(1);
}

#[primitive(type = "llm", action = "chat", provider = "house", model = "priced", usage = |usage: &Usage| usage.clone())]
fn ask(input: u64, output: u64) -> Usage {
    BOOKS.nano_usd.add(input * NANO_USD_PER_INPUT_TOKEN + output * NANO_USD_PER_OUTPUT_TOKEN);
    Usage::new(input, output)
}

#[primitive(type = "llm", action = "chat", provider = "house", model = "unpriced", usage = |usage: &Usage| usage.clone())]
fn ask_the_unpriced(input: u64, output: u64) -> Usage {
    BOOKS.unpriced_calls.add(u64::from(input + output > 0));
    BOOKS.unpriced_tokens.add(input + output);
    Usage::new(input, output)
}

#[primitive(type = "retrieval", action = "search")]
async fn look_up(key: u64) -> Result<u64, String> {
    BOOKS.evaluated.add(1);
    tokio::task::yield_now().await;
    if key.is_multiple_of(16) { Err("not found".to_owned()) } else { Ok(key) }
}

#[primitive(type = "tool")]
async fn attempt(_number: u64) -> Result<u64, String> {
    let run = BOOKS.attempted.read();
    BOOKS.attempted.add(1);
    if run % 5 < 2 { Err("busy".to_owned()) } else { Ok(run) }
}

#[primitive(type = "tool")]
async fn try_first(number: u64) -> Result<u64, String> {
    BOOKS.primaries.add(1);
    if number.is_multiple_of(4) { Err("down".to_owned()) } else { Ok(number) }
}

#[primitive(type = "tool")]
async fn help(number: u64) -> Result<u64, String> {
    BOOKS.helpers.add(1);
    if number.is_multiple_of(8) { Err("down too".to_owned()) } else { Ok(number) }
}

#[primitive(type = "tool")]
async fn guard(number: u64) -> Result<u64, String> {
    BOOKS.admitted.add(1);
    let is_probe = BREAKER.get().is_some_and(|breaker| breaker.state() == CircuitState::HalfOpen);
    BOOKS.probed.add(u64::from(is_probe));
    if number / PHASE % 2 == 1 { Err("down".to_owned()) } else { Ok(number) }
}
