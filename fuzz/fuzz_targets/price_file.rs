//! Any bytes as a price file: it is refused with a message, or each of its models can be asked for a price.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tta_runtime::llm::{PriceList, Usage};

/// `scripts/fuzz` names a directory in memory, and removes it.
static PATH: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("tta-fuzz-prices-{}.json", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*PATH, bytes).expect("it can be written");
    match PriceList::read(&*PATH) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(prices) => {
            let usage = Usage::new(300_000, 20_000).with_cached_input_tokens(1_000).with_web_searches(2);
            let models = prices.models();
            assert!(!models.is_empty());
            for (provider, model) in models {
                let _ = prices.price(&provider, &model, &usage);
            }
        }
    }
});
