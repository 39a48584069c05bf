//! The prices of calls without parts, remembered while they are the same.

use std::sync::Mutex;

use super::PriceQuery;
use crate::clock::wall_second;
use crate::model::service_tier::ServiceTier;
use crate::model::unit_price::UnitPrice;

/// The prices of calls without parts. A price is `None` if it is negative or not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlainPrices {
    pub(super) input: Option<UnitPrice>,
    pub(super) output: Option<UnitPrice>,
    pub(super) per_request: UnitPrice,
}

/// The prices of one model that were calculated in this second.
///
/// A price depends on the time of day, so that it is not kept for longer, and on the length of the input, above some
/// thresholds. It rises or falls with the length, never both: between two lengths with equal prices, all lengths have them.
#[derive(Debug, Default)]
pub(in crate::model) struct Remembered(Mutex<Vec<Known>>);

#[derive(Clone, Copy, Debug)]
struct Known {
    second: u64,
    tier: Option<ServiceTier>,
    shortest: u64,
    longest: u64,
    prices: PlainPrices,
}

/// The most prices of one model that are remembered: those of some tiers, below and above a threshold.
const MOST: usize = 8;

impl Clone for Remembered {
    /// Returns an empty memory: the clone is that of another name.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Remembered {
    /// Returns the prices for a query; calculates them if they are not known, or if another thread looks them up.
    pub(super) fn prices(&self, query: &PriceQuery<'_>) -> Option<PlainPrices> {
        let Ok(mut known) = self.0.try_lock() else { return query.plain() };
        let second = wall_second();
        known.retain(|known| known.second == second);
        let input_tokens = query.input_tokens;
        let is_between = |known: &&Known| (known.shortest..=known.longest).contains(&input_tokens);
        if let Some(known) = known.iter().filter(|known| known.tier == query.tier).find(is_between) {
            return Some(known.prices);
        }
        let prices = query.plain()?;
        if let Some(known) = known.iter_mut().find(|known| known.tier == query.tier && known.prices == prices) {
            known.shortest = known.shortest.min(input_tokens);
            known.longest = known.longest.max(input_tokens);
        } else if known.len() < MOST {
            let tier = query.tier;
            known.push(Known { second, tier, shortest: input_tokens, longest: input_tokens, prices });
        }
        Some(prices)
    }
}

#[cfg(test)]
mod tests {
    use genai_prices::Calculator;

    use super::Remembered;
    use crate::model::bundled::PriceQuery;
    use crate::model::price_data::price_data;

    #[test]
    fn remembered_prices_are_those_of_a_new_calculation_at_every_length() {
        const LENGTHS: &[u64] = &[
            5, 1_000_000, 0, 1, 128_001, 40_000, 200_000, 200_001, 10, 128_000, 272_001, 3_000_000, 272_000, 32_001, 7,
        ];
        let calculator = Calculator::bundled();
        let mut changes = 0;
        for provider in calculator.providers() {
            for model in provider.models() {
                let remembered = Remembered::default();
                let of_length = |&input_tokens: &u64| {
                    let (provider, model) = (provider.id(), model.id());
                    let query = PriceQuery { calculator, provider, model, tier: None, input_tokens };
                    let prices = remembered.prices(&query);
                    assert_eq!(prices, query.plain(), "{provider} {model} {input_tokens}");
                    prices.and_then(|prices| prices.input)
                };
                let of_lengths: Vec<_> = LENGTHS.iter().filter(|length| **length > 0).map(of_length).collect();
                changes += usize::from(of_lengths.iter().any(|price| *price != of_lengths[0]));
                let _ = of_length(&0);
            }
        }
        assert!(changes > 10, "{changes} models have a price that depends on the length");
    }

    #[test]
    fn a_price_rises_or_falls_with_the_length_of_the_input() {
        let mut tiered = 0;
        let data = price_data();
        let mut values = vec![&data];
        while let Some(value) = values.pop() {
            if let Some(tiers) = value["tiers"].as_array() {
                let number = |value: &serde_json::Value| value.as_f64().expect("a price is a number");
                let prices: Vec<f64> = [number(&value["base"])]
                    .into_iter()
                    .chain(tiers.iter().map(|tier| number(&tier["price"])))
                    .collect();
                assert!(prices.is_sorted() || prices.is_sorted_by(|one, next| one >= next), "{value}");
                tiered += 1;
            }
            match value {
                serde_json::Value::Array(items) => values.extend(items),
                serde_json::Value::Object(members) => values.extend(members.values()),
                _ => {}
            }
        }
        assert!(tiered > 10, "{tiered} prices have tiers");
    }
}
