//! Rows about calls, made from the reading of one call site.

use std::borrow::Cow;

use super::label_set::LabelSet;
use super::rows::{Distribution, Row, Value};
use super::series::OTHER;
use super::site::{LabelledCalls, SiteReading};
use crate::clock::Monotonic;
use crate::metric::CallDurations;
use crate::outcome::Outcome;
use crate::schema::{Id, Unit};
use crate::site::Role;

/// The labels that every metric of a call site begins with.
fn primitive(site: &SiteReading) -> [(&'static str, &'static str); 2] {
    [("primitive_type", site.constants.primitive_type), ("primitive_name", site.constants.name)]
}

pub(super) fn executions(site: &SiteReading) -> Vec<Row> {
    let [primitive_type, primitive_name] = primitive(site);
    let action = ("action", site.constants.action);
    let of_outcome = |calls: &LabelledCalls, (outcome, n): (&Outcome, u64)| {
        let fixed = [primitive_type, primitive_name, action, ("status", outcome.as_str())];
        Row::new(with_own(&fixed, calls), Value::Number(n as f64))
    };
    let of_set = |calls| Outcome::ALL.iter().zip(ended(calls)).map(move |outcome| of_outcome(calls, outcome));
    site.calls.iter().flat_map(of_set).collect()
}

fn ended(calls: &LabelledCalls) -> impl Iterator<Item = u64> {
    calls.counts.ended.iter().copied()
}

pub(super) fn durations(site: &SiteReading) -> Vec<Row> {
    site.calls.iter().map(|calls| duration(with_own(&primitive(site), calls), calls)).collect()
}

/// Returns these labels, then the site's own.
fn with_own(fixed: &[(&'static str, &'static str)], calls: &LabelledCalls) -> LabelSet {
    let fixed = fixed.iter().map(|&(name, value)| (name.into(), value.into()));
    fixed.chain(calls.own_labels.texts()).collect()
}

fn duration(labels: LabelSet, calls: &LabelledCalls) -> Row {
    row(labels, &calls.counts.all)
}

fn row(labels: LabelSet, durations: &CallDurations) -> Row {
    let distribution = Distribution::of(durations.histogram.clone(), Unit::Seconds, &durations.exemplars);
    Row::new(labels, Value::Distribution(distribution))
}

pub(super) fn active(site: &SiteReading) -> [Row; 1] {
    [Row::number(&primitive(site), site.active() as f64)]
}

pub(super) fn per_second(site: &SiteReading, now: Monotonic) -> [Row; 1] {
    [Row::number(&primitive(site), site.cells.rate.per_second(now, site.ended_in_all()))]
}

pub(super) fn workflow_executions(site: &SiteReading) -> Vec<Row> {
    if site.constants.role != Role::Workflow {
        return Vec::new();
    }
    let labels = |outcome: Outcome| [("workflow_name", site.constants.name), ("status", outcome.as_str())];
    Outcome::ALL.iter().map(|&outcome| Row::number(&labels(outcome), site.ended(outcome) as f64)).collect()
}

pub(super) fn workflow_durations(site: &SiteReading) -> Vec<Row> {
    if site.constants.role != Role::Workflow {
        return Vec::new();
    }
    let labels = || LabelSet::from_iter([("workflow_name".into(), site.constants.name.into())]);
    site.calls.iter().map(|calls| duration(labels(), calls)).collect()
}

/// Returns the durations of a site whose calls this metric of the conventions is about, by the site's name and the type of the error.
///
/// Those of errors are read after all others, which agree with the executions: a call that fails meanwhile is among the errors first.
pub(super) fn convention_durations(site: &SiteReading, metric: Id) -> Vec<Row> {
    let Some(failures) = site.cells.failures.as_ref().filter(|failures| failures.metric == metric) else {
        return Vec::new();
    };
    let labels = |error_type: Cow<'static, str>| -> LabelSet {
        let [name, error] = *metric.metric().labels else { return LabelSet::default() };
        [(name.into(), site.constants.name.into()), (error.into(), error_type)].into_iter().collect()
    };
    let successes = site.calls.iter().map(|calls| row(labels("".into()), calls.counts.successes()));
    let by_error_type = &failures.by_error_type;
    let known = by_error_type.sorted().into_iter().filter_map(|series| Some((&**series.values.first()?, &series.cell)));
    let failed = known.chain(by_error_type.overflowed().map(|cell| (OTHER, cell))).map(|(error_type, cell)| {
        let distribution = Distribution::of(cell.read(), Unit::Seconds, &cell.exemplars(site.anchor));
        Row::new(labels(error_type.into()), Value::Distribution(distribution))
    });
    successes.chain(failed).collect()
}

pub(super) fn workflow_costs(site: &SiteReading) -> Option<Row> {
    let costs = site.cells.run_costs.as_ref()?;
    let labels = LabelSet::from_iter([("workflow_name".into(), site.constants.name.into())]);
    let distribution = Distribution::of(costs.read(), Unit::Usd, &costs.exemplars(site.anchor));
    Some(Row::new(labels, Value::Distribution(distribution)))
}

pub(super) fn slo_events(site: &SiteReading) -> Vec<Row> {
    let name = site.constants.name;
    let events = |slo: &'static str, good: u64, bad: u64| {
        let labels = |outcome: &'static str| [("primitive_name", name), ("slo", slo), ("outcome", outcome)];
        [Row::number(&labels("good"), good as f64), Row::number(&labels("bad"), bad as f64)]
    };
    let mut rows = Vec::new();
    if site.constants.slo.availability.is_some() {
        rows.extend(events("availability", site.ended(Outcome::Success), site.bad()));
    }
    if let Some(latency) = site.latency {
        rows.extend(events("latency", latency.within, latency.beyond + site.bad()));
    }
    rows
}

pub(super) fn slo_objectives(site: &SiteReading) -> Vec<Row> {
    let slo = site.constants.slo;
    let objectives = [("availability", slo.availability), ("latency", slo.latency.map(|latency| latency.percent))];
    let known = objectives.into_iter().filter_map(|(slo, percent)| Some((slo, percent?)));
    let labels = |slo| [("primitive_name", site.constants.name), ("slo", slo)];
    known.map(|(slo, percent)| Row::number(&labels(slo), percent / 100.0)).collect()
}

pub(super) fn slo_thresholds(site: &SiteReading) -> Option<Row> {
    let latency = site.constants.slo.latency?;
    Some(Row::number(&[("primitive_name", site.constants.name)], latency.threshold_seconds))
}

/// The series of a guarded function that are 0 until a loop is found.
pub(super) fn loops(site: &SiteReading) -> Vec<Row> {
    declared(site, &["stopped", "counted"], |action| vec![("action", action)])
}

/// The series of a guarded function that is 0 until a loop has a cost.
pub(super) fn loop_costs(site: &SiteReading) -> Vec<Row> {
    declared(site, &[""], |_| Vec::new())
}

/// The series of a guarded function that are 0 until a run reaches a limit.
pub(super) fn run_limits(site: &SiteReading) -> Vec<Row> {
    declared(site, &["steps", "cost"], |limit| vec![("limit", limit)])
}

fn declared(
    site: &SiteReading,
    values: &[&'static str],
    label: impl Fn(&'static str) -> Vec<(&'static str, &'static str)>,
) -> Vec<Row> {
    let name = ("primitive_name", site.constants.name);
    let row = |value: &&'static str| Row::number(&[vec![name], label(value)].concat(), 0.0);
    values.iter().filter(|_| site.constants.is_guarded).map(row).collect()
}
