//! The schema of what is recorded: each metric with its kind, unit, labels, buckets and help text, and each attribute with its type.

mod attribute;
mod attributes;
pub mod buckets;
pub(crate) mod genai;
pub(crate) mod genai_attributes;
pub(crate) mod providers;
mod table;

pub use self::attribute::{Attribute, AttributeType};
pub use self::attributes::attributes;
pub(crate) use self::table::Id;
pub use self::table::METRICS;

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A number that only grows; its name ends in `_total`.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Durations or amounts, counted by bucket.
    Histogram,
}

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// No unit: counts and ratios.
    One,
    /// Seconds; cells count nanoseconds.
    Seconds,
    /// US dollars; cells count nano-dollars.
    Usd,
    /// Tokens of models.
    Tokens,
    /// Scores and wanted shares, from 0 to 1; cells count billionths.
    Score,
}

impl Unit {
    /// Returns the number of cell units in one unit of the metric.
    pub(crate) const fn scale(self) -> f64 {
        match self {
            Self::One | Self::Tokens => 1.0,
            Self::Seconds | Self::Usd | Self::Score => 1e9,
        }
    }

    /// Returns whether a counter of this unit has whole numbers alone.
    pub(crate) const fn is_whole(self) -> bool {
        matches!(self, Self::One | Self::Tokens)
    }

    /// Returns the unit in the notation of the Unified Code for Units of Measure.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::One | Self::Score => "",
            Self::Seconds => "s",
            Self::Usd => "{USD}",
            Self::Tokens => "{token}",
        }
    }
}

/// The definition of a metric.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Metric {
    /// The name in Prometheus.
    pub name: &'static str,
    /// The kind: counter, gauge or histogram.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The names of the labels. With `own_labels`, a call site's own labels follow them.
    pub labels: &'static [&'static str],
    /// True if a call site's own labels are added.
    pub own_labels: bool,
    /// The upper bounds of the buckets, in the unit of the metric; empty unless it is a histogram. A call site may choose
    /// others.
    pub buckets: &'static [f64],
    /// The help text in `/metrics`.
    pub help: &'static str,
    /// True if the default [view](crate::View) exposes the metric; other metrics feed the instruments of other views.
    pub shown: bool,
}

impl Metric {
    /// Returns whether the metric is about the library itself.
    pub(crate) fn is_about_telemetry(&self) -> bool {
        self.name.starts_with("tta_telemetry_")
    }
}
