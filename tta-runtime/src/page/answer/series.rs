//! `series`: the samples of the last hour.

use serde::Serialize;

use super::Source;
use super::overview::error_ratio;
use crate::outcome::Outcome;
use crate::page::cursor::Cursor;
use crate::page::history::{History, STEP_SECONDS, Sample, WithEarlier, per_second};
use crate::page::number::{Decimal, unix_ns};
use crate::page::query::Query;

#[derive(Serialize)]
pub(super) struct SeriesAnswer {
    step_seconds: u64,
    start_unix_ns: Decimal,
    cursor: String,
    reset: bool,
    series: Vec<OneSeries>,
}

#[derive(Serialize)]
struct OneSeries {
    name: String,
    unit: &'static str,
    values: Vec<Option<f64>>,
}

/// The value of a sample, of the one before and of the one a minute before.
type Read = fn(&Sample, &Sample, &Sample) -> f64;

const OTHERS: [(&str, &str, Read); 7] = [
    ("p50_seconds", "seconds", |sample, _, _| sample.seconds[0]),
    ("p95_seconds", "seconds", |sample, _, _| sample.seconds[1]),
    ("p99_seconds", "seconds", |sample, _, _| sample.seconds[2]),
    ("cost_per_hour", "usd_per_hour", |sample, _, minute| {
        let spent = sample.totals.cost_nano_usd.saturating_sub(minute.totals.cost_nano_usd);
        per_second(spent, sample.at.since(minute.at)) * 3_600.0 / 1e9
    }),
    ("tokens_per_second", "per_second", |sample, before, _| {
        per_second(sample.totals.tokens.saturating_sub(before.totals.tokens), sample.at.since(before.at))
    }),
    ("active_workflows", "count", |sample, _, _| sample.totals.active_workflows as f64),
    ("error_ratio", "ratio", |sample, _, minute| error_ratio(sample, minute)),
];

pub(super) fn series(source: &Source, history: &History, query: &Query<'_>) -> SeriesAnswer {
    let [latest, oldest] = history.samples.numbers();
    let since = Cursor::read(query.text("since"), &source.instance);
    // A later number than the latest one is of no answer.
    let since = since.filter(|since| (oldest..=latest).contains(since));
    let samples = history.samples.after(since.unwrap_or(oldest));
    let values = |read: &dyn Fn(WithEarlier<'_>) -> f64| samples.iter().map(|sample| sample.map(read)).collect();
    let calls = Outcome::ALL.iter().enumerate().map(|(place, outcome)| OneSeries {
        name: format!("calls_{}", outcome.as_str()),
        unit: "per_second",
        values: values(&|(sample, before, _)| calls(sample, before, place)),
    });
    let others = OTHERS.into_iter().map(|(name, unit, read)| OneSeries {
        name: name.to_owned(),
        unit,
        values: values(&|(sample, before, minute)| read(sample, before, minute)),
    });
    let clock = &source.recorder.clock;
    let start = history.samples.time(since.unwrap_or(oldest) + 1);
    SeriesAnswer {
        step_seconds: STEP_SECONDS,
        start_unix_ns: unix_ns(clock.anchor().wall(start)),
        cursor: Cursor::new(&source.instance, latest).to_string(),
        reset: since.is_none(),
        series: calls.chain(others).collect(),
    }
}

/// Returns the calls that ended in the outcome with this place, per second.
fn calls(sample: &Sample, before: &Sample, place: usize) -> f64 {
    let [now, then] = [sample, before].map(|sample| sample.totals.ended.get(place).copied().unwrap_or(0));
    per_second(now.saturating_sub(then), sample.at.since(before.at))
}
