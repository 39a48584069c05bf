//! All numbers at one moment, as rows: what every exporter reads.
//!
//! A [`Snapshot`] reads each call site and each metric at most once. Rows that are made of the same cells therefore
//! agree with each other, under every view: the executions of a primitive are as many as its histogram counts.

mod calls;
mod exponential;
mod label_set;
mod rows;
mod series;
mod site;
pub(crate) mod stats;
mod tenants;
pub(crate) mod view;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use foldhash::quality::RandomState;

#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) use self::exponential::Exponential;
pub(crate) use self::label_set::LabelSet;
pub(crate) use self::rows::{Distribution, Row, RowExemplar, RowKind, Rows, Value};
use self::rows::{first_of_each, merge, merge_sorted};
pub(crate) use self::site::{LatencyEvents, SiteReading};
use crate::clock::{ClockAnchor, Monotonic};
use crate::label;
use crate::model::{DECODING, price_ages};
use crate::recorder::Recorder;
use crate::schema::{Id, Kind};
use crate::span::DropReason;
use crate::span_limits::LostPart;

/// One reading of everything that a recorder holds.
pub(crate) struct Snapshot {
    recorder: &'static Recorder,
    /// True if functions share a name, or if own labels may read as those of the overflow series.
    has_equal_series: bool,
    now: Monotonic,
    /// Dates the exemplars.
    anchor: ClockAnchor,
    sites: Vec<SiteReading>,
    /// The rows of each metric, by [`Id`], made when they are first asked for.
    rows: Vec<OnceCell<Arc<Rows>>>,
}

impl Snapshot {
    /// Reads every call site. The metrics that are recorded by label values are read once each, when they are needed.
    pub(crate) fn take(recorder: &'static Recorder) -> Self {
        // Costs are counted once the prices are decoded.
        DECODING.wait_for_work();
        let (now, anchor) = (recorder.clock.now(), recorder.clock.anchor());
        let round = recorder.ranks_tenants().then(|| label::top::rank(now));
        let of_site = |(site, cells)| SiteReading::take(site, cells, anchor);
        let sites: Vec<_> = recorder.sites().into_iter().map(of_site).collect();
        let mut names = HashSet::with_capacity_and_hasher(sites.len(), RandomState::default());
        let is_alone = |site: &SiteReading| names.insert(site.constants.name) && !site.has_overflowed();
        let has_equal_series = !sites.iter().all(is_alone);
        let rows = Id::ALL.iter().map(|_| OnceCell::new()).collect();
        let snapshot = Self { recorder, has_equal_series, now, anchor, sites, rows };
        if let Some(round) = round {
            // What a tenant's series count is read before another tenant takes its place.
            for id in [Id::LlmCostByTenant, Id::BudgetRefusalsByTenant] {
                snapshot.rows(id);
            }
            label::top::free_drained(round, |place| snapshot.sites.iter().any(|site| site.is_running(place)));
        }
        snapshot
    }

    /// Returns the call sites, in the order of the recorder's list.
    pub(crate) fn sites(&self) -> &[SiteReading] {
        &self.sites
    }

    /// Returns the rows of one metric.
    #[expect(clippy::indexing_slicing, reason = "there is one cell for each metric")]
    pub(crate) fn rows(&self, id: Id) -> &Arc<Rows> {
        self.rows[id as usize].get_or_init(|| Arc::new(self.read(id)))
    }

    fn read(&self, id: Id) -> Rows {
        let metric = id.metric();
        Rows {
            name: metric.name.into(),
            help: metric.help.into(),
            kind: match metric.kind {
                Kind::Counter => RowKind::Counter,
                Kind::Gauge => RowKind::Gauge,
                Kind::Histogram => RowKind::Histogram,
            },
            unit: metric.unit.code(),
            is_whole: metric.unit.is_whole(),
            series: self.series(id),
        }
    }

