//! The recorded numbers as plain data, for the program itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::Monotonic;
use crate::metric::{Cells, Counter, Family};
use crate::model::{NanoUsd, PriceBasis};
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder};
use crate::schema::Id;
use crate::snapshot::{LatencyEvents, SiteReading, Snapshot};

/// Everything that the program has recorded so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Every annotated function that the program links, called or not, sorted by type and name.
    pub primitives: Vec<PrimitiveStats>,
    /// Every model that was called, sorted by provider and name.
    pub models: Vec<ModelStats>,
}

/// The calls of one primitive.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrimitiveStats {
    /// Its type, such as `llm`.
    pub primitive_type: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its action, such as `generate`.
    pub action: &'static str,
    /// Calls that started.
    pub started: u64,
    /// Calls that ended, by outcome.
    pub ended: BTreeMap<Outcome, u64>,
    /// Calls in progress.
    pub active: u64,
    /// Calls that ended in the last 60 s, per second.
    pub calls_per_second: f64,
    /// Percentiles of the durations, in seconds, with a relative error of at most 0.6 %.
    pub seconds: Percentiles,
    /// Its objectives, if it has any.
    pub objectives: Vec<ObjectiveStats>,
    /// The cost of its own model calls, in US dollars; nested primitives have a cost of their own.
    pub cost_usd: f64,
    /// The savings by routing, in US dollars: the cost at the dearest model that a router could have chosen, minus the actual
    /// cost.
    pub savings_usd: f64,
}

/// Percentiles of durations, in seconds; 0 before the first call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Percentiles {
    /// Half of the calls.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 95 %.
    pub p95: f64,
    /// 99 %.
    pub p99: f64,
}

/// The compliance of a primitive with one of its objectives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ObjectiveStats {
    /// `availability` or `latency`.
    pub slo: &'static str,
    /// The target share of good events, from 0 to 1.
    pub objective: f64,
    /// Good events.
    pub good: u64,
    /// Bad events.
    pub bad: u64,
    /// The share of good events, 1 before the first event.
    pub compliance: f64,
    /// The remaining share of the error budget: 1 at first, 0 when the objective is just met, negative if it is missed.
    pub remaining_budget: f64,
}

/// The calls to one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelStats {
    /// Its provider.
    pub provider: String,
    /// Its name.
    pub model: String,
    /// Calls that ended, in any outcome.
    pub requests: u64,
    /// Tokens by kind; each token is counted in one kind.
    pub tokens: BTreeMap<String, u64>,
    /// The cost of the tokens, in US dollars.
    pub cost_usd: f64,
    /// Avoided cost, in US dollars, by source: `cache` or `router`.
    pub savings_usd: BTreeMap<String, f64>,
    /// Calls that are missing from the cost because the model's price is not known.
    pub unpriced: u64,
    /// Calls that ended, by what their cost is based on. Their sum is `requests`.
    pub calls_by_price: BTreeMap<PriceBasis, u64>,
}

/// Returns everything that the program has recorded so far.
///
/// ```
/// use tta_runtime::{Outcome, primitive};
///
/// #[primitive(type = "tool", action = "call")]
/// fn double(number: u32) -> u32 {
///     2 * number
/// }
///
/// double(21);
/// let stats = tta_runtime::stats();
/// let double = stats.primitives.iter().find(|primitive| primitive.name == "double").unwrap();
/// assert_eq!(double.ended[&Outcome::Success], 1);
/// ```
#[must_use]
pub fn stats() -> Stats {
    read(&GLOBAL)
}

pub(crate) fn read(recorder: &'static Recorder) -> Stats {
    let snapshot = Snapshot::take(recorder);
    let now = recorder.clock.now();
    let mut primitives: Vec<_> = snapshot.sites().iter().map(|site| primitive(site, now)).collect();
    primitives.sort_by_key(|primitive| (primitive.primitive_type, primitive.name));
    Stats { primitives, models: models(recorder) }
}

