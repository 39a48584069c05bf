//! The price fields in an entry of a price file.

use serde_json::Value;

use crate::model::quantity::Quantity;
use crate::model::service_tier::ServiceTier;
use crate::model::token_kind::TokenKind;
use crate::model::unit_price::UnitPrice;

/// The unit that a field prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Request,
    Token {
        kind: TokenKind,
        above_input_tokens: u64,
        tier: Option<ServiceTier>,
    },
    /// The price of this many units.
    Quantity {
        quantity: Quantity,
        units: u64,
        tier: Option<ServiceTier>,
    },
}

/// The prefixes of the fields; a longer prefix stands before one that it starts with.
const KINDS: &[(&str, TokenKind)] = &[
    ("input_cost_per_token", TokenKind::Input),
    ("cache_read_input_token_cost", TokenKind::CachedInput),
    ("cache_read_input_audio_token_cost", TokenKind::CachedAudio),
    ("cache_read_input_image_token_cost", TokenKind::CachedImage),
    ("cache_creation_input_token_cost_above_12hr", TokenKind::CacheWrite1h),
    ("cache_creation_input_token_cost_above_1hr", TokenKind::CacheWrite1h),
    ("cache_creation_input_token_cost", TokenKind::CacheWrite5m),
    ("input_cost_per_audio_token", TokenKind::AudioInput),
    ("input_cost_per_image_token", TokenKind::ImageInput),
    ("input_cost_per_video_token", TokenKind::VideoInput),
    ("output_cost_per_token", TokenKind::Output),
    ("output_cost_per_reasoning_token", TokenKind::Reasoning),
    ("output_cost_per_audio_token", TokenKind::AudioOutput),
    ("output_cost_per_image_token", TokenKind::ImageOutput),
    ("output_cost_per_video_token", TokenKind::VideoOutput),
    ("citation_cost_per_token", TokenKind::Citation),
];

/// The fields that price something besides tokens, and the units that one price is for.
const QUANTITIES: &[(&str, Quantity, u64)] = &[
    ("file_search_cost_per_1k_calls", Quantity::FileSearches, 1_000),
    ("code_interpreter_cost_per_session", Quantity::CodeExecutions, 1),
    ("input_cost_per_query", Quantity::RerankSearches, 1),
    ("ocr_cost_per_page", Quantity::DocumentPages, 1),
    ("annotation_cost_per_page", Quantity::AnnotatedDocumentPages, 1),
    ("input_cost_per_audio_per_second", Quantity::AudioMilliseconds, 1_000),
    ("input_cost_per_second", Quantity::AudioMilliseconds, 1_000),
    ("input_cost_per_character", Quantity::InputCharacters, 1),
    ("input_cost_per_text_message", Quantity::TextMessages, 1),
];

/// The field of the prices of a web search, by the size of the context that it brings.
pub(super) const WEB_SEARCH: &str = "search_context_cost_per_query";

/// The price of a web search whose size no response reports: that of the default size, then any.
pub(super) const WEB_SEARCH_SIZES: &[&str] =
    &["search_context_size_medium", "search_context_size_low", "search_context_size_high"];

/// The suffixes of the fields for one service tier.
const TIERS: &[(&str, ServiceTier)] = &[
    ("_batches", ServiceTier::Batch),
    ("_batch", ServiceTier::Batch),
    ("_flex", ServiceTier::Flex),
    ("_balanced", ServiceTier::Balanced),
    ("_priority", ServiceTier::Priority),
    ("_ultrafast", ServiceTier::Ultrafast),
    ("_fast", ServiceTier::Fast),
];

impl Field {
    /// Parses the name of a field, `None` if it is no price.
    pub(super) fn of(name: &str) -> Option<Self> {
        if name == "input_cost_per_request" {
            return Some(Self::Request);
        }
        let of_tier = TIERS.iter().find_map(|(end, tier)| Some((name.strip_suffix(end)?, *tier)));
        let (name, tier) = of_tier.map_or((name, None), |(name, tier)| (name, Some(tier)));
        if let Some((_, quantity, units)) = QUANTITIES.iter().find(|(field, ..)| *field == name) {
            return Some(Self::Quantity { quantity: *quantity, units: *units, tier });
        }
        KINDS.iter().find_map(|(start, kind)| {
            let rest = name.strip_prefix(start)?;
            let above_input_tokens = if rest.is_empty() { 0 } else { threshold(rest)? };
            Some(Self::Token { kind: *kind, above_input_tokens, tier })
        })
    }
}

