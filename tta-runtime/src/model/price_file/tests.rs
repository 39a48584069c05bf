//! Price files that are read, and price files that are rejected.

use std::path::Path;

use expect_test::expect;
use genai_prices::Calculator;
use proptest::prelude::*;
use serde_json::json;

use super::{PriceFile, PricesError};
use crate::model::service_tier::ServiceTier;
use crate::model::{ModelName, NanoUsd, PriceBasis, Prices, Usage};

fn parse(text: &str) -> Result<PriceFile, PricesError> {
    PriceFile::parse(Path::new("prices.json"), text.as_bytes())
}

/// An extract of LiteLLM's file, with fields that are no prices.
const FILE: &str = r#"{
    "sample_spec": { "max_tokens": "LEGACY parameter", "input_cost_per_token": "a number", "mode": "one of …" },
    "gpt-4o": {
        "litellm_provider": "openai", "mode": "chat", "max_tokens": 16384, "max_output_tokens": 16384,
        "input_cost_per_token": 1e-06, "cache_read_input_token_cost": 5e-07, "output_cost_per_token": 4e-06,
        "input_cost_per_token_batches": 5e-07, "output_cost_per_token_batches": 2e-06,
        "supports_vision": true, "supported_endpoints": ["/v1/chat/completions"]
    },
    "azure/gpt-4o": { "litellm_provider": "azure", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06 },
    "claude-sonnet-4-5": {
        "litellm_provider": "anthropic", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
        "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
        "cache_creation_input_token_cost_above_1hr": 6e-06,
        "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
        "cache_read_input_token_cost_above_200k_tokens": 6e-07
    },
    "qwen3-max": {
        "litellm_provider": "dashscope",
        "tiered_pricing": [
            { "range": [0, 32000.0], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06 },
            { "range": [32000.0, 128000.0], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05 }
        ]
    },
    "gemini/gemini-9": { "litellm_provider": "gemini", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 },
    "bedrock/eu-west-1/llama": { "litellm_provider": "bedrock", "input_cost_per_token": 3e-6, "output_cost_per_token": 4e-6 },
    "dall-e-3": { "litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04 },
    "our-model": { "input_cost_per_token": 0, "output_cost_per_token": 0, "input_cost_per_request": 0.005 }
}"#;

#[track_caller]
fn check(provider: &str, model: &str, usage: &Usage, nanos: Option<u64>) {
    let prices = Prices::of(None, Some(parse(FILE).unwrap()));
    assert_eq!(prices.price(&ModelName::new(provider, model), usage), nanos.map(NanoUsd), "{provider} {model}");
}

#[test]
fn a_file_in_litellm_s_format_is_read() {
    assert_eq!(parse(FILE).unwrap().models(), 7);
    let usage = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
    check("openai", "gpt-4o", &usage, Some(1_600_000));
    check("OpenAI", "GPT-4o", &usage, Some(1_600_000));
    check("azure", "gpt-4o", &usage, Some(3_600_000));
    check("az.ai.openai", "gpt-4o", &usage, Some(3_600_000));
    check("google", "gemini-9", &usage, Some(1_400_000));
    check("gcp.vertex_ai", "gemini-9", &usage, Some(1_400_000));
    check("aws.bedrock", "eu-west-1/llama", &usage, Some(3_800_000));
    check("anthropic", "gpt-4o", &usage, None);
    check("openai", "dall-e-3", &usage, None);
    check("openai", "sample_spec", &usage, None);
}

#[test]
fn the_conditions_of_a_price_apply() {
    let batch = Usage { service_tier: Some(ServiceTier::Batch), ..Usage::new(1_000, 200) };
    check("openai", "gpt-4o", &batch, Some(900_000));
    let flex = Usage { service_tier: Some(ServiceTier::Flex), ..Usage::new(1_000, 200) };
    check("openai", "gpt-4o", &flex, Some(1_800_000));
    let written = Usage { cached_input_tokens: 400, cache_write_5m_tokens: 100, ..Usage::new(1_000, 200) };
    check("anthropic", "claude-sonnet-4-5", &written, Some(4_995_000));
    let for_an_hour = Usage { cache_write_1h_tokens: 100, cache_write_5m_tokens: 0, ..written.clone() };
    check("anthropic", "claude-sonnet-4-5", &for_an_hour, Some(5_220_000));
    check("anthropic", "claude-sonnet-4-5", &Usage::new(200_000, 0), Some(600_000_000));
    check("anthropic", "claude-sonnet-4-5", &Usage::new(200_001, 0), Some(1_200_006_000));
    // A cache write has one price, for any input length.
    let long = Usage { cached_input_tokens: 100_000, cache_write_5m_tokens: 1_000, ..Usage::new(300_000, 0) };
    check("anthropic", "claude-sonnet-4-5", &long, Some(199_000 * 6_000 + 100_000 * 600 + 1_000 * 3_750));
    check("dashscope", "qwen3-max", &Usage::new(32_000, 10), Some(38_460_000));
    check("dashscope", "qwen3-max", &Usage::new(32_001, 10), Some(76_922_400));
}

