//! `what-if`: the recorded usage of one model at the price of another.

use serde::Serialize;

use super::row::{count, label};
use crate::model::{DECODING, ModelName, NanoUsd, Prices, Quantity, Usage};
use crate::page::model_calls::ModelCalls;
use crate::page::number::Decimal;
use crate::page::problem::Problem;
use crate::page::query::Query;
use crate::schema::Id;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
pub(super) struct WhatIf {
    provider: String,
    model: String,
    to_provider: String,
    to_model: String,
    calls: u64,
    left_out_calls: u64,
    actual_nano_usd: Decimal,
    fixed_nano_usd: Decimal,
    output_nano_usd: Decimal,
    unpriced_kinds: Vec<&'static str>,
}

pub(super) fn what_if(calls: &ModelCalls, snapshot: &Snapshot, query: &Query<'_>) -> Result<WhatIf, Problem> {
    let [(provider, model), (to_provider, to_model)] = [name(query, "from")?, name(query, "to")?];
    let rows = snapshot.rows(Id::LlmRequests).series.iter();
    let own = rows.filter(|row| label(row, "provider") == provider && label(row, "model") == model);
    let requests: u64 = own.map(count).sum();
    if requests == 0 {
        return Err(Problem::new(404, "unknown_model", format!("`{provider}/{model}` was not called.")));
    }
    let (prices, to) = (DECODING.wait(), ModelName::new(to_provider, to_model));
    if prices.price(&to, &Usage::new(1, 1)).is_none() {
        return Err(Problem::new(404, "unknown_price", format!("`{to_provider}/{to_model}` has no price.")));
    }
    let (mut compared, mut actual, mut fixed, mut all) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut unpriced = [false; Quantity::ALL.len()];
    for call in calls.of(provider, model) {
        let priced: Option<Vec<_>> = call.usages.iter().map(|usage| price(&prices, &to, usage)).collect();
        let Some(priced) = priced else { continue };
        compared += 1;
        actual = actual.saturating_add(call.cost.0);
        for [whole, without_output] in priced {
            all = all.saturating_add(whole.0);
            fixed = fixed.saturating_add(without_output.0);
        }
        for usage in &call.usages {
            let quantities = unpriced.iter_mut().zip(Quantity::ALL);
            quantities.for_each(|(is_unpriced, quantity)| *is_unpriced |= has_no_price(&prices, &to, usage, quantity));
        }
    }
    let kinds = Quantity::ALL.into_iter().zip(unpriced).filter(|(_, is_unpriced)| *is_unpriced);
    Ok(WhatIf {
        provider: provider.to_owned(),
        model: model.to_owned(),
        to_provider: to_provider.to_owned(),
        to_model: to_model.to_owned(),
        calls: compared,
        left_out_calls: requests.saturating_sub(compared),
        actual_nano_usd: Decimal(actual),
        fixed_nano_usd: Decimal(fixed),
        output_nano_usd: Decimal(all.saturating_sub(fixed)),
        unpriced_kinds: kinds.map(|(quantity, _)| quantity.as_str()).collect(),
    })
}

/// Returns the provider and the model that a parameter names.
fn name<'a>(query: &'a Query<'_>, parameter: &str) -> Result<(&'a str, &'a str), Problem> {
    let name = query.text(parameter).and_then(|name| name.split_once('/'));
    name.ok_or_else(|| Problem::bad_query(parameter, "a name such as `openai/gpt-4o`"))
}

/// Returns the price of a usage, and that of the same without its output.
fn price(prices: &Prices, to: &ModelName, usage: &Usage) -> Option<[NanoUsd; 2]> {
    let silent = Usage {
        output_tokens: 0,
        reasoning_tokens: 0,
        audio_output_tokens: 0,
        image_output_tokens: 0,
        video_output_tokens: 0,
        citation_tokens: 0,
        ..usage.clone()
    };
    Some([prices.price(to, usage)?, prices.price(to, &silent).unwrap_or_default()])
}

/// Returns whether a quantity that was used is missing in the price.
fn has_no_price(prices: &Prices, to: &ModelName, usage: &Usage, quantity: Quantity) -> bool {
    let used = quantity.of(usage);
    used > 0 && prices.price(to, usage) == prices.price(to, &quantity.without(usage))
}
