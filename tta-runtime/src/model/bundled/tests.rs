//! The cost of every bundled model, against an exact sum over the decimal prices of the data.

use expect_test::expect;
use genai_prices::{Calculator, PriceRequest, Usage as Reported};
use serde_json::Value;

use crate::model::price_data::price_data;
use crate::model::service_tier::ServiceTier;
use crate::model::{ModelName, NanoUsd, Prices, Usage};

fn price(provider: &str, model: &str, usage: &Usage) -> Option<NanoUsd> {
    Prices::of(Some(Calculator::bundled()), None).price(&ModelName::new(provider, model), usage)
}

#[test]
fn known_prices() {
    let cached = Usage { cached_input_tokens: 400, ..Usage::new(1_000, 200) };
    assert_eq!(price("openai", "gpt-4o", &cached), Some(NanoUsd(4_000_000)));
    let written = Usage { cached_input_tokens: 400, cache_write_5m_tokens: 100, ..Usage::new(1_000, 200) };
    assert_eq!(price("anthropic", "claude-sonnet-4-5", &written), Some(NanoUsd(4_995_000)));
    // A cache write costs $6 per million for an hour, $3.75 for 5 minutes.
    let for_an_hour = Usage { cache_write_5m_tokens: 0, cache_write_1h_tokens: 100, ..written.clone() };
    assert_eq!(price("anthropic", "claude-sonnet-4-5", &for_an_hour), Some(NanoUsd(5_220_000)));
    let in_a_batch = Usage { service_tier: Some(ServiceTier::Batch), ..written };
    assert_eq!(price("anthropic", "claude-sonnet-4-5", &in_a_batch), Some(NanoUsd(2_497_500)));
}

#[test]
fn a_cost_is_rounded_from_the_exact_sum() {
    // $0.0375 per million: 37.5 nano-dollars each.
    let cached = |n| Usage { cached_input_tokens: n, ..Usage::new(n, 0) };
    let nanos = [1, 3, 5, 7].map(|n| price("groq", "openai/gpt-oss-20b", &cached(n)));
    assert_eq!(nanos, [38, 113, 188, 263].map(|nanos| Some(NanoUsd(nanos))));
}

#[test]
fn a_model_without_a_price_is_not_free() {
    assert_eq!(price("openai", "no-such-model", &Usage::new(1, 1)), None);
    assert_eq!(price("no-such-provider", "gpt-4o", &Usage::new(1, 1)), None);
    // The data has no price for the first, and only a price per hour of audio for the second.
    assert_eq!(price("github-copilot", "gpt-4o", &Usage::new(1, 1)), None);
    assert_eq!(price("openai", "whisper-1", &Usage::new(1, 1)), None);
}