#[test]
fn a_model_may_be_free_or_paid_by_the_request() {
    check("anywhere", "our-model", &Usage::new(1_000, 200), Some(5_000_000));
}

#[test]
fn a_part_without_a_price_has_the_price_of_its_whole() {
    let usage =
        Usage { cached_input_tokens: 400, cache_write_1h_tokens: 100, reasoning_tokens: 50, ..Usage::new(1_000, 200) };
    check("azure", "gpt-4o", &usage, Some(3_600_000));
}

/// Returns the cost and its basis at the prices of a file.
fn cost(file: &str, provider: &str, model: &str, usage: &Usage) -> Option<(u64, PriceBasis)> {
    let prices = Prices::of(None, Some(parse(file).unwrap()));
    prices.cost(&ModelName::new(provider, model), usage).map(|cost| (cost.nanos.0, cost.basis))
}

#[test]
fn providers_of_one_company_have_their_own_prices() {
    let file = r#"{
        "azure/m": { "litellm_provider": "azure", "input_cost_per_token": 1e-6 },
        "azure_ai/m": { "litellm_provider": "azure_ai", "input_cost_per_token": 2e-6 },
        "gemini/m": { "litellm_provider": "gemini", "input_cost_per_token": 3e-6 },
        "m": { "litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 4e-6 },
        "vertex_ai/c": { "litellm_provider": "vertex_ai-anthropic_models", "input_cost_per_token": 5e-6 },
        "bedrock/m": { "litellm_provider": "bedrock", "input_cost_per_token": 6e-6 },
        "bedrock_mantle/m": { "litellm_provider": "bedrock_mantle", "input_cost_per_token": 7e-6 },
        "together_ai/m": { "litellm_provider": "together_ai", "input_cost_per_token": 8e-6 },
        "azure/only": { "litellm_provider": "azure", "input_cost_per_token": 9e-6 }
    }"#;
    let names = [
        ("azure", "m"),
        ("azure.ai.openai", "m"),
        ("azure_ai", "m"),
        ("azure.ai.inference", "m"),
        ("gemini", "m"),
        ("gcp.gemini", "models/m"),
        ("vertex_ai", "m"),
        ("gcp.vertex_ai", "publishers/google/models/m"),
        ("vertex_ai", "c@20250929"),
        ("aws.bedrock", "m"),
        ("bedrock_mantle", "m"),
        ("togetherai", "m"),
        ("azure_ai", "only"),
        ("openai", "m"),
    ];
    let prices = names.map(|(provider, model)| cost(file, provider, model, &Usage::new(1, 0)).map(|(nanos, _)| nanos));
    let thousands = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9].map(|price| Some(price * 1_000));
    assert_eq!(prices[..13], thousands);
    assert_eq!(prices[13], None);
}

#[test]
fn a_gateway_whose_name_has_that_of_another_provider_has_its_own_prices() {
    let file = r#"{ "clf_ai_gateway/m": { "litellm_provider": "clf_ai_gateway", "input_cost_per_token": 1e-6 } }"#;
    let usage = Usage::new(1_000, 0);
    let priced = Some((1_000_000, PriceBasis::Priced));
    assert_eq!(["m", "clf_ai_gateway/m"].map(|model| cost(file, "clf_ai_gateway", model, &usage)), [priced; 2]);
}

#[test]
fn what_a_model_that_draws_returns_is_images() {
    let file = r#"{ "draws": { "input_cost_per_token": 5e-6, "output_cost_per_image_token": 4e-5 } }"#;
    let usage = Usage::new(1_000, 200);
    let priced = Some((13_000_000, PriceBasis::Priced));
    assert_eq!(cost(file, "anywhere", "draws", &usage), priced);
    assert_eq!(cost(file, "anywhere", "draws", &usage.with_image_output_tokens(150)), priced);
}

