//! A router behind a cache, run in parallel: a repeated text costs nothing.
//!
//! `cargo run -p tta-examples --example blocks`

use std::convert::Infallible;
use std::time::Duration;

use tta_runtime::block::{Block as _, Cache, Parallel, Router};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;

/// A model's output, with the tokens that it read and wrote.
#[derive(Clone, Debug)]
struct Condensed {
    text: String,
    read: u64,
    written: u64,
}

/// Keeps the long words of a text. It stands in for a model, so that the example runs without a key.
#[primitive(type = "llm", action = "generate", provider = "openai", model = capped(model),
            usage = |condensed| Usage::new(condensed.read, condensed.written))]
async fn condense(model: &'static str, text: String) -> Result<Condensed, Infallible> {
    let long: Vec<&str> = text.split_whitespace().filter(|word| word.len() > 4).collect();
    Ok(Condensed { read: text.split_whitespace().count() as u64, written: long.len() as u64, text: long.join(" ") })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let router = Router::new("condense", |text: &String| if text.len() > 20 { "quality" } else { "fast" })
        .route("fast", |text| condense("gpt-4o-mini", text))
        .route("quality", |text| condense("gpt-4o", text))
        .model("openai", "gpt-4o-mini")
        .model("openai", "gpt-4o");
    let cached = router.with(Cache::memory(100).named("condensed").ttl(Duration::from_secs(60)));
    let all = Parallel::each("texts", cached).limit(2);

    let texts = ["the keeper left", "the lens turned on a ring of mercury", "the keeper left"];
    for condensed in all.run(texts.map(str::to_owned)).await.into_iter().flatten() {
        println!("{}", condensed.text);
    }
    for model in tta_runtime::stats().models {
        let saved: f64 = model.savings_usd.values().sum();
        println!("{}: {} calls, ${:.7}, saved ${saved:.7}", model.model, model.requests, model.cost_usd);
    }
}
