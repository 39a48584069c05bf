//! Plain rows of numbers: what every exporter reads.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use crate::call_site::{CallSite, Calls, Constants, Role, SiteCells};
use crate::clock::Monotonic;
use crate::label;
use crate::metric::{CallCounts, Cells, Exemplar, Family, HistogramCounts};
use crate::model::DECODING;
use crate::outcome::Outcome;
use crate::recorder::Recorder;
use crate::schema::{Id, Kind, Metric, Unit};
use crate::span::DropReason;

/// The series of one metric at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) name: Cow<'static, str>,
    pub(crate) help: Cow<'static, str>,
    pub(crate) kind: RowKind,
    /// As the Unified Code for Units of Measure writes it, empty where it is not known.
    pub(crate) unit: &'static str,
    pub(crate) series: Vec<Row>,
}

/// What the rows of a metric are; a host's own metrics may also be untyped or summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    Counter,
    Gauge,
    /// A gauge whose series add up: of things in progress.
    Level,
    Histogram,
    Summary,
    Untyped,
}

/// One series at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) labels: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) value: Value,
}

/// What a series holds, in the unit that readers see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Distribution(Distribution),
    Quantiles { quantiles: Vec<(f64, f64)>, count: u64, sum: f64 },
}

/// A histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Distribution {
    /// Upper bound and count of each bucket, not cumulative; the last bound is infinite.
    pub(crate) buckets: Vec<(f64, u64, Option<Exemplar>)>,
    pub(crate) sum: f64,
}

impl Distribution {
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count, _)| count).sum()
    }
}

/// Reads one metric.
pub(crate) fn read(recorder: &'static Recorder, id: Id) -> Rows {
    // What calls cost is counted once the prices are decoded.
    DECODING.wait_for_work();
    let metric = id.metric();
    let rows = match id {
        Id::PrimitiveExecutions => calls(recorder, executions),
        Id::ExecutionDuration => calls(recorder, durations),
        Id::PrimitiveActive => merge(per_site(recorder, active)),
        Id::PrimitiveRate => {
            let now = recorder.clock.now();
            merge(per_site(recorder, |site| rate(site, now)))
        }
        Id::WorkflowExecutions => merge(per_site(recorder, workflow_executions)),
        Id::WorkflowDuration => merge(per_site(recorder, workflow_duration)),
        Id::SloEvents => merge(per_site(recorder, slo_events)),
        Id::SloObjective => first_of_each(per_site(recorder, slo_objectives)),
        Id::SloLatencyThreshold => first_of_each(per_site(recorder, slo_thresholds)),
        Id::TelemetrySpansEnded => vec![row(&[], recorder.spans.counts.ended.load(Ordering::Relaxed) as f64)],
        Id::TelemetrySpansExported => vec![row(&[], recorder.spans.counts.exported.load(Ordering::Relaxed) as f64)],
        Id::TelemetrySpansDropped => DropReason::ALL
            .into_iter()
            .map(|reason| row(&[("reason", reason.as_str())], recorder.spans.counts.dropped(reason) as f64))
            .collect(),
        Id::TelemetrySpanQueue => vec![row(&[], recorder.spans.queued() as f64)],
        Id::TelemetryCapped => capped(recorder),
        Id::TelemetryLabelValuesCapped => {
            label::capped_overflows().into_iter().map(|(label, n)| row(&[("label", label)], n as f64)).collect()
        }
        Id::BudgetRemaining => levels(recorder, id),
        Id::CacheOperations => cache_operations(recorder),
        Id::BuildInfo => vec![row(&[("version", env!("CARGO_PKG_VERSION"))], 1.0)],
        _ => recorded(recorder, id),
    };
    Rows {
        name: metric.name.into(),
        help: metric.help.into(),
        kind: match metric.kind {
            Kind::Counter => RowKind::Counter,
            Kind::Gauge => RowKind::Gauge,
            Kind::Histogram => RowKind::Histogram,
        },
        unit: metric.unit.code(),
        series: rows,
    }
}

fn row(labels: &[(&'static str, &'static str)], value: f64) -> Row {
    let labels = labels.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    Row { labels, value: Value::Number(value) }
}