#[test]
fn reasoning_in_a_tier_has_the_price_of_output_in_the_tier_unless_it_has_its_own() {
    let file = r#"{
        "m": { "input_cost_per_token": 0, "output_cost_per_token": 1e-5, "output_cost_per_reasoning_token": 3e-5,
               "output_cost_per_token_flex": 5e-6, "output_cost_per_token_priority": 2e-5,
               "output_cost_per_reasoning_token_priority": 6e-5, "output_cost_per_token_balanced": 8e-6 }
    }"#;
    let usage = |tier| Usage::new(0, 200).with_reasoning_tokens(100).with_service_tier(tier);
    let nanos = |tier| cost(file, "anywhere", "m", &usage(tier)).map(|(nanos, _)| nanos);
    assert_eq!(nanos(ServiceTier::Standard), Some(100 * 10_000 + 100 * 30_000));
    assert_eq!(nanos(ServiceTier::Flex), Some(200 * 5_000));
    assert_eq!(nanos(ServiceTier::Balanced), Some(200 * 8_000));
    assert_eq!(nanos(ServiceTier::Priority), Some(100 * 20_000 + 100 * 60_000));
}

#[test]
fn cached_input_at_fireworks_costs_half_unless_the_file_says_otherwise() {
    let file = r#"{
        "fireworks_ai/a": { "litellm_provider": "fireworks_ai", "input_cost_per_token": 9e-7 },
        "fireworks_ai/b": { "litellm_provider": "fireworks_ai", "input_cost_per_token": 9e-7, "cache_read_input_token_cost": 1e-7 },
        "elsewhere/a": { "litellm_provider": "elsewhere", "input_cost_per_token": 9e-7 }
    }"#;
    let usage = Usage::new(1_000, 0).with_cached_input_tokens(400);
    let nanos = |provider, model| cost(file, provider, model, &usage).map(|(nanos, _)| nanos);
    assert_eq!(nanos("fireworks_ai", "a"), Some(600 * 900 + 400 * 450));
    assert_eq!(nanos("fireworks_ai", "b"), Some(600 * 900 + 400 * 100));
    assert_eq!(nanos("elsewhere", "a"), Some(1_000 * 900));
}

#[test]
fn a_model_that_is_cheaper_at_times_has_its_list_price_in_part() {
    let file = r#"{
        "m": { "input_cost_per_token": 1e-6, "off_peak_pricing": { "input_cost_per_token": 5e-7, "windows": [{ "hours_utc": "00:00-06:00" }] } }
    }"#;
    let expected = Some((1_000_000, PriceBasis::PartlyPricedTier));
    assert_eq!(cost(file, "anywhere", "m", &Usage::new(1_000, 0)), expected);
}

/// Returns a file of the size and the shape of LiteLLM's: models of many providers, with and without their prefix, with prices
/// under all conditions, aliases, and many fields that are no prices.
fn large_file(models: usize) -> String {
    let mut file = serde_json::Map::new();
    file.insert("sample_spec".into(), json!({ "input_cost_per_token": 0, "mode": "one of: chat, embedding, …" }));
    for n in 0..models {
        let provider = ["openai", "azure", "vertex_ai-language-models", "bedrock_converse", "fireworks_ai"][n % 5];
        let prefix = ["", "azure/", "vertex_ai/", "", "fireworks_ai/accounts/fireworks/models/"][n % 5];
        let mut entry = json!({
            "litellm_provider": provider, "mode": "chat", "max_input_tokens": 1_048_576, "max_output_tokens": 65_536,
            "input_cost_per_token": n as f64 * 1e-9, "output_cost_per_token": n as f64 * 4e-9,
            "cache_read_input_token_cost": n as f64 * 1e-10, "cache_creation_input_token_cost": null,
            "search_context_cost_per_query": { "search_context_size_low": 0.035, "search_context_size_medium": 0.035 },
            "supported_endpoints": ["/v1/chat/completions", "/v1/batch"], "supported_modalities": ["text", "image"],
            "supports_function_calling": true, "supports_prompt_caching": true, "supports_reasoning": true,
            "source": format!("https://provider.example/pricing/models/{n}"), "deprecation_date": "2030-01-01",
        });
        for tier in ["_batches", "_flex", "_priority", "_above_200k_tokens", "_above_200k_tokens_priority"] {
            entry[format!("input_cost_per_token{tier}")] = json!(n as f64 * 2e-9);
            entry[format!("output_cost_per_token{tier}")] = json!(n as f64 * 8e-9);
        }
        if n % 50 == 49 {
            entry = json!({ "alias_of": format!("{prefix}model-{}", n - 5), "litellm_provider": provider });
        }
        file.insert(format!("{prefix}model-{n}"), entry);
    }
    serde_json::to_string_pretty(&file).unwrap()
}