fn primitive(site: &SiteReading, now: Monotonic) -> PrimitiveStats {
    let SiteReading { constants, cells, .. } = site;
    let [p50, p90, p95, p99] = cells.durations.quantiles([0.5, 0.9, 0.95, 0.99]);
    let (success, bad) = (site.ended(Outcome::Success), site.bad());
    let mut objectives = Vec::new();
    if let Some(percent) = constants.slo.availability {
        objectives.push(objective("availability", percent / 100.0, success, bad));
    }
    if let (Some(latency), Some(LatencyEvents { within, beyond })) = (constants.slo.latency, site.latency) {
        objectives.push(objective("latency", latency.percent / 100.0, within, beyond + bad));
    }
    PrimitiveStats {
        primitive_type: constants.primitive_type,
        name: constants.name,
        action: constants.action,
        started: site.started(),
        active: site.active(),
        ended: Outcome::ALL.iter().map(|&outcome| (outcome, site.ended(outcome))).collect(),
        calls_per_second: cells.rate.per_second(now, site.ended_in_all()),
        seconds: Percentiles { p50, p90, p95, p99 },
        objectives,
        cost_usd: usd(cells.model.as_ref().map(|model| &model.cost)),
        savings_usd: usd(cells.model.as_ref().map(|model| &model.saved)),
    }
}

fn usd(nanos: Option<&Counter>) -> f64 {
    nanos.map_or(0.0, |nanos| NanoUsd(nanos.value()).to_usd())
}

fn objective(slo: &'static str, objective: f64, good: u64, bad: u64) -> ObjectiveStats {
    let compliance = if good + bad == 0 { 1.0 } else { good as f64 / (good + bad) as f64 };
    let remaining_budget = 1.0 - (1.0 - compliance) / (1.0 - objective);
    ObjectiveStats { slo, objective, good, bad, compliance, remaining_budget }
}

fn models(recorder: &Recorder) -> Vec<ModelStats> {
    let mut models: BTreeMap<(String, String), ModelStats> = BTreeMap::new();
    for id in [Id::LlmCalls, Id::LlmTokens, Id::LlmCost, Id::LlmSavings, Id::LlmUnpriced, Id::LlmCallsByPrice] {
        let Some(series) = recorder.series(id) else { continue };
        let overflow: Vec<Box<str>> = series.metric.labels.iter().map(|_| "other".into()).collect();
        let counts = match &series.cells {
            Cells::Counter(family) => counts(family, &overflow, Counter::value),
            Cells::Histogram(family) => counts(family, &overflow, |cell| cell.read().counts.iter().sum()),
            Cells::Gauge(_) | Cells::Stopwatch(_) => continue,
        };
        for (values, n) in counts {
            let [provider, model, rest @ ..] = values else { continue };
            let key = (provider.to_string(), model.to_string());
            let stats = models.entry(key).or_insert_with_key(|(provider, model)| ModelStats {
                provider: provider.clone(),
                model: model.clone(),
                requests: 0,
                tokens: BTreeMap::new(),
                cost_usd: 0.0,
                savings_usd: BTreeMap::new(),
                unpriced: 0,
                calls_by_price: BTreeMap::new(),
            });
            let kind = rest.first().map(ToString::to_string).unwrap_or_default();
            match id {
                Id::LlmCalls => stats.requests += n,
                Id::LlmTokens => *stats.tokens.entry(kind).or_default() += n,
                Id::LlmCost => stats.cost_usd += n as f64 / 1e9,
                Id::LlmSavings => *stats.savings_usd.entry(kind).or_default() += n as f64 / 1e9,
                Id::LlmUnpriced => stats.unpriced += n,
                // In the overflow, the basis is not known either.
                _ => {
                    *stats
                        .calls_by_price
                        .entry(PriceBasis::from_name(&kind).unwrap_or(PriceBasis::NoUsage))
                        .or_default() += n;
                }
            }
        }
    }
    models.into_values().collect()
}

/// Returns the count of each label set of a family; that of the overflow series has the labels of `overflow`.
fn counts<'a, C>(
    family: &'a Family<C>,
    overflow: &'a [Box<str>],
    count: impl Fn(&C) -> u64,
) -> Vec<(&'a [Box<str>], u64)> {
    let overflowed = family.overflowed().map(|cell| (overflow, cell));
    family.iter().chain(overflowed).map(|(values, cell)| (values, count(cell))).collect()
}
