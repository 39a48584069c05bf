//! `overview`: how the program fares.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Source;
use super::row::{Percentiles, count, label};
use crate::clock::Monotonic;
use crate::outcome::Outcome;
use crate::page::history::{History, Primitive, Sample, judged, per_second};
use crate::page::number::{Decimal, ratio};
use crate::schema::Id;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
pub(super) struct Overview<'a> {
    service_name: &'a str,
    service_instance_id: Option<&'a str>,
    version: &'static str,
    started_unix_ns: Decimal,
    calls_per_second: BTreeMap<Outcome, f64>,
    seconds: Percentiles,
    error_ratio: f64,
    cost_nano_usd: Decimal,
    cost_nano_usd_per_hour: Decimal,
    unknown_cost_calls: u64,
    tokens: Decimal,
    tokens_per_second: f64,
    active_workflows: u64,
    movers: Vec<Mover>,
}

#[derive(Serialize)]
struct Mover {
    primitive: &'static str,
    primitive_type: &'static str,
    measure: &'static str,
    before: f64,
    now: f64,
}

const MOST_MOVERS: usize = 10;

/// The fewest calls in either span of time, and the least change that is one.
const FEWEST_CALLS: u64 = 10;
const LEAST_CHANGE: f64 = 0.1;

/// The outcomes of calls whose cost is not known.
const UNKNOWN_COST: [&str; 2] = ["unpriced", "no_usage"];

pub(super) fn overview<'a>(source: &'a Source, history: &History, snapshot: &Snapshot) -> Overview<'a> {
    let sample = history.now(source.recorder, snapshot);
    let before = |seconds| history.samples.before(sample.at, seconds).unwrap_or(&sample);
    let (minute, five_minutes) = (before(60), before(300));
    let in_minute = sample.at.since(minute.at);
    let spent = sample.totals.cost_nano_usd.saturating_sub(five_minutes.totals.cost_nano_usd);
    let by_price = snapshot.rows(Id::LlmCallsByPrice).series.iter();
    let unknown = by_price.filter(|row| UNKNOWN_COST.contains(&label(row, "basis"))).map(count).sum();
    Overview {
        service_name: &source.service_name,
        service_instance_id: source.service_instance_id.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
        started_unix_ns: source.started,
        calls_per_second: Outcome::ALL
            .iter()
            .zip(sample.totals.ended.iter().zip(minute.totals.ended))
            .map(|(outcome, (now, before))| (*outcome, per_second(now.saturating_sub(before), in_minute)))
            .collect(),
        seconds: sample.seconds.into(),
        error_ratio: error_ratio(&sample, five_minutes),
        cost_nano_usd: Decimal(sample.totals.cost_nano_usd),
        cost_nano_usd_per_hour: Decimal((per_second(spent, sample.at.since(five_minutes.at)) * 3_600.0).round() as u64),
        unknown_cost_calls: unknown,
        tokens: Decimal(sample.totals.tokens),
        tokens_per_second: per_second(sample.totals.tokens.saturating_sub(minute.totals.tokens), in_minute),
        active_workflows: sample.totals.active_workflows,
        movers: movers(history, snapshot, sample.at),
    }
}

/// Returns the share of bad calls between two samples.
pub(super) fn error_ratio(now: &Sample, before: &Sample) -> f64 {
    let ([all, bad], [all_before, bad_before]) = (now.totals.judged(), before.totals.judged());
    ratio(bad.saturating_sub(bad_before), all.saturating_sub(all_before))
}

/// Returns the primitives that changed most between the last five minutes and the five minutes before.
fn movers(history: &History, snapshot: &Snapshot, now: Monotonic) -> Vec<Mover> {
    let readings = [5, 10].map(|minutes| history.minutes.before(now, minutes));
    let [Some(middle), Some(first)] = readings else { return Vec::new() };
    if middle.at == first.at {
        return Vec::new();
    }
    // Functions of one name are one primitive, as in the metrics; its calls are compared if those of all of them are known.
    let mut primitives: BTreeMap<_, Option<[Primitive; 2]>> = BTreeMap::new();
    for site in snapshot.sites() {
        let known = [middle, first].map(|reading| reading.primitive(site.constants));
        let calls = if let [Some(at_middle), Some(at_first)] = &known {
            Some([Primitive::of(site).since(at_middle), at_middle.since(at_first)])
        } else {
            None
        };
        let name = (site.constants.name, site.constants.primitive_type);
        match (primitives.entry(name).or_insert_with(|| Some(Default::default())), calls) {
            (Some(sums), Some(more)) => sums.iter_mut().zip(&more).for_each(|(sum, more)| sum.add(more)),
            (sums, _) => *sums = None,
        }
    }
    let mut movers = Vec::new();
    for ((primitive, primitive_type), calls) in primitives {
        let Some([late, early]) = calls else { continue };
        if late.calls().max(early.calls()) < FEWEST_CALLS {
            continue;
        }
        let lasts = [middle.at.since(first.at), now.since(middle.at)];
        let [before, after] = [(&early, lasts[0]), (&late, lasts[1])].map(|(calls, time)| {
            let [all, bad] = judged(calls.ended);
            [
                per_second(calls.calls(), time),
                calls.p95_seconds(),
                ratio(bad, all),
                per_second(calls.cost_nano_usd, time) * 3_600.0 / 1e9,
            ]
        });
        let has_both = early.calls() > 0 && late.calls() > 0;
        let measures = ["calls_per_second", "p95_seconds", "error_ratio", "cost_usd_per_hour"];
        for ((measure, before), now) in measures.into_iter().zip(before).zip(after) {
            // Without calls, there are no durations and no errors to compare.
            let is_comparable = has_both || matches!(measure, "calls_per_second" | "cost_usd_per_hour");
            if is_comparable && change(before, now) >= LEAST_CHANGE {
                movers.push(Mover { primitive, primitive_type, measure, before, now });
            }
        }
    }
    movers.sort_by(|one, other| change(other.before, other.now).total_cmp(&change(one.before, one.now)));
    movers.truncate(MOST_MOVERS);
    movers
}

/// Returns a change as a share of the larger number.
fn change(before: f64, now: f64) -> f64 {
    let larger = before.max(now);
    if larger > 0.0 { (now - before).abs() / larger } else { 0.0 }
}