#[test]
fn a_file_of_the_size_of_litellm_s_is_read() {
    let text = large_file(5_000);
    assert!(text.len() > 5_000_000, "{} bytes", text.len());
    let file = parse(&text).unwrap();
    assert_eq!(file.models(), 5_000);
    let prices = Prices::of(None, Some(file));
    let nanos =
        |provider, model: &str, usage| prices.price(&ModelName::new(provider, model), &usage).map(|nanos| nanos.0);
    let usage = Usage::new(1_000, 100);
    assert_eq!(nanos("openai", "model-1000", usage.clone()), Some(1_000 * 1_000 + 100 * 4_000));
    assert_eq!(nanos("azure", "model-1001", usage.clone()), Some(1_001 * 1_000 + 100 * 4_004));
    assert_eq!(nanos("vertex_ai", "model-1002", usage.clone()), Some(1_002 * 1_000 + 100 * 4_008));
    assert_eq!(nanos("bedrock", "model-1003", usage.clone()), Some(1_003 * 1_000 + 100 * 4_012));
    assert_eq!(
        nanos("fireworks", "accounts/fireworks/models/model-1004", usage.clone()),
        Some(1_004 * 1_000 + 100 * 4_016)
    );
    // An alias of the model five places before it.
    assert_eq!(
        nanos("fireworks", "accounts/fireworks/models/model-1049", usage.clone()),
        Some(1_044 * 1_000 + 100 * 4_176)
    );
    assert_eq!(nanos("openai", "model-1000", Usage::new(200_001, 0)), Some(200_001 * 2_000));
    assert_eq!(nanos("openai", "model-1001", usage), None);
}

#[test]
fn everything_with_a_price_is_paid() {
    let file = r#"{
        "base": {
            "litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
            "input_cost_per_image_token": 3e-6, "output_cost_per_image_token": 4e-6, "output_cost_per_audio_token": 5e-6,
            "cache_read_input_token_cost": 1e-7, "cache_read_input_audio_token_cost": 2e-7,
            "cache_creation_input_token_cost_above_12hr": 6e-6, "citation_cost_per_token": 7e-6,
            "input_cost_per_token_ultrafast": 1e-5, "output_cost_per_token_ultrafast": 2e-5,
            "search_context_cost_per_query": {
                "search_context_size_low": 0.01, "search_context_size_medium": 0.02, "search_context_size_high": 0.03
            },
            "file_search_cost_per_1k_calls": 2.5,
            "provider_specific_entry": { "us": 1.2, "fast": 2.0, "something": "else" }
        },
        "other": { "alias_of": "base", "output_cost_per_token": 9e-6 },
        "again": { "alias_of": "other" },
        "pages": { "litellm_provider": "openai", "ocr_cost_per_page": 0.001, "annotation_cost_per_page": 0.003 }
    }"#;
    let check = |model: &str, usage: Usage, nanos: u64, basis: PriceBasis| {
        assert_eq!(cost(file, "openai", model, &usage), Some((nanos, basis)), "{model} {usage:?}");
    };
    let used = || Usage::new(1_000, 100);
    check("base", used(), 1_200_000, PriceBasis::Priced);
    check("base", used().with_image_input_tokens(100), 1_400_000, PriceBasis::Priced);
    check("base", used().with_image_output_tokens(50), 1_300_000, PriceBasis::Priced);
    check("base", used().with_cached_input_tokens(100), 1_110_000, PriceBasis::Priced);
    check("base", used().with_cached_input_tokens(100).with_cached_audio_tokens(50), 1_115_000, PriceBasis::Priced);
    check("base", used().with_cache_write_1h_tokens(100), 1_700_000, PriceBasis::Priced);
    check("base", used().with_citation_tokens(100), 1_700_000, PriceBasis::Priced);
    check("base", used().with_web_searches(2), 41_200_000, PriceBasis::Priced);
    check("base", used().with_file_searches(1), 3_700_000, PriceBasis::Priced);
    check("base", used().with_code_executions(1), 1_200_000, PriceBasis::PartlyPricedTool);
    check("base", used().with_audio_input_tokens(10), 1_200_000, PriceBasis::PartlyPricedModality);
    check("base", used().with_service_tier(ServiceTier::Ultrafast), 12_000_000, PriceBasis::Priced);
    check("base", used().with_service_tier(ServiceTier::Fast), 2_400_000, PriceBasis::Priced);
    check("base", used().with_service_tier(ServiceTier::Batch), 1_200_000, PriceBasis::PartlyPricedTier);
    check("base", used().with_inference_geo("us"), 1_440_000, PriceBasis::Priced);
    check("base", used().with_reported_total_tokens(1_200), 1_200_000, PriceBasis::PartlyPricedTotal);
    check("other", used(), 1_900_000, PriceBasis::Priced);
    check("again", used(), 1_900_000, PriceBasis::Priced);
    check(
        "pages",
        Usage::default().with_document_pages(3).with_annotated_document_pages(1),
        5_000_000,
        PriceBasis::Priced,
    );
}

