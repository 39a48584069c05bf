//! Prices calls, one JSON object per line of standard input, with a price file: for `scripts/oracle`.
//!
//! A call has a provider, a model, a tier (or null), and its tokens by kind. The answer to each is a line with the price in
//! nano-dollars, or `none`.

use std::io::{BufWriter, Write};

use serde_json::Value;
use tta_runtime::llm::{PriceList, ServiceTier, Usage};

fn main() {
    let path = std::env::args().nth(1).expect("the argument is a price file");
    let prices = PriceList::read(path).unwrap_or_else(|error| panic!("{error}"));
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lines() {
        let call: Value = serde_json::from_str(&line.expect("it is text")).expect("it is JSON");
        let text = |key: &str| call[key].as_str().unwrap_or_default();
        let price = prices.price(text("provider"), text("model"), &usage(&call));
        let answer = price.map_or_else(|| "none".to_owned(), |price| price.0.to_string());
        writeln!(out, "{answer}").expect("somebody reads");
    }
}

/// A setter of a usage.
type Set = fn(Usage, u64) -> Usage;

/// The parts of a call's tokens.
const PARTS: &[(&str, Set)] = &[
    ("cached", Usage::with_cached_input_tokens),
    ("cached_audio", Usage::with_cached_audio_tokens),
    ("cached_image", Usage::with_cached_image_tokens),
    ("write_5m", Usage::with_cache_write_5m_tokens),
    ("write_1h", Usage::with_cache_write_1h_tokens),
    ("audio_in", Usage::with_audio_input_tokens),
    ("image_in", Usage::with_image_input_tokens),
    ("video_in", Usage::with_video_input_tokens),
    ("reasoning", Usage::with_reasoning_tokens),
    ("audio_out", Usage::with_audio_output_tokens),
    ("image_out", Usage::with_image_output_tokens),
    ("video_out", Usage::with_video_output_tokens),
];

fn usage(call: &Value) -> Usage {
    let tokens = |key: &str| call[key].as_u64().unwrap_or_default();
    let tier = match call["tier"].as_str() {
        None => None,
        Some("batch") => Some(ServiceTier::Batch),
        Some("flex") => Some(ServiceTier::Flex),
        Some("balanced") => Some(ServiceTier::Balanced),
        Some("priority") => Some(ServiceTier::Priority),
        Some("ultrafast") => Some(ServiceTier::Ultrafast),
        Some(other) => panic!("no tier {other}"),
    };
    let whole = Usage::new(tokens("input"), tokens("output")).with_service_tier(tier);
    let parts = PARTS.iter().map(|(key, set)| (tokens(key), set)).filter(|(n, _)| *n > 0);
    parts.fold(whole, |usage, (n, set)| set(usage, n))
}