/// Reads the metrics that are recorded by label values.
fn recorded(recorder: &Recorder, id: Id) -> Vec<Row> {
    let Some(series) = recorder.series(id) else { return Vec::new() };
    let metric = series.metric;
    let scale = metric.unit.scale();
    let mut rows = match &series.cells {
        Cells::Counter(family) => family_rows(metric, family, |cell| Value::Number(cell.value() as f64 / scale)),
        Cells::Gauge(family) => family_rows(metric, family, |cell| Value::Number(cell.value() as f64 / scale)),
        Cells::Histogram(family) => {
            family_rows(metric, family, |cell| Value::Distribution(distribution(&cell.read(), scale, &[])))
        }
        Cells::Stopwatch(family) => {
            let now = recorder.clock.now();
            family_rows(metric, family, |cell| Value::Number(cell.value(now) as f64 / scale))
        }
    };
    rows.sort_by(|a, b| a.labels.cmp(&b.labels));
    // A value may itself read `other`, as the overflow series does.
    merge(rows)
}

/// Reads what caches did: what was counted, and the look-ups whose time was taken, which are counted by it alone.
fn cache_operations(recorder: &Recorder) -> Vec<Row> {
    let mut rows = recorded(recorder, Id::CacheOperations);
    for Row { labels, value } in recorded(recorder, Id::CacheLatency) {
        if let Value::Distribution(times) = value {
            rows.push(Row { labels, value: Value::Number(times.count() as f64) });
        }
    }
    rows.sort_by(|a, b| a.labels.cmp(&b.labels));
    merge(rows)
}

fn family_rows<C>(metric: &Metric, family: &Family<C>, value: impl Fn(&C) -> Value) -> Vec<Row> {
    let named = |values: &[Box<str>]| {
        let values = values.iter().map(|value| Cow::Owned(value.to_string()));
        metric.labels.iter().map(|&name| Cow::Borrowed(name)).zip(values).collect()
    };
    let mut rows: Vec<_> =
        family.iter().map(|(values, cell)| Row { labels: named(values), value: value(cell) }).collect();
    rows.extend(family.overflowed().map(|cell| Row { labels: overflow_labels(metric), value: value(cell) }));
    rows
}

/// Reads a metric whose numbers are asked for when somebody looks.
fn levels(recorder: &Recorder, id: Id) -> Vec<Row> {
    let metric = id.metric();
    let row = |(label, level): (String, i64)| {
        let labels = metric.labels.iter().map(|&name| (Cow::Borrowed(name), Cow::Owned(label.clone()))).collect();
        Row { labels, value: Value::Number(level as f64 / metric.unit.scale()) }
    };
    recorder.levels.read(id, recorder.clock.now()).into_iter().map(row).collect()
}

/// Labels of the series that holds what a metric has no place for.
const OTHER: &str = "other";

fn overflow_labels(metric: &Metric) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
    metric.labels.iter().map(|&name| (name.into(), OTHER.into())).collect()
}

fn capped(recorder: &'static Recorder) -> Vec<Row> {
    let in_calls = recorder.calls_refused();
    let from_calls = [Id::PrimitiveExecutions, Id::ExecutionDuration].map(|id| (id.metric().name, in_calls));
    let from_series = Id::ALL
        .into_iter()
        .filter(|id| !id.metric().is_about_telemetry())
        .filter_map(|id| Some((id.metric().name, recorder.series(id)?.budget.refused())));
    let all = from_calls.into_iter().chain(from_series);
    merge(all.map(|(name, n)| row(&[("metric", name)], n as f64)).collect())
}

/// What one label set of one call site counted, under the labels that all its metrics begin with.
struct SiteCalls<'a> {
    constants: &'a Constants,
    own: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    counts: CallCounts,
}

fn calls(recorder: &'static Recorder, rows: impl Fn(&SiteCalls<'_>) -> Vec<Row>) -> Vec<Row> {
    let mut all = Vec::new();
    for (site, cells) in recorder.sites() {
        all.extend(site_calls(site, cells).iter().flat_map(&rows));
    }
    // Two functions may share a name: their calls are then one series.
    merge(all)
}