#[test]
fn the_model_that_answered_is_priced_where_the_requested_one_has_no_price() {
    let file = r#"{ "gpt-4o": { "litellm_provider": "azure", "input_cost_per_token": 1e-6 } }"#;
    let usage = Usage::new(1_000, 0).with_response_model("gpt-4o-2024-11-20");
    assert_eq!(cost(file, "azure", "prod-chat-eu", &usage), Some((1_000_000, PriceBasis::Priced)));
    assert_eq!(cost(file, "azure", "prod-chat-eu", &Usage::new(1_000, 0)), None);
}

#[test]
fn a_file_takes_precedence_over_the_bundled_prices() {
    let prices = Prices::of(Some(Calculator::bundled()), Some(parse(FILE).unwrap()));
    let price = |model: &str| prices.price(&ModelName::new("openai", model), &Usage::new(1_000, 200));
    assert_eq!(price("gpt-4o"), Some(NanoUsd(1_800_000)));
    assert_eq!(price("gpt-4o-mini"), Some(NanoUsd(270_000)));
    assert_eq!(prices.most_output_tokens(&ModelName::new("openai", "gpt-4o")), Some(16_384));
    assert_eq!(prices.most_output_tokens(&ModelName::new("openai", "gpt-4o-mini")), Some(128_000));
    assert_eq!(prices.most_output_tokens(&ModelName::new("openai", "no-such-model")), None);
}

#[test]
fn a_cost_that_the_provider_reports_wins() {
    let prices = Prices::of(Some(Calculator::bundled()), None);
    let usage = Usage { cost: Some(NanoUsd(7)), ..Usage::new(1_000, 200) };
    let cost = |model| prices.cost(&ModelName::new("openai", model), &usage).map(|cost| (cost.nanos, cost.basis));
    assert_eq!(cost("gpt-4o"), Some((NanoUsd(7), PriceBasis::Reported)));
    assert_eq!(cost("no-such-model"), Some((NanoUsd(7), PriceBasis::Reported)));
    assert_eq!(prices.price(&ModelName::new("openai", "gpt-4o"), &usage), Some(NanoUsd(4_500_000)));
}