    fn series(&self, id: Id) -> Vec<Row> {
        let counts = &self.recorder.spans.counts;
        match id {
            Id::PrimitiveExecutions => self.per_primitive(calls::executions),
            Id::ExecutionDuration => self.per_primitive(calls::durations),
            Id::PrimitiveActive => self.per_primitive(calls::active),
            Id::PrimitiveRate => self.per_primitive(|site| calls::per_second(site, self.now)),
            Id::WorkflowExecutions => merge(self.per_site(calls::workflow_executions)),
            Id::WorkflowDuration => merge(self.per_site(calls::workflow_durations)),
            Id::WorkflowCost => merge(self.per_site(calls::workflow_costs)),
            Id::GenAiToolDuration | Id::GenAiAgentDuration | Id::GenAiWorkflowDuration => {
                merge(self.per_site(|site| calls::convention_durations(site, id)))
            }
            Id::LlmRequests => series::model_requests(&self.rows(Id::LlmCalls).series),
            Id::LlmRequestDuration => series::model_durations(&self.rows(Id::LlmCalls).series),
            Id::SloEvents => self.with_evaluations(id, merge(self.per_site(calls::slo_events))),
            Id::SloObjective => self.with_evaluations(id, first_of_each(self.per_site(calls::slo_objectives))),
            Id::SloLatencyThreshold => first_of_each(self.per_site(calls::slo_thresholds)),
            Id::TelemetrySpansEnded => vec![Row::number(&[], self.recorder.spans.ended() as f64)],
            Id::TelemetrySpansExported => vec![Row::number(&[], counts.exported.load(Ordering::Relaxed) as f64)],
            Id::TelemetrySpansDropped => DropReason::ALL
                .into_iter()
                .map(|reason| Row::number(&[("reason", reason.as_str())], counts.dropped(reason) as f64))
                .collect(),
            Id::TelemetrySpanQueue => vec![Row::number(&[], self.recorder.spans.held() as f64)],
            Id::TelemetrySpanPartsDropped => LostPart::ALL
                .into_iter()
                .map(|part| Row::number(&[("part", part.as_str())], part.lost() as f64))
                .collect(),
            Id::TelemetryCapped => series::capped(self.recorder),
            Id::TelemetryLabelValuesCapped => label::capped_overflows()
                .into_iter()
                .map(|(label, n)| Row::number(&[("label", label)], n as f64))
                .collect(),
            Id::TelemetryTopError => label::top::top_errors()
                .into_iter()
                .map(|(label, error)| Row::number(&[("label", label)], error as f64))
                .collect(),
            Id::LlmCostByTenant => series::by_tenant(self.recorder, id, &self.recorder.cost_by_tenant),
            Id::BudgetRefusalsByTenant => series::by_tenant(self.recorder, id, &self.recorder.refusals_by_tenant),
            Id::LlmPricesAge => price_ages(self.recorder.clock.anchor().wall(self.now))
                .into_iter()
                .map(|(source, age)| Row::number(&[("source", source)], age.as_secs_f64()))
                .collect(),
            Id::BudgetRemaining
            | Id::BudgetUnspent
            | Id::BudgetRemainingTokens
            | Id::BudgetRemainingRequests
            | Id::BudgetAccounts
            | Id::BudgetAway => series::levels(self.recorder, id, self.now),
            Id::CacheOperations => self.cache_operations(),
            Id::Loops => self.recorded_and(id, calls::loops),
            Id::LoopsCost => self.recorded_and(id, calls::loop_costs),
            Id::RunLimits => self.recorded_and(id, calls::run_limits),
            Id::BuildInfo => vec![Row::number(&[("version", env!("CARGO_PKG_VERSION"))], 1.0)],
            _ => self.recorded(id),
        }
    }

    fn recorded(&self, id: Id) -> Vec<Row> {
        series::recorded(self.recorder, id, self.now, self.anchor)
    }

    /// Returns the rows of the objectives of functions, and then those of evaluations, which are recorded.
    fn with_evaluations(&self, id: Id, mut of_functions: Vec<Row>) -> Vec<Row> {
        of_functions.extend(self.recorded(id));
        of_functions
    }

    /// Returns the recorded rows, and those that are there from the start.
    fn recorded_and<R: IntoIterator<Item = Row>>(&self, id: Id, declared: impl Fn(&SiteReading) -> R) -> Vec<Row> {
        let mut rows = self.recorded(id);
        rows.extend(self.per_site(declared));
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        merge_sorted(rows)
    }

    /// Returns the rows of metrics with the labels of a primitive.
    fn per_primitive<R: IntoIterator<Item = Row>>(&self, rows: impl Fn(&SiteReading) -> R) -> Vec<Row> {
        let rows = self.per_site(rows);
        // Two functions may share a name: their calls are then one series.
        if self.has_equal_series { merge(rows) } else { rows }
    }

    fn per_site<R: IntoIterator<Item = Row>>(&self, rows: impl Fn(&SiteReading) -> R) -> Vec<Row> {
        self.sites.iter().flat_map(rows).collect()
    }

    /// Returns what caches did: the operations that were counted, and the look-ups that were timed, which their
    /// histogram alone counts.
    fn cache_operations(&self) -> Vec<Row> {
        let mut rows = self.recorded(Id::CacheOperations);
        for Row { labels, value, .. } in &self.rows(Id::CacheLatency).series {
            if let Value::Distribution(times) = value {
                rows.push(Row::new(labels.clone(), Value::Number(times.count() as f64)));
            }
        }
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        merge_sorted(rows)
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
