//! Any JSON as the response of any provider: it is read, alone and as a part of a stream, and what was used has a price.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tta_runtime::llm::{self, Usage, UsageReader};

const PROVIDERS: &[&str] = &["openai", "anthropic", "google", "bedrock", "cohere", "mistral", "ollama", "xai", ""];

/// What was used costs something or nothing, whatever the numbers are.
fn check(usage: &Usage) {
    let price = llm::price("anthropic", "claude-sonnet-4-5", usage);
    assert!(price.is_some(), "the model has prices: {usage:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let parts: Vec<serde_json::Value> =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    for provider in PROVIDERS {
        let mut reader = UsageReader::new(*provider);
        for part in &parts {
            let alone = Usage::from_response(provider, part);
            alone.iter().for_each(check);
            let mut single = UsageReader::new(*provider);
            single.read(part);
            assert_eq!(single.usage(), alone, "a stream of one part has the usage of a body");
            reader.read(part);
        }
        reader.usage().iter().for_each(check);
    }
});
