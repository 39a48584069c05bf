//! The names, units and attributes of the metrics that a collector receives under a view, derived without a running program.

use crate::schema::{Kind, Metric};
use crate::snapshot::RowKind;
use crate::snapshot::view::{Instrument, View};

/// A metric as a collector receives it over OTLP.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMetric {
    /// Its name, such as `gen_ai.client.operation.duration`.
    pub name: &'static str,
    /// The kind of instrument.
    pub instrument: InstrumentKind,
    /// Its unit in the notation of the Unified Code for Units of Measure; empty without one.
    pub unit: &'static str,
    /// Its description.
    pub help: &'static str,
    /// The keys of the attributes that its points may have.
    pub attributes: Vec<String>,
    /// True if its points also have the own labels of annotated functions.
    pub own_labels: bool,
}

/// A kind of instrument, as OpenTelemetry's conventions name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A sum that only grows.
    Counter,
    /// A sum that goes up and down.
    UpDownCounter,
    /// A number that is not added up.
    Gauge,
    /// A distribution.
    Histogram,
}

impl InstrumentKind {
    /// Returns the kind in the notation of weaver's registries, such as `updowncounter`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter => "updowncounter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl View {
    /// Returns the metrics of the view under the names that a collector receives, without ratios of one process, which a collector does
    /// not get.
    ///
    /// ```
    /// use tta_runtime::{InstrumentKind, View};
    ///
    /// let sent = View::Otel.sent();
    /// assert_eq!((sent[0].name, sent[0].instrument), ("primitive.execution.count", InstrumentKind::Counter));
    /// assert_eq!(sent[0].attributes, ["primitive.type", "primitive.name", "primitive.action", "execution.status"]);
    /// ```
    #[must_use]
    pub fn sent(self) -> Vec<SentMetric> {
        let own = self.own_names().map(|id| of_metric(id.metric()));
        self.instruments().filter(|instrument| !instrument.number.is_ratio()).map(of_instrument).chain(own).collect()
    }
}

fn of_metric(metric: &'static Metric) -> SentMetric {
    SentMetric {
        name: metric.name,
        instrument: match metric.kind {
            Kind::Counter => InstrumentKind::Counter,
            Kind::Gauge => InstrumentKind::Gauge,
            Kind::Histogram => InstrumentKind::Histogram,
        },
        unit: metric.unit.code(),
        help: metric.help,
        attributes: metric.labels.iter().map(|&label| label.to_owned()).collect(),
        own_labels: metric.own_labels,
    }
}

fn of_instrument(instrument: &'static Instrument) -> SentMetric {
    SentMetric {
        name: instrument.name,
        instrument: match instrument.kind {
            RowKind::Counter => InstrumentKind::Counter,
            RowKind::Level => InstrumentKind::UpDownCounter,
            RowKind::Gauge | RowKind::Summary | RowKind::Untyped => InstrumentKind::Gauge,
            RowKind::Histogram => InstrumentKind::Histogram,
        },
        unit: instrument.unit,
        help: instrument.help,
        attributes: instrument.label_names().into_iter().map(std::borrow::Cow::into_owned).collect(),
        own_labels: instrument.has_own_labels(),
    }
}