#[test]
fn every_price_of_the_data_is_of_something_that_a_usage_has() {
    let data: Value = price_data();
    let mut keys = std::collections::BTreeSet::new();
    for model in data.as_array().unwrap().iter().flat_map(|provider| provider["models"].as_array().unwrap()) {
        let standard = model["prices"].as_object().into_iter();
        let dated = model["prices"].as_array().into_iter().flatten().filter_map(|dated| dated["prices"].as_object());
        let variants = model["price_variants"].as_array().into_iter().flatten();
        let variants = variants.filter_map(|variant| variant["prices"].as_object());
        keys.extend(standard.chain(dated).chain(variants).flat_map(|prices| prices.keys()).map(String::as_str));
    }
    // Another key needs a field of `Usage`, a kind or quantity with a price, and its place in the oracle below.
    expect![[r#"
        audio_hours
        cache_audio_read_mtok
        cache_image_read_mtok
        cache_read_mtok
        cache_write_1h_mtok
        cache_write_mtok
        input_annotated_document_kpages
        input_audio_hours
        input_audio_mtok
        input_document_kpages
        input_image_mtok
        input_mchars
        input_mtok
        input_text_messages_kcount
        input_video_mtok
        output_audio_mtok
        output_citation_mtok
        output_image_mtok
        output_mtok
        output_reasoning_mtok
        output_video_mtok
        requests_kcount
        storage_searches_kcount
        web_searches_kcount"#]]
    .assert_eq(&keys.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The prices of one model that are in force today, by key.
struct Oracle<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Oracle<'a> {
    /// Returns the prices of a model, `None` if they depend on the time of day.
    fn new(model: &'a Value, today: &str, context: Option<(&str, &str)>) -> Option<Self> {
        let begun = |constraint: Option<&Value>| match constraint {
            None | Some(Value::Null) => Some(true),
            Some(constraint) => constraint.get("start_date")?.as_str().map(|start| start <= today),
        };
        let mut standard = model.get("prices").cloned().map(|_| model["prices"].as_object()).unwrap_or_default();
        if let Some(list) = model["prices"].as_array() {
            for conditional in list {
                if begun(conditional.get("constraint"))? {
                    standard = conditional["prices"].as_object();
                }
            }
        }
        let mut prices: Vec<(&str, &Value)> = Vec::new();
        for variant in model["price_variants"].as_array().into_iter().flatten() {
            let when = variant["when"].as_object()?;
            let is_asked = when.iter().all(|(key, value)| context.is_some_and(|(k, v)| k == key && v == value));
            if is_asked && begun(variant.get("constraint"))? {
                for (key, price) in variant["prices"].as_object()? {
                    if !price.is_null() && prices.iter().all(|(have, _)| have != key) {
                        prices.push((key, price));
                    }
                }
            }
        }
        // Prices of a variant take precedence.
        prices.extend(standard.into_iter().flatten().map(|(key, price)| (key.as_str(), price)));
        Some(Self(prices))
    }

    /// Returns the price of the first of these keys that exists, in 10⁻¹⁸ dollars.
    fn price(&self, keys: &[&str], input_tokens: u64) -> Option<u128> {
        let (_, price) = keys.iter().find_map(|key| self.0.iter().find(|(have, _)| have == key))?;
        let mut in_force = (price.get("base").unwrap_or(price), 0);
        for tier in price.get("tiers").and_then(Value::as_array).into_iter().flatten() {
            let start = tier["start"].as_u64().unwrap();
            if input_tokens > start && start >= in_force.1 {
                in_force = (&tier["price"], start);
            }
        }
        Some(decimal(&in_force.0.to_string()))
    }

    fn cost(&self, usage: &Usage) -> Option<NanoUsd> {
        let keys: [&[&str]; 15] = [
            &["input_mtok"],
            &["cache_read_mtok", "input_mtok"],
            &["cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"],
            &["cache_image_read_mtok", "cache_read_mtok", "input_image_mtok", "input_mtok"],
            &["cache_write_5m_mtok", "cache_write_mtok", "input_mtok"],
            &["cache_write_1h_mtok", "cache_write_mtok", "input_mtok"],
            &["input_audio_mtok", "input_mtok"],
            &["input_image_mtok", "input_mtok"],
            &["input_video_mtok", "input_mtok"],
            &["output_mtok"],
            &["output_reasoning_mtok", "output_mtok"],
            &["output_audio_mtok", "output_mtok"],
            &["output_image_mtok", "output_mtok"],
            &["output_video_mtok", "output_mtok"],
            &["output_citation_mtok", "output_mtok"],
        ];
        let mut sum = self.price(&["requests_kcount"], 0).unwrap_or(0) * 1_000;
        for (keys, n) in keys.into_iter().zip(usage.by_kind()).filter(|(_, n)| *n > 0) {
            sum += self.price(keys, usage.input_tokens)? * u128::from(n);
        }
        let quantities: [(&str, u64); 10] = [
            ("web_searches_kcount", 1_000),
            ("storage_searches_kcount", 1_000),
            ("code_executions_kcount", 1_000),
            ("", 1),
            ("rerank_searches_kcount", 1_000),
            ("input_document_kpages", 1_000),
            ("input_annotated_document_kpages", 1_000),
            ("audio_hours", 3_600_000),
            ("input_mchars", 1_000_000),
            ("input_text_messages_kcount", 1_000),
        ];
        for ((key, units), n) in quantities.into_iter().zip(usage.quantities()).filter(|(_, n)| *n > 0) {
            let keys = [key, "input_document_kpages"];
            let keys = if key == "input_annotated_document_kpages" { &keys[..] } else { &keys[..1] };
            sum += self.price(keys, 0).unwrap_or(0) * u128::from(n) * 1_000_000 / u128::from(units);
        }
        // 10⁻¹⁸ dollars per million tokens are 10⁻²⁴ dollars.
        Some(NanoUsd(u64::try_from((sum + 500_000_000_000_000) / 1_000_000_000_000_000).unwrap()))
    }
}

/// Parses a decimal number as an integer of 10⁻¹⁸, at 14 digits: further ones are rounding errors in the data.
fn decimal(text: &str) -> u128 {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut number: u128 = format!("{whole}{fraction}").parse().unwrap();
    let mut places = 18 + exponent.parse::<i32>().unwrap() - i32::try_from(fraction.len()).unwrap();
    while number >= 100_000_000_000_000 {
        number = if number >= 1_000_000_000_000_000 { number / 10 } else { (number + 5) / 10 };
        places += 1;
    }
    number * 10_u128.pow(u32::try_from(places).unwrap())
}

#[test]
fn every_model_costs_what_its_decimal_prices_say() {
    let data: Value = price_data();
    let tiers = [
        (None, None),
        (Some(ServiceTier::Batch), Some(("processing", "batch"))),
        (Some(ServiceTier::Flex), Some(("service_tier", "flex"))),
        (Some(ServiceTier::Priority), Some(("service_tier", "priority"))),
        (Some(ServiceTier::Fast), Some(("service_tier", "fast"))),
    ];
    let calculator = Calculator::bundled();
    let today = today();
    let mut random = fastrand::Rng::with_seed(7);
    let (mut compared, mut by_variant) = (0, 0);
    for provider in data.as_array().unwrap() {
        let id = provider["id"].as_str().unwrap();
        let models = provider["models"].as_array().unwrap();
        for name in models.iter().map(|model| model["id"].as_str().unwrap()) {
            let nothing = Reported::new();
            let Ok(found) = calculator.calculate(&PriceRequest::new(name, &nothing).with_provider_id(id)) else {
                continue;
            };
            let Some(model) = models.iter().find(|model| model["id"] == *found.model_id) else { continue };
            let standard = Oracle::new(model, &today, None);
            for (service_tier, context) in tiers {
                let Some(oracle) = Oracle::new(model, &today, context) else { continue };
                let usage = Usage { service_tier, ..random_usage(&mut random) };
                // The data has no price for some of what OpenRouter offers for nothing.
                let is_free = id == "openrouter" && name.ends_with(":free");
                let expected = oracle.cost(&usage).or(is_free.then_some(NanoUsd(0)));
                assert_eq!(price(id, name, &usage), expected, "{id} {name} {usage:?}");
                compared += usize::from(expected.is_some());
                let at_list_price = standard.as_ref().and_then(|standard| standard.cost(&usage));
                by_variant += usize::from(expected != at_list_price);
            }
        }
    }
    assert!(compared > 9_000, "{compared} costs were compared");
    assert!(by_variant > 100, "{by_variant} were of a tier");
}

/// Returns a random usage of all kinds of token, below or above the thresholds of prices.
fn random_usage(random: &mut fastrand::Rng) -> Usage {
    let scale = *random.choice(&[10, 10_000, 150_000, 2_000_000]).unwrap();
    let mut up_to = |most: u64| if random.bool() { random.u64(0..=most) } else { 0 };
    let input = 1 + up_to(scale) + up_to(scale);
    let output = up_to(scale);
    Usage {
        cached_input_tokens: up_to(input / 4),
        cache_write_5m_tokens: up_to(input / 4),
        cache_write_1h_tokens: up_to(input / 4),
        audio_input_tokens: up_to(input / 4),
        reasoning_tokens: up_to(output / 2),
        audio_output_tokens: up_to(output / 2),
        image_input_tokens: up_to(input / 4),
        video_input_tokens: up_to(input / 4),
        cached_audio_tokens: up_to(input / 8),
        cached_image_tokens: up_to(input / 8),
        image_output_tokens: up_to(output / 4),
        video_output_tokens: up_to(output / 4),
        citation_tokens: up_to(output / 4),
        web_searches: up_to(20),
        file_searches: up_to(20),
        document_pages: up_to(20),
        input_characters: up_to(10_000),
        text_messages: up_to(20),
        ..Usage::new(input, output)
    }
}

/// Returns today's date in the format of the data.
fn today() -> String {
    let days = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    // Days of the civil calendar since 1 March of the year 0, in eras of 400 years.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
