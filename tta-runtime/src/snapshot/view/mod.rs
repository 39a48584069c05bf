//! Other names for the same numbers.
//!
//! A view is a table: each row makes an instrument of metrics that were recorded anyway. It is applied when the numbers
//! are read, so that no call pays for it.

mod classic;
mod labels;
mod otel;
mod reading;

use crate::schema::Id;
use crate::snapshot::{RowKind, Rows, Snapshot};

/// The names under which the numbers are exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// This library's own, `tta_…`; [`schema`](crate::schema) lists them.
    Tta,
    /// Those of OpenTelemetry: `primitive.execution.duration` and its kin, and for calls to models the metrics of the
    /// conventions for generative AI, `gen_ai.client.…`.
    Otel,
    /// What the conventions for generative AI had before: the one histogram `gen_ai.client.token.usage`.
    OtelTokenUsage,
    /// Those that TTA's older dashboards query, such as `primitive_requests_total` and `cache_hit_rate`.
    ///
    /// Some of its counters have names that `OpenMetrics` cannot write, so `/metrics` answers in Prometheus' own text
    /// format where it is shown.
    Classic,
}

impl View {
    /// All views.
    pub const ALL: &'static [Self] = &[Self::Tta, Self::Otel, Self::OtelTokenUsage, Self::Classic];

    /// Returns the name of the view, as `TTA_METRICS_VIEW` takes it.
    ///
    /// ```
    /// use tta_runtime::View;
    ///
    /// let names: Vec<_> = View::ALL.iter().map(|view| view.as_str()).collect();
    /// assert_eq!(names, ["tta", "otel", "otel_token_usage", "classic"]);
    /// assert_eq!("otel".parse(), Ok(View::Otel));
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tta => "tta",
            Self::Otel => "otel",
            Self::OtelTokenUsage => "otel_token_usage",
            Self::Classic => "classic",
        }
    }

    /// Parses the names of views, separated by commas; `None` where one is unknown or there is none.
    pub(crate) fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(',').map(|name| name.trim().parse().ok()).collect()
    }

    pub(crate) fn instruments(self) -> &'static [Instrument] {
        match self {
            Self::Tta => &[],
            Self::Otel => otel::INSTRUMENTS,
            Self::OtelTokenUsage => otel::TOKEN_USAGE,
            Self::Classic => classic::INSTRUMENTS,
        }
    }
}

impl std::str::FromStr for View {
    type Err = ParseViewError;

    fn from_str(name: &str) -> Result<Self, ParseViewError> {
        let found = Self::ALL.iter().copied().find(|view| view.as_str() == name);
        found.ok_or_else(|| ParseViewError { name: name.to_owned() })
    }
}

/// A name that is no [`View`]'s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown view `{name}`; write `tta`, `otel`, `otel_token_usage` or `classic`")]
#[non_exhaustive]
pub struct ParseViewError {
    /// The name.
    pub name: String,
}

/// A row of a view: an instrument, and what it is read from.
pub(crate) struct Instrument {
    pub(crate) name: &'static str,
    pub(crate) kind: RowKind,
    /// As the Unified Code for Units of Measure writes it; seconds become milliseconds where it says `ms`.
    pub(crate) unit: &'static str,
    pub(crate) help: &'static str,
    pub(crate) labels: Labels,
    pub(crate) number: Number,
}

/// What becomes of the metrics' labels. Those without a value are left out.
pub(crate) struct Labels {
    /// Labels and their names in this view.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    pub(crate) others: Others,
}

/// What becomes of labels that are not renamed.
#[derive(Clone, Copy)]
pub(crate) enum Others {
    /// They stay: a function's own labels.
    Stay,
    /// They go, and the series that differed in them are added up.
    Go,
}

/// How an instrument's number comes about.
pub(crate) enum Number {
    /// All that the parts hold, added up.
    Sum(&'static [Selection]),
    /// The one as a share of the other; nothing where there is nothing to have a share of.
    Share { of: &'static [Selection], among: &'static [Selection] },
    /// What is left of the budget for events that are not good: 1 at first, 0 when the objective is just met.
    BudgetLeft { good: &'static [Selection], events: &'static [Selection], objective: &'static [Selection] },
}

/// Some of the series of a metric.
pub(crate) struct Selection {
    pub(crate) metric: Id,
    /// Labels, and the values that they must have one of.
    pub(crate) only: &'static [(&'static str, &'static [&'static str])],
    /// Labels that are added.
    pub(crate) set: &'static [(&'static str, &'static str)],
}

impl Selection {
    /// All series of a metric.
    pub(crate) const fn all(metric: Id) -> Self {
        Self { metric, only: &[], set: &[] }
    }

    /// The series of a metric whose labels have one of these values.
    pub(crate) const fn only(metric: Id, only: &'static [(&'static str, &'static [&'static str])]) -> Self {
        Self { metric, only, set: &[] }
    }
}

impl Snapshot {
    /// Returns the numbers under the names of each view, one view after the other.
    pub(crate) fn under(&self, views: &[View]) -> Vec<Rows> {
        let of_view = |view: &View| {
            let own = Id::ALL.iter().copied().filter(|id| *view == View::Tta && id.metric().shown);
            let own = own.map(|id| self.rows(id).clone());
            own.chain(view.instruments().iter().map(|instrument| self.instrument(instrument))).collect::<Vec<_>>()
        };
        views.iter().flat_map(of_view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, View};
    use crate::snapshot::RowKind;

    #[test]
    fn views_are_named_one_or_several() {
        assert_eq!(View::parse_list("tta"), Some(vec![View::Tta]));
        assert_eq!(View::parse_list("otel, tta"), Some(vec![View::Otel, View::Tta]));
        assert_eq!(View::parse_list("tta,prometheus"), None);
        assert_eq!(View::parse_list(""), None);
    }

    #[test]
    fn a_row_names_labels_and_values_that_its_metrics_have() {
        for instrument in View::ALL.iter().flat_map(|view| view.instruments()) {
            let parts = match &instrument.number {
                Number::Sum(parts) => parts.iter().collect::<Vec<_>>(),
                Number::Share { of, among } => {
                    assert_eq!(instrument.kind, RowKind::Gauge, "{}", instrument.name);
                    of.iter().chain(*among).collect()
                }
                Number::BudgetLeft { good, events, objective } => {
                    assert_eq!(instrument.kind, RowKind::Gauge, "{}", instrument.name);
                    good.iter().chain(*events).chain(*objective).collect()
                }
            };
            for part in parts {
                let has = |label: &str| part.metric.metric().labels.contains(&label);
                for (label, _) in instrument.labels.renamed {
                    assert!(has(label), "{}: {label}", instrument.name);
                }
                for (label, _) in part.only {
                    assert!(has(label), "{}: {label}", instrument.name);
                }
            }
        }
    }
}