#[test]
fn an_invalid_file_is_rejected_whole() {
    let files = [
        "",
        "{\n  \"gpt-4o\": {\n    \"input_cost_per_token\": 1e-6,\n  }\n}",
        "[]",
        "{}",
        r#"{"gpt-4o": {"litellm_provider": "openai", "mode": "chat"}}"#,
        r#"{"good": {"input_cost_per_token": 1e-6}, "gpt-4o": 5}"#,
        r#"{"good": {"input_cost_per_token": 1e-6}, "gpt-4o": {"input_cost_per_token": "2.5e-6"}}"#,
        r#"{"good": {"input_cost_per_token": 1e-6}, "gpt-4o": {"output_cost_per_token": -2.5e-6}}"#,
        r#"{"good": {"input_cost_per_token": 1e-6}, "gpt-4o": {"input_cost_per_token": 2.5}}"#,
        r#"{"good": {"input_cost_per_token": 1e-6}, "qwen": {"tiered_pricing": [{"input_cost_per_token": 1e-6}]}}"#,
        "{\n\"gpt-4o\": {\"input_cost_per_token\": 1e-6},\n\"gpt-4o\": {\"input_cost_per_token\": 2e-6}}",
        "{\"gpt-4o\": {\n\"input_cost_per_token\": 1e-6,\n\n\"input_cost_per_token\": 2e-6}}",
        "{\"gpt-4o\": {\n\"input_cost_per_token\": 1e-400}}",
        r#"{"gpt-4o": {"input_cost_per_token": 1e-22}}"#,
        r#"{"gpt-4o": {"input_cost_per_token": 1e-6, "ocr_cost_per_page": -1}}"#,
        r#"{"gpt-4o": {"input_cost_per_token": 1e-6}, "a": {"alias_of": "b"}}"#,
        r#"{"gpt-4o": {"input_cost_per_token": 1e-6}, "a": {"alias_of": "b"}, "b": {"alias_of": "a"}}"#,
    ];
    let errors = files.map(|file| format!("{}\n", parse(file).unwrap_err()));
    expect![[r#"
        the price file `prices.json` is malformed: EOF while parsing a value at line 1 column 0
        the price file `prices.json` is malformed: trailing comma at line 4 column 3
        the price file `prices.json` is malformed: invalid type: sequence, expected a map at line 1 column 0
        the price file `prices.json` has no model with a price per token, such as `input_cost_per_token`
        the price file `prices.json` has no model with a price per token, such as `input_cost_per_token`
        the price file `prices.json` has an invalid entry: `gpt-4o` is not an object; write its prices in braces
        the price file `prices.json` has an invalid entry: `gpt-4o` has `input_cost_per_token`, which is `"2.5e-6"`, not a number; write US dollars per token, such as `2.5e-6`
        the price file `prices.json` has an invalid entry: `gpt-4o` has `output_cost_per_token`, which is `-2.5e-6`; write US dollars per token, from `0` to `0.01`, such as `2.5e-6` for $2.50 per million
        the price file `prices.json` has an invalid entry: `gpt-4o` has `input_cost_per_token`, which is `2.5`; write US dollars per token, from `0` to `0.01`, such as `2.5e-6` for $2.50 per million
        the price file `prices.json` has an invalid entry: `qwen` has `tiered_pricing`, which has an item without a `range`
        the price file `prices.json` has the key `gpt-4o` twice, again at line 3
        the price file `prices.json` has the key `gpt-4o.input_cost_per_token` twice, again at line 4
        the price file `prices.json` has `1e-400` for `gpt-4o.input_cost_per_token` at line 2, too small to be a price
        the price file `prices.json` has an invalid entry: `gpt-4o` has `input_cost_per_token`, which is `1e-22`, too small to be a price; write US dollars per token, such as `2.5e-6`, or `0`
        the price file `prices.json` has an invalid entry: `gpt-4o` has `ocr_cost_per_page`, which is `-1`; write US dollars, from `0` to `1000`, such as `2.5e-6`
        the price file `prices.json` has an invalid entry: `a` has `alias_of`, which is `"b"`, which is no model of the file
        the price file `prices.json` has an invalid entry: `a` has `alias_of`, which leads in a circle
    "#]].assert_eq(&errors.concat());
}

#[test]
fn a_file_that_cannot_be_read_or_has_shrunk_is_rejected() {
    let missing = PriceFile::read(Path::new("/no/such/prices.json"), 0).unwrap_err();
    assert_eq!(missing.to_string(), "cannot read the price file `/no/such/prices.json`");
    let path = std::env::temp_dir().join(format!("tta-prices-{}.json", std::process::id()));
    std::fs::write(&path, FILE).unwrap();
    let read = |before| PriceFile::read(&path, before).map(|file| file.models());
    assert_eq!(read(14).unwrap(), 7);
    let PricesError::Shrunken { models, before, .. } = read(15).unwrap_err() else { panic!("it has shrunk") };
    assert_eq!((models, before), (7, 15));
    std::fs::remove_file(&path).unwrap();
}

/// A price as written, and as an integer of 10⁻²⁰ dollars.
fn any_price() -> impl Strategy<Value = (String, u128)> {
    (0..1_000_000_u32, 8..14_u32)
        .prop_map(|(digits, places)| (format!("{digits}e-{places}"), u128::from(digits) * 10_u128.pow(20 - places)))
}

/// Entries of files as people and programs write them, right and wrong.
fn any_entry() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec![
        "input_cost_per_token",
        "output_cost_per_token_above_200k_tokens",
        "input_cost_per_token_batches",
        "search_context_cost_per_query",
        "tiered_pricing",
        "litellm_provider",
        "provider_specific_entry",
        "alias_of",
    ]);
    let value = prop_oneof![
        any::<f64>().prop_map(|number| number.to_string()),
        (0..99_u32, 0..400_u32).prop_map(|(digits, places)| format!("{digits}e-{places}")),
        "[a-c]".prop_map(|text| format!("\"{text}\"")),
        prop::sample::select(vec![
            "null",
            "[]",
            "{}",
            "true",
            "[{\"range\":[0,1e3],\"input_cost_per_token\":1e-6}]",
            "\"openai\""
        ])
        .prop_map(str::to_owned),
    ];
    let fields = proptest::collection::vec((field, value), 0..5);
    ("[a-c]|openai/[a-c]", fields).prop_map(|(model, fields)| {
        let fields: Vec<_> = fields.iter().map(|(field, value)| format!("\"{field}\":{value}")).collect();
        format!("\"{model}\":{{{}}}", fields.join(","))
    })
}