fn site_calls<'a>(site: &'a CallSite, cells: &SiteCells) -> Vec<SiteCalls<'a>> {
    let constants = &site.constants;
    match &cells.calls {
        Calls::Plain(cell) => vec![SiteCalls { constants, own: Vec::new(), counts: cell.read() }],
        Calls::Labelled(family) => {
            let named = |values: &mut dyn Iterator<Item = Cow<'static, str>>| {
                constants.labels.iter().map(|label| Cow::Borrowed(label.name)).zip(values).collect()
            };
            let owned = |values: &[Box<str>]| named(&mut values.iter().map(|value| Cow::Owned(value.to_string())));
            let mut calls: Vec<_> = family
                .iter()
                .map(|(values, cell)| SiteCalls { constants, own: owned(values), counts: cell.read() })
                .collect();
            // What found no place stays the function's own, so that no sum over its series is wrong.
            let other = || named(&mut std::iter::repeat(Cow::Borrowed(OTHER)));
            calls.extend(family.overflowed().map(|cell| SiteCalls { constants, own: other(), counts: cell.read() }));
            calls.sort_by(|a, b| a.own.cmp(&b.own));
            calls
        }
    }
}

fn executions(calls: &SiteCalls<'_>) -> Vec<Row> {
    let Constants { primitive_type, name, action, .. } = *calls.constants;
    Outcome::ALL
        .into_iter()
        .zip(calls.counts.ended)
        .map(|(outcome, n)| {
            let fixed = [
                ("primitive_type", primitive_type),
                ("primitive_name", name),
                ("action", action),
                ("status", outcome.as_str()),
            ];
            let mut row = row(&fixed, n as f64);
            row.labels.extend(calls.own.iter().cloned());
            row
        })
        .collect()
}

fn durations(calls: &SiteCalls<'_>) -> Vec<Row> {
    let Constants { primitive_type, name, .. } = *calls.constants;
    let mut row = row(&[("primitive_type", primitive_type), ("primitive_name", name)], 0.0);
    row.labels.extend(calls.own.iter().cloned());
    row.value =
        Value::Distribution(distribution(&calls.counts.duration, Unit::Seconds.scale(), &calls.counts.exemplars));
    vec![row]
}

fn distribution(counts: &HistogramCounts, scale: f64, exemplars: &[Option<Exemplar>]) -> Distribution {
    let bounds = counts.bounds.iter().copied().chain([f64::INFINITY]);
    let exemplars = exemplars.iter().copied().chain(std::iter::repeat(None));
    let buckets = bounds.zip(&counts.counts).zip(exemplars).map(|((bound, &n), exemplar)| (bound, n, exemplar));
    Distribution { buckets: buckets.collect(), sum: counts.sum as f64 / scale }
}

/// The numbers of one call site over all its label sets.
struct SiteTotals<'a> {
    constants: &'a Constants,
    cells: &'a SiteCells,
    calls: Vec<SiteCalls<'a>>,
}

impl SiteTotals<'_> {
    fn ended(&self, outcome: Outcome) -> u64 {
        self.calls.iter().filter_map(|calls| calls.counts.ended.get(outcome.index())).sum()
    }

    fn bad(&self) -> u64 {
        Outcome::ALL.into_iter().filter(|outcome| outcome.is_bad()).map(|outcome| self.ended(outcome)).sum()
    }
}

fn per_site(recorder: &'static Recorder, rows: impl Fn(&SiteTotals<'_>) -> Vec<Row>) -> Vec<Row> {
    let sites = recorder.sites();
    let all = sites.into_iter().flat_map(|(site, cells)| {
        rows(&SiteTotals { constants: &site.constants, cells, calls: site_calls(site, cells) })
    });
    all.collect()
}

fn active(site: &SiteTotals<'_>) -> Vec<Row> {
    let Constants { primitive_type, name, .. } = *site.constants;
    let n: u64 = site.calls.iter().map(|calls| calls.counts.active()).sum();
    vec![row(&[("primitive_type", primitive_type), ("primitive_name", name)], n as f64)]
}

