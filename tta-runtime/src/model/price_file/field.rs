//! The price fields in an entry of a price file.

use serde_json::Value;

use crate::model::service_tier::ServiceTier;
use crate::model::unit_price::UnitPrice;
use crate::model::usage::TokenKind;

/// The unit that a field prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Request,
    Token { kind: TokenKind, above_input_tokens: u64, tier: Option<ServiceTier> },
}

/// The prefixes of the fields; a longer prefix stands before one that it starts with.
const KINDS: &[(&str, TokenKind)] = &[
    ("input_cost_per_token", TokenKind::Input),
    ("cache_read_input_token_cost", TokenKind::CachedInput),
    ("cache_creation_input_token_cost_above_1hr", TokenKind::CacheWrite1h),
    ("cache_creation_input_token_cost", TokenKind::CacheWrite5m),
    ("input_cost_per_audio_token", TokenKind::AudioInput),
    ("output_cost_per_token", TokenKind::Output),
    ("output_cost_per_reasoning_token", TokenKind::Reasoning),
    ("output_cost_per_audio_token", TokenKind::AudioOutput),
];

/// The suffixes of the fields for one service tier.
const TIERS: &[(&str, ServiceTier)] = &[
    ("_batches", ServiceTier::Batch),
    ("_batch", ServiceTier::Batch),
    ("_flex", ServiceTier::Flex),
    ("_priority", ServiceTier::Priority),
    ("_fast", ServiceTier::Fast),
];

impl Field {
    /// Parses the name of a field, `None` if it is no price.
    pub(super) fn of(name: &str) -> Option<Self> {
        if name == "input_cost_per_request" {
            return Some(Self::Request);
        }
        let (rest, kind) = KINDS.iter().find_map(|(start, kind)| Some((name.strip_prefix(start)?, *kind)))?;
        let of_tier = TIERS.iter().find_map(|(end, tier)| Some((rest.strip_suffix(end)?, *tier)));
        let (rest, tier) = of_tier.map_or((rest, None), |(rest, tier)| (rest, Some(tier)));
        let above_input_tokens = if rest.is_empty() { 0 } else { threshold(rest)? };
        Some(Self::Token { kind, above_input_tokens, tier })
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

/// Reads a price in US dollars.
///
/// # Errors
///
/// Returns the reason that the value is rejected, and what to write instead.
pub(super) fn unit_price(value: &Value) -> Result<UnitPrice, String> {
    let Some(usd) = value.as_f64() else {
        return Err(format!("is `{value}`, not a number; write US dollars per token, such as `2.5e-6`"));
    };
    let price = if usd <= MOST_USD { UnitPrice::from_usd(usd) } else { None };
    price.ok_or_else(|| {
        format!(
            "is `{value}`; write US dollars per token, from `0` to `{MOST_USD}`, such as `2.5e-6` for $2.50 per million"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{Field, ServiceTier, TokenKind};

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
            ("output_cost_per_image_token", None),
            ("supports_vision", None),
        ];
        for (name, meant) in fields {
            assert_eq!(Field::of(name), meant, "{name}");
        }
    }
}
