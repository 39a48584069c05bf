//! `savings`: what caches and routers saved.

use serde::Serialize;

use super::row::{count, label, nano_usd, number};
use crate::page::number::{self, Decimal};
use crate::schema::Id;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
pub(super) struct Savings {
    cost_nano_usd: Decimal,
    sources: Vec<OfSource>,
    by_model: Vec<OfModel>,
}

#[derive(Serialize)]
struct OfSource {
    source: &'static str,
    saved_nano_usd: Decimal,
    calls: u64,
}

#[derive(Serialize)]
struct OfModel {
    provider: String,
    model: String,
    source: String,
    saved_nano_usd: Decimal,
}

const MOST: usize = 200;

/// The look-ups that a cache answers.
const ANSWERED: [&str; 2] = ["hit", "coalesced"];

pub(super) fn savings(snapshot: &Snapshot) -> Savings {
    let answers = snapshot.rows(Id::CacheOperations).series.iter();
    let answers = answers.filter(|row| ANSWERED.contains(&label(row, "operation"))).map(count).sum();
    let routed = snapshot.rows(Id::RouterDecisions).series.iter().map(count).sum();
    let mut by_model: Vec<_> = snapshot
        .rows(Id::LlmSavings)
        .series
        .iter()
        .filter(|row| number(row) > 0.0)
        .map(|row| OfModel {
            provider: label(row, "provider").to_owned(),
            model: label(row, "model").to_owned(),
            source: label(row, "source").to_owned(),
            saved_nano_usd: number::nano_usd(number(row)),
        })
        .collect();
    by_model.sort_by_key(|row| std::cmp::Reverse(row.saved_nano_usd));
    by_model.truncate(MOST);
    let saved = |source| nano_usd(snapshot, Id::LlmSavings, |row| label(row, "source") == source);
    Savings {
        cost_nano_usd: nano_usd(snapshot, Id::LlmCost, |_| true),
        sources: vec![
            OfSource { source: "cache", saved_nano_usd: saved("cache"), calls: answers },
            OfSource { source: "router", saved_nano_usd: saved("router"), calls: routed },
        ],
        by_model,
    }
}