fn rate(site: &SiteTotals<'_>, now: Monotonic) -> Vec<Row> {
    let Constants { primitive_type, name, .. } = *site.constants;
    let ended = Outcome::ALL.into_iter().map(|outcome| site.ended(outcome)).sum();
    vec![row(&[("primitive_type", primitive_type), ("primitive_name", name)], site.cells.rate.per_second(now, ended))]
}

fn workflow_executions(site: &SiteTotals<'_>) -> Vec<Row> {
    if site.constants.role != Role::Workflow {
        return Vec::new();
    }
    let labels = |outcome: Outcome| [("workflow_name", site.constants.name), ("status", outcome.as_str())];
    Outcome::ALL.into_iter().map(|outcome| row(&labels(outcome), site.ended(outcome) as f64)).collect()
}

fn workflow_duration(site: &SiteTotals<'_>) -> Vec<Row> {
    if site.constants.role != Role::Workflow {
        return Vec::new();
    }
    let mut rows: Vec<_> = site.calls.iter().flat_map(durations).collect();
    for row in &mut rows {
        row.labels = vec![("workflow_name".into(), site.constants.name.into())];
    }
    rows
}

fn slo_events(site: &SiteTotals<'_>) -> Vec<Row> {
    let name = site.constants.name;
    let events = |slo: &'static str, good: u64, bad: u64| {
        let labels = |outcome: &'static str| [("primitive_name", name), ("slo", slo), ("outcome", outcome)];
        [row(&labels("good"), good as f64), row(&labels("bad"), bad as f64)]
    };
    let success = site.ended(Outcome::Success);
    let mut rows = Vec::new();
    if site.constants.slo.availability.is_some() {
        rows.extend(events("availability", success, site.bad()));
    }
    if let Some(latency) = &site.cells.latency {
        rows.extend(events("latency", latency.good.value(), latency.slow.value() + site.bad()));
    }
    rows
}

fn slo_objectives(site: &SiteTotals<'_>) -> Vec<Row> {
    let slo = site.constants.slo;
    let objectives = [("availability", slo.availability), ("latency", slo.latency.map(|latency| latency.percent))];
    let known = objectives.into_iter().filter_map(|(slo, percent)| Some((slo, percent?)));
    known.map(|(slo, percent)| row(&[("primitive_name", site.constants.name), ("slo", slo)], percent / 100.0)).collect()
}

fn slo_thresholds(site: &SiteTotals<'_>) -> Vec<Row> {
    let latency = site.constants.slo.latency;
    let rows = latency.map(|latency| row(&[("primitive_name", site.constants.name)], latency.threshold_seconds));
    rows.into_iter().collect()
}

/// Keeps the first of rows with equal labels: what two functions of one name declare is not to be added up.
fn first_of_each(mut rows: Vec<Row>) -> Vec<Row> {
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(row.labels.clone()));
    rows
}

/// Adds up rows with equal labels: two functions of one name are one primitive.
fn merge(rows: Vec<Row>) -> Vec<Row> {
    let mut places = std::collections::HashMap::new();
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match places.get(&row.labels).and_then(|&place: &usize| merged.get_mut(place)) {
            Some(have) => add(&mut have.value, row.value),
            None => {
                places.insert(row.labels.clone(), merged.len());
                merged.push(row);
            }
        }
    }
    merged
}

fn add(to: &mut Value, from: Value) {
    match (to, from) {
        (Value::Number(to), Value::Number(from)) => *to += from,
        (Value::Distribution(to), Value::Distribution(from)) => {
            // Functions that share a name should share their buckets; where they do not, the first ones' stand, and
            // each observation goes to the bucket that surely holds it.
            for (bound, n, exemplar) in from.buckets {
                if let Some(bucket) = to.buckets.iter_mut().find(|(have, ..)| *have >= bound) {
                    bucket.1 += n;
                    bucket.2 = bucket.2.or(exemplar);
                }
            }
            to.sum += from.sum;
        }
        (Value::Quantiles { .. } | Value::Number(_) | Value::Distribution(_), _) => {}
    }
}
