//! Every metric: its name, kind, unit, labels, buckets and help text.

pub mod buckets;
pub(crate) mod genai;
mod table;

pub(crate) use self::table::Id;
pub use self::table::METRICS;

/// What a metric's number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A number that only grows; its name ends in `_total`.
    Counter,
    /// A level that goes up and down.
    Gauge,
    /// Durations, counted by bucket.
    Histogram,
}

/// What one of a metric's number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Things that are counted, and ratios.
    One,
    /// Seconds; counted in nanoseconds.
    Seconds,
    /// US dollars; counted in nano-dollars.
    Usd,
    /// Tokens of models.
    Tokens,
}

impl Unit {
    /// Returns how many of what cells count make one of what is shown.
    pub(crate) const fn scale(self) -> f64 {
        match self {
            Self::One | Self::Tokens => 1.0,
            Self::Seconds | Self::Usd => 1e9,
        }
    }

    /// Returns the unit as the Unified Code for Units of Measure writes it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::One => "",
            Self::Seconds => "s",
            Self::Usd => "{USD}",
            Self::Tokens => "{token}",
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, as Prometheus sees it.
    pub name: &'static str,
    /// What its number is.
    pub kind: Kind,
    /// What one of its number is.
    pub unit: Unit,
    /// The names of its labels; a call site's own labels come after them where `own_labels` says so.
    pub labels: &'static [&'static str],
    /// Whether a call site's own labels are added.
    pub own_labels: bool,
    /// Upper bounds of its buckets in its unit, empty where it is no histogram; a call site may choose others.
    pub buckets: &'static [f64],
    /// What a reader of `/metrics` is told.
    pub help: &'static str,
    /// Whether it is exposed as it is; other metrics are there for the instruments of other [views](crate::View).
    pub shown: bool,
}

impl Metric {
    /// Returns whether it is about the library itself.
    pub(crate) fn is_about_telemetry(&self) -> bool {
        self.name.starts_with("tta_telemetry_")
    }
}
