//! Rows of the metrics that are recorded by label values.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use super::label_set::LabelSet;
use super::rows::{Distribution, Row, RowExemplar, Value, merge, merge_sorted};
use super::tenants;
use crate::clock::{ClockAnchor, Monotonic};
use crate::label::top::Folding;
use crate::metric::{Cells, Family, Series};
use crate::recorder::Recorder;
use crate::schema::{Id, Metric};

/// The value of all labels of the overflow series.
pub(super) const OTHER: &str = "other";

/// Returns the series of a metric, sorted by their labels; `anchor` dates the exemplars.
pub(super) fn recorded(recorder: &'static Recorder, id: Id, now: Monotonic, anchor: ClockAnchor) -> Vec<Row> {
    let Some(series) = recorder.series(id) else { return Vec::new() };
    let metric = series.metric;
    let scale = metric.unit.scale();
    let number = |labels, number: f64| Row::new(labels, Value::Number(number / scale));
    match &series.cells {
        Cells::Counter(family) => rows(metric, family, |labels, cell| {
            let exemplar = cell.exemplar(anchor).map(|exemplar| RowExemplar::of(exemplar, metric.unit));
            Row { exemplar, ..number(labels, cell.value() as f64) }
        }),
        Cells::Gauge(family) => rows(metric, family, |labels, cell| number(labels, cell.value() as f64)),
        Cells::Histogram(family) => rows(metric, family, |labels, cell| {
            let distribution = Distribution::of(cell.read(), metric.unit, &cell.exemplars(anchor));
            Row::new(labels, Value::Distribution(distribution))
        }),
        Cells::Stopwatch(family) => rows(metric, family, |labels, cell| number(labels, cell.value(now) as f64)),
    }
}

fn rows<C>(metric: &'static Metric, family: &'static Family<C>, row: impl Fn(LabelSet, &C) -> Row) -> Vec<Row> {
    let known = |series: &'static Series<C>| row(LabelSet::recorded(metric.labels, &series.values), &series.cell);
    let mut rows: Vec<Row> = family.sorted().into_iter().map(known).collect();
    if let Some(cell) = family.overflowed() {
        let other = row(names(metric).map(|name| (name, OTHER.into())).collect(), cell);
        // A recorded value may itself read `other`, as the overflow series does.
        match rows.binary_search_by(|row| row.labels.cmp(&other.labels)) {
            Ok(place) => rows.get_mut(place).into_iter().for_each(|row| row.add(other.clone())),
            Err(place) => rows.insert(place, other),
        }
    }
    rows
}

fn names(metric: &Metric) -> impl Iterator<Item = Cow<'static, str>> + use<> {
    metric.labels.iter().map(|&name| Cow::Borrowed(name))
}

/// Returns a metric whose numbers are computed when they are read.
pub(super) fn levels(recorder: &Recorder, id: Id, now: Monotonic) -> Vec<Row> {
    let metric = id.metric();
    let labels = |label: &str| -> LabelSet { names(metric).map(|name| (name, Cow::Owned(label.to_owned()))).collect() };
    let row =
        |(label, level): (String, i64)| Row::new(labels(&label), Value::Number(level as f64 / metric.unit.scale()));
    recorder.levels.read(id, now).into_iter().map(row).collect()
}

/// Returns a counter of each tenant that has a place, and of all others.
pub(super) fn by_tenant(recorder: &'static Recorder, id: Id, folding: &Mutex<Folding<u64>>) -> Vec<Row> {
    let Some(series) = recorder.series(id) else { return Vec::new() };
    let (Cells::Counter(family), metric) = (&series.cells, series.metric) else { return Vec::new() };
    // Locked before the cells are read: of two scrapes, the later one to fold has read what the earlier one has.
    let mut folding = folding.lock().unwrap_or_else(PoisonError::into_inner);
    let top = metric.labels.iter().position(|label| *label == "tenant").unwrap_or_default();
    let sets: Vec<_> = family.iter().map(|(values, cell)| (values, cell.value())).collect();
    let row = |(values, n): (Vec<String>, u64)| {
        let labels = names(metric).zip(values.into_iter().map(Cow::Owned)).collect();
        Row::new(labels, Value::Number(n as f64 / metric.unit.scale()))
    };
    let overflow = family.overflowed().map(|cell| (vec![OTHER.to_owned(); metric.labels.len()], cell.value()));
    let unfolded = tenants::unfold(&mut folding, top, sets);
    let mut rows: Vec<Row> = unfolded.into_iter().chain(overflow).map(row).collect();
    rows.sort_by(|one, other| one.labels.cmp(&other.labels));
    merge_sorted(rows)
}

/// The metrics that are made of the cells of [`Id::LlmCalls`].
const MADE_OF_MODEL_CALLS: [Id; 2] = [Id::LlmRequests, Id::LlmRequestDuration];

/// Returns the number of calls to models by outcome, from the rows of their durations.
pub(super) fn model_requests(calls: &[Row]) -> Vec<Row> {
    let request = |Row { labels, value, .. }: &Row| {
        let Value::Distribution(durations) = value else { return None };
        // The exemplar of a counter has what the call added to it.
        let latest = durations.buckets().filter_map(|(.., exemplar)| exemplar).max_by_key(|latest| latest.at);
        let exemplar = latest.map(|latest| RowExemplar { value: 1.0, ..latest });
        Some(Row { exemplar, ..Row::new(labels.clone(), Value::Number(durations.count() as f64)) })
    };
    calls.iter().filter_map(request).collect()
}

/// Returns the durations of calls to models of all outcomes together, from the rows of their durations.
pub(super) fn model_durations(calls: &[Row]) -> Vec<Row> {
    let without_outcome = |Row { labels, value, .. }: &Row| {
        let labels = labels.texts().filter(|(name, _)| name != "status").collect();
        Row::new(labels, value.clone())
    };
    merge(calls.iter().map(without_outcome).collect())
}

/// Returns how often each metric had no place for a label set.
pub(super) fn capped(recorder: &'static Recorder) -> Vec<Row> {
    const MADE_OF_CALLS: [Id; 2] = [Id::PrimitiveExecutions, Id::ExecutionDuration];
    let in_calls = recorder.calls_refused();
    let refused = |id| recorder.series(id).map_or(0, |series| series.series_limit.overflowed());
    let from_calls = MADE_OF_CALLS.map(|id| (id, in_calls));
    let from_model_calls = MADE_OF_MODEL_CALLS.map(|id| (id, refused(Id::LlmCalls)));
    let has_own_series = |id: &Id| {
        let is_derived = *id == Id::LlmCalls || MADE_OF_CALLS.contains(id) || MADE_OF_MODEL_CALLS.contains(id);
        !is_derived && !id.metric().is_about_telemetry()
    };
    let from_series = Id::ALL.iter().copied().filter(has_own_series).map(|id| (id, refused(id)));
    let all = from_calls.into_iter().chain(from_model_calls).chain(from_series);
    all.map(|(id, n)| Row::number(&[("metric", id.metric().name)], n as f64)).collect()
}
