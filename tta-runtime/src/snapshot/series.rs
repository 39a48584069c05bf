//! Rows of the metrics that are recorded by label values.

use std::borrow::Cow;

use super::rows::{Distribution, LabelSet, Row, Value, merge};
use crate::clock::Monotonic;
use crate::metric::{Cells, Family};
use crate::recorder::Recorder;
use crate::schema::{Id, Metric};

/// The value of all labels of the overflow series.
pub(super) const OTHER: &str = "other";

/// Returns the series of a metric, sorted by their labels.
pub(super) fn recorded(recorder: &Recorder, id: Id, now: Monotonic) -> Vec<Row> {
    let Some(series) = recorder.series(id) else { return Vec::new() };
    let metric = series.metric;
    let scale = metric.unit.scale();
    let mut rows = match &series.cells {
        Cells::Counter(family) => rows(metric, family, |cell| Value::Number(cell.value() as f64 / scale)),
        Cells::Gauge(family) => rows(metric, family, |cell| Value::Number(cell.value() as f64 / scale)),
        Cells::Histogram(family) => {
            rows(metric, family, |cell| Value::Distribution(Distribution::of(&cell.read(), metric.unit, &[])))
        }
        Cells::Stopwatch(family) => rows(metric, family, |cell| Value::Number(cell.value(now) as f64 / scale)),
    };
    rows.sort_by(|a, b| a.labels.cmp(&b.labels));
    // A recorded value may itself read `other`, as the overflow series does.
    merge(rows)
}

fn rows<C>(metric: &Metric, family: &Family<C>, value: impl Fn(&C) -> Value) -> Vec<Row> {
    let known = family.iter().map(|(values, cell)| {
        let values = values.iter().map(|value| Cow::Owned(value.to_string()));
        Row { labels: names(metric).zip(values).collect(), value: value(cell) }
    });
    let other = || names(metric).map(|name| (name, OTHER.into())).collect();
    let overflow = family.overflowed().map(|cell| Row { labels: other(), value: value(cell) });
    known.chain(overflow).collect()
}

fn names(metric: &Metric) -> impl Iterator<Item = Cow<'static, str>> + use<> {
    metric.labels.iter().map(|&name| Cow::Borrowed(name))
}

/// Returns a metric whose numbers are computed when they are read.
pub(super) fn levels(recorder: &Recorder, id: Id, now: Monotonic) -> Vec<Row> {
    let metric = id.metric();
    let labels = |label: &str| -> LabelSet { names(metric).map(|name| (name, Cow::Owned(label.to_owned()))).collect() };
    let row = |(label, level): (String, i64)| Row {
        labels: labels(&label),
        value: Value::Number(level as f64 / metric.unit.scale()),
    };
    recorder.levels.read(id, now).into_iter().map(row).collect()
}

/// Returns how often each metric had no place for a label set.
pub(super) fn capped(recorder: &'static Recorder) -> Vec<Row> {
    let in_calls = recorder.calls_refused();
    let from_calls = [Id::PrimitiveExecutions, Id::ExecutionDuration].map(|id| (id.metric().name, in_calls));
    let others = Id::ALL.iter().copied().filter(|id| !id.metric().is_about_telemetry());
    let from_series = others.filter_map(|id| Some((id.metric().name, recorder.series(id)?.series_limit.overflowed())));
    let all = from_calls.into_iter().chain(from_series);
    merge(all.map(|(name, n)| Row::number(&[("metric", name)], n as f64)).collect())
}
