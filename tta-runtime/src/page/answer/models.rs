//! `models`: what each model was asked, and what it cost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::{Percentiles, count, distribution, label, number, quantiles};
use crate::llm::PriceList;
use crate::outcome::Outcome;
use crate::page::number::{self, Decimal};
use crate::schema::Id;
use crate::snapshot::{Distribution, Row, Snapshot};

#[derive(Serialize)]
pub(super) struct ModelsAnswer {
    models: Vec<ModelRow>,
    left_out: usize,
    priced: Vec<Priced>,
}

#[derive(Serialize)]
struct ModelRow {
    provider: String,
    model: String,
    requests: BTreeMap<Outcome, u64>,
    /// Requests beyond the limit on series.
    unknown_outcomes: u64,
    tokens: BTreeMap<&'static str, Decimal>,
    cost_nano_usd: Decimal,
    calls_by_price: BTreeMap<String, u64>,
    seconds: Percentiles,
    first_token_seconds: Option<Percentiles>,
    output_tokens_per_second: Option<f64>,
}

#[derive(Clone, Serialize)]
struct Priced {
    provider: String,
    model: String,
}

const MOST_MODELS: usize = 500;
const MOST_PRICED: usize = 2_000;

const TOKEN_KINDS: [&str; 5] = ["input", "cached_input", "cache_write", "output", "reasoning"];

pub(super) fn models(snapshot: &Snapshot) -> ModelsAnswer {
    let mut models: BTreeMap<[String; 2], ModelRow> = BTreeMap::new();
    for id in [Id::LlmRequests, Id::LlmTokens, Id::LlmCost, Id::LlmCallsByPrice] {
        for row in &snapshot.rows(id).series {
            let name = ["provider", "model"].map(|name| label(row, name).to_owned());
            let model = models.entry(name.clone()).or_insert_with(|| ModelRow::new(name));
            match id {
                Id::LlmRequests => {
                    // The overflow series does not know its outcomes.
                    match Outcome::ALL.iter().find(|outcome| outcome.as_str() == label(row, "status")) {
                        Some(outcome) => *model.requests.entry(*outcome).or_default() += count(row),
                        None => model.unknown_outcomes += count(row),
                    }
                }
                Id::LlmTokens => {
                    let kind = TOKEN_KINDS.iter().find(|kind| **kind == label(row, "token_type"));
                    model.tokens.entry(kind.copied().unwrap_or("input")).or_default().0 += count(row);
                }
                Id::LlmCost => model.cost_nano_usd.0 += number::nano_usd(number(row)).0,
                _ if count(row) > 0 => {
                    *model.calls_by_price.entry(label(row, "basis").to_owned()).or_default() += count(row);
                }
                _ => {}
            }
        }
    }
    for model in models.values_mut() {
        let find = |id| find(snapshot, id, model);
        let seconds = find(Id::LlmRequestDuration).map(percentiles).unwrap_or_default();
        let first_token = find(Id::LlmTimeToFirstToken).filter(|times| times.count() > 0).map(percentiles);
        let per_token = find(Id::LlmTimePerOutputToken).filter(|times| times.sum() > 0.0);
        let per_second = per_token.map(|times| times.count() as f64 / times.sum());
        (model.seconds, model.first_token_seconds, model.output_tokens_per_second) = (seconds, first_token, per_second);
    }
    let mut models: Vec<_> = models.into_values().collect();
    models.sort_by_key(|model| std::cmp::Reverse(model.cost_nano_usd));
    let left_out = models.len().saturating_sub(MOST_MODELS);
    models.truncate(MOST_MODELS);
    ModelsAnswer { models, left_out, priced: priced() }
}

impl ModelRow {
    fn new([provider, model]: [String; 2]) -> Self {
        Self {
            provider,
            model,
            requests: Outcome::ALL.iter().map(|outcome| (*outcome, 0)).collect(),
            unknown_outcomes: 0,
            tokens: TOKEN_KINDS.iter().map(|kind| (*kind, Decimal(0))).collect(),
            cost_nano_usd: Decimal(0),
            calls_by_price: BTreeMap::new(),
            seconds: Percentiles::default(),
            first_token_seconds: None,
            output_tokens_per_second: None,
        }
    }
}

fn find<'a>(snapshot: &'a Snapshot, id: Id, model: &ModelRow) -> Option<&'a Distribution> {
    let is_own = |row: &&Row| label(row, "provider") == model.provider && label(row, "model") == model.model;
    snapshot.rows(id).series.iter().find(is_own).and_then(distribution)
}

fn percentiles(times: &Distribution) -> Percentiles {
    quantiles(times, [0.5, 0.95, 0.99]).into()
}

/// Returns the models that have a bundled price. Decoding the prices takes a while, so that the list is made once.
fn priced() -> Vec<Priced> {
    static PRICED: std::sync::OnceLock<Vec<Priced>> = std::sync::OnceLock::new();
    let list = || {
        let names = PriceList::bundled().models().into_iter().take(MOST_PRICED);
        names.map(|(provider, model)| Priced { provider, model }).collect()
    };
    PRICED.get_or_init(list).clone()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::models;
    use crate::schema::Id;
    use crate::snapshot::Snapshot;
    use crate::testing::Recording;

    #[test]
    fn failures_beyond_the_limit_on_series_are_no_successes() {
        let recording = Recording::new().with_label_sets(1);
        let recorder = recording.recorder();
        for status in ["success", "failure", "failure"] {
            recorder.add(Id::LlmCalls, &["openai", "gpt-4o", status], 1_000);
        }
        let answer = serde_json::to_value(models(&Snapshot::take(recorder))).expect("it is JSON");
        let of = |place: usize| {
            let model = &answer["models"][place];
            json!([
                model["model"],
                model["requests"]["success"],
                model["requests"]["failure"],
                model["unknown_outcomes"]
            ])
        };
        let mut rows = [of(0), of(1)];
        rows.sort_by_key(ToString::to_string);
        assert_eq!(rows, [json!(["gpt-4o", 1, 0, 0]), json!(["other", 0, 0, 2])]);
    }
}