proptest! {
    #[test]
    fn any_file_is_refused_with_a_message_or_has_models(entries in proptest::collection::vec(any_entry(), 0..5), cut: Option<prop::sample::Index>) {
        let mut text = format!("{{{}}}", entries.join(","));
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len() + 1));
        }
        match parse(&text) {
            Ok(file) => prop_assert!(file.models() > 0),
            Err(error) => prop_assert!(error.to_string().contains("`prices.json`"), "{}", error),
        }
    }
}

proptest! {
    #[test]
    fn a_cost_is_the_exact_sum_rounded_once(
        prices in proptest::collection::vec(any_price(), 15),
        tokens: [u32; 2],
        parts: [u16; 13],
        request in any_price(),
    ) {
        let fields = [
            "input_cost_per_token",
            "cache_read_input_token_cost",
            "cache_read_input_audio_token_cost",
            "cache_read_input_image_token_cost",
            "cache_creation_input_token_cost",
            "cache_creation_input_token_cost_above_1hr",
            "input_cost_per_audio_token",
            "input_cost_per_image_token",
            "input_cost_per_video_token",
            "output_cost_per_token",
            "output_cost_per_reasoning_token",
            "output_cost_per_audio_token",
            "output_cost_per_image_token",
            "output_cost_per_video_token",
            "citation_cost_per_token",
        ];
        let mut written: Vec<_> = fields.iter().zip(&prices).map(|(field, (text, _))| format!("{}: {text}", json!(field))).collect();
        written.push(format!("\"input_cost_per_request\": {}", request.0));
        let file = parse(&format!("{{\"a/b\": {{{}}}}}", written.join(", "))).unwrap();
        let mut usage = Usage::new(u64::from(tokens[0]), u64::from(tokens[1]));
        let counts = [
            &mut usage.cached_input_tokens,
            &mut usage.cached_audio_tokens,
            &mut usage.cached_image_tokens,
            &mut usage.cache_write_5m_tokens,
            &mut usage.cache_write_1h_tokens,
            &mut usage.audio_input_tokens,
            &mut usage.image_input_tokens,
            &mut usage.video_input_tokens,
            &mut usage.reasoning_tokens,
            &mut usage.audio_output_tokens,
            &mut usage.image_output_tokens,
            &mut usage.video_output_tokens,
            &mut usage.citation_tokens,
        ];
        for (count, part) in counts.into_iter().zip(parts) {
            *count = u64::from(part);
        }
        let amounts = usage.by_kind().into_iter().zip(&prices).map(|(n, (_, price))| u128::from(n) * price);
        let exact = amounts.sum::<u128>() + request.1;
        let rounded = u64::try_from((exact + 50_000_000_000) / 100_000_000_000).unwrap();
        let price = Prices::of(None, Some(file)).price(&ModelName::new("a", "b"), &usage);
        prop_assert_eq!(price, Some(NanoUsd(rounded)));
    }

    #[test]
    fn any_text_parses_or_is_rejected(text in ".{0,200}", value in any::<f64>()) {
        let _ = parse(&text);
        let _ = parse(&format!(r#"{{"a": {{"input_cost_per_token": {value:e}}}}}"#));
        if let Ok(file) = parse(&json!({ &text: { "input_cost_per_token": value } }).to_string()) {
            prop_assert_eq!(file.models(), 1);
            prop_assert!((0.0..=0.01).contains(&value));
        }
    }
}