/// Parses `_above_200k_tokens` into the number of tokens.
fn threshold(text: &str) -> Option<u64> {
    let number = text.strip_prefix("_above_")?.strip_suffix("_tokens")?;
    match number.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1_000),
        None => number.parse().ok(),
    }
}

/// The highest plausible price of a token, in US dollars: $10,000 per million.
const MOST_USD: f64 = 0.01;

/// The highest plausible price of anything else, in US dollars.
const MOST_USD_PER_UNIT: f64 = 1_000.0;

/// Reads the price of a token in US dollars.
///
/// # Errors
///
/// Returns the reason that the value is rejected, and what to write instead.
pub(super) fn unit_price(value: &Value) -> Result<UnitPrice, String> {
    price(value, MOST_USD, "US dollars per token", " for $2.50 per million")
}

/// Reads the price of something besides tokens in US dollars.
///
/// # Errors
///
/// Returns the reason that the value is rejected, and what to write instead.
pub(super) fn price_of_quantity(value: &Value) -> Result<UnitPrice, String> {
    price(value, MOST_USD_PER_UNIT, "US dollars", "")
}

fn price(value: &Value, most: f64, unit: &str, meaning: &str) -> Result<UnitPrice, String> {
    let Some(usd) = value.as_f64() else {
        return Err(format!("is `{value}`, not a number; write {unit}, such as `2.5e-6`"));
    };
    let price = if usd <= most { UnitPrice::from_usd(usd) } else { None };
    let price =
        price.ok_or_else(|| format!("is `{value}`; write {unit}, from `0` to `{most}`, such as `2.5e-6`{meaning}"))?;
    if price == UnitPrice::default() && usd > 0.0 {
        return Err(format!("is `{value}`, too small to be a price; write {unit}, such as `2.5e-6`, or `0`"));
    }
    Ok(price)
}

#[cfg(test)]
mod tests {
    use super::{Field, Quantity, ServiceTier, TokenKind};

    #[test]
    fn a_field_name_has_kind_length_and_tier() {
        let token = |kind, above_input_tokens, tier| Some(Field::Token { kind, above_input_tokens, tier });
        let fields = [
            ("input_cost_per_token", token(TokenKind::Input, 0, None)),
            ("output_cost_per_token_batches", token(TokenKind::Output, 0, Some(ServiceTier::Batch))),
            ("cache_creation_input_token_cost_above_1hr", token(TokenKind::CacheWrite1h, 0, None)),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                token(TokenKind::CacheWrite1h, 200_000, None),
            ),
            (
                "cache_read_input_token_cost_above_272k_tokens_priority",
                token(TokenKind::CachedInput, 272_000, Some(ServiceTier::Priority)),
            ),
            ("input_cost_per_audio_token", token(TokenKind::AudioInput, 0, None)),
            ("input_cost_per_request", Some(Field::Request)),
            ("input_cost_per_token_cache_hit", None),
            ("output_cost_per_image_token", token(TokenKind::ImageOutput, 0, None)),
            ("output_cost_per_image", None),
            ("input_cost_per_image_token_batches", token(TokenKind::ImageInput, 0, Some(ServiceTier::Batch))),
            ("cache_read_input_audio_token_cost", token(TokenKind::CachedAudio, 0, None)),
            (
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast",
                token(TokenKind::CacheWrite1h, 272_000, Some(ServiceTier::Ultrafast)),
            ),
            (
                "ocr_cost_per_page_batches",
                Some(Field::Quantity { quantity: Quantity::DocumentPages, units: 1, tier: Some(ServiceTier::Batch) }),
            ),
            ("supports_vision", None),
        ];
        for (name, meant) in fields {
            assert_eq!(Field::of(name), meant, "{name}");
        }
    }
}
