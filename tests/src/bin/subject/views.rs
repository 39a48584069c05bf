//! Activity for every instrument of OpenTelemetry's view.

use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tta_runtime::block::{Block, Cache, Router, Timeout};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

pub(super) fn run() {
    let telemetry = super::start();
    super::block_on(answer());
    let _ = telemetry.shutdown(super::PATIENCE);
    // Read last, so that the final export and this reading have the same numbers.
    print!("{}", tta_runtime::metrics_text());
}

#[primitive(type = "workflow", slo(availability = 99.5))]
async fn answer() {
    assert_eq!(embed().input_tokens, 8);
    assert_eq!(plan(), 3);
    write().await;
    let cached = summarise.with(Cache::memory(8).named("kept"));
    for _ in 0..3 {
        assert_eq!(cached.run(7).await.ok().map(|usage| usage.output_tokens), Some(7));
    }
    let router = Router::new("routes", |number: &u32| if *number == 0 { "none" } else { "cheap" })
        .route("cheap", summarise)
        .route("dear", elaborate)
        .default_route("dear")
        .model("openai", "gpt-4o-mini")
        .model("openai", "gpt-4o");
    assert!(router.run(100).await.is_ok());
    assert!(router.run(0).await.is_err());
    let limited = pause.with(Timeout::after(Duration::from_millis(1)));
    assert!(limited.run(false).await.is_ok());
    assert!(limited.run(true).await.is_err());
}

#[primitive(type = "embedding", provider = "openai", model = "text-embedding-3-small")]
fn embed() -> Usage {
    Usage::new(8, 0)
}

/// An agent that only plans, which is no invocation.
#[primitive(type = "agent", action = "plan")]
fn plan() -> usize {
    3
}

#[primitive(type = "agent", action = "invoke")]
async fn write() {
    assert!(ask(0).is_ok());
    assert!(ask(1).is_ok());
    assert!(ask(2).is_err());
    let mut words = speak();
    while std::future::poll_fn(|context| Pin::new(&mut words).poll_next(context)).await.is_some() {}
}

#[primitive(
    type = "llm",
    action = "chat",
    provider = "bedrock",
    model = "amazon.nova-lite-v1:0",
    labels(audience = "public"),
    slo(availability = 90)
)]
fn ask(number: u64) -> Result<Usage, String> {
    if number == 2 {
        return Err("overloaded".to_owned());
    }
    Ok(Usage::new(1_000, 200 + number)
        .with_cached_input_tokens(400)
        .with_cache_write_5m_tokens(100)
        .with_reasoning_tokens(50)
        .with_audio_input_tokens(3)
        .with_image_input_tokens(20)
        .with_cached_image_tokens(10)
        .with_image_output_tokens(5)
        .with_response_model("amazon.nova-lite-v1:0-2"))
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini")]
fn speak() -> impl Stream<Item = Option<Usage>> + Unpin {
    Words(3)
}

/// Returns at once, or never.
#[primitive(type = "tool")]
async fn pause(for_ever: bool) -> Result<(), String> {
    if for_ever { std::future::pending().await } else { Ok(()) }
}

/// A stream of this many items, of which the last two report the usage so far.
struct Words(u32);

impl Stream for Words {
    type Item = Option<Usage>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or_default();
        Poll::Ready(left.map(|left| (left < 2).then(|| Usage::new(64, u64::from(12 - left)))))
    }
}

#[primitive(type = "llm", action = "generate", provider = "openai", model = "gpt-4o-mini")]
async fn summarise(words: u32) -> Result<Usage, String> {
    tokio::task::yield_now().await;
    Ok(Usage::new(1_000, words.into()))
}

#[primitive(type = "llm", action = "generate", provider = "openai", model = "gpt-4o")]
async fn elaborate(words: u32) -> Result<Usage, String> {
    if words == 0 { Err("nothing to say".to_owned()) } else { Ok(Usage::new(1_000, words.into())) }
}
