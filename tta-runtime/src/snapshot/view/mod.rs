//! Views: the same numbers under the names of another convention.
//!
//! A view is a table whose rows derive an instrument from recorded metrics. It is applied when a snapshot is read, so
//! recording costs the same under every view.

mod classic;
#[cfg(test)]
mod genai_page;
mod labels;
mod otel;
mod reading;

use std::sync::Arc;

use crate::schema::Id;
use crate::snapshot::{RowKind, Rows, Snapshot};

/// A naming convention under which the numbers are exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum View {
    /// This library's own names, `tta_…`; [`schema`](crate::schema) lists them. The durations of the Model Context Protocol have
    /// the names of the conventions.
    Tta,
    /// OpenTelemetry's instruments: `primitive.execution.duration` and others, and for model calls the metrics of the
    /// semantic conventions for generative AI, `gen_ai.client.…`.
    Otel,
    /// The same with the newest names of these conventions: `gen_ai.client.inference.duration` for inference,
    /// `gen_ai.client.operation.duration` for embeddings alone, `gen_ai.client.inference.time_to_first_chunk`.
    ///
    /// `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` puts it in the place of [`Otel`](Self::Otel) where the
    /// environment chooses the views.
    OtelLatest,
    /// The histogram `gen_ai.client.token.usage` of earlier semantic conventions for generative AI.
    OtelTokenUsage,
    /// The names that older TTA dashboards query, such as `primitive_requests_total` and `cache_hit_rate`.
    ///
    /// OpenMetrics cannot express the names of some of its counters, so `/metrics` answers in Prometheus' text format
    /// while this view is exposed.
    Classic,
}

impl View {
    /// All views.
    pub const ALL: &'static [Self] = &[Self::Tta, Self::Otel, Self::OtelLatest, Self::OtelTokenUsage, Self::Classic];

    /// Returns the name of the view, as `TTA_METRICS_VIEW` takes it.
    ///
    /// ```
    /// use tta_runtime::View;
    ///
    /// let names: Vec<_> = View::ALL.iter().map(|view| view.as_str()).collect();
    /// assert_eq!(names, ["tta", "otel", "otel_latest", "otel_token_usage", "classic"]);
    /// assert_eq!("otel".parse(), Ok(View::Otel));
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tta => "tta",
            Self::Otel => "otel",
            Self::OtelLatest => "otel_latest",
            Self::OtelTokenUsage => "otel_token_usage",
            Self::Classic => "classic",
        }
    }

    /// Parses a comma-separated list of view names; `None` if one is unknown or the list is empty.
    pub(crate) fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(',').map(|name| name.trim().parse().ok()).collect()
    }

    pub(crate) fn instruments(self) -> impl Iterator<Item = &'static Instrument> {
        let tables: [&[Instrument]; 3] = match self {
            Self::Tta => [otel::MCP, &[], &[]],
            Self::Otel => [otel::INSTRUMENTS, otel::MCP, otel::TODAY],
            Self::OtelLatest => [otel::INSTRUMENTS, otel::MCP, otel::LATEST],
            Self::OtelTokenUsage => [otel::TOKEN_USAGE, &[], &[]],
            Self::Classic => [classic::INSTRUMENTS, otel::MCP, &[]],
        };
        tables.into_iter().flatten()
    }
}

impl std::str::FromStr for View {
    type Err = ParseViewError;

    fn from_str(name: &str) -> Result<Self, ParseViewError> {
        let found = Self::ALL.iter().copied().find(|view| view.as_str() == name);
        found.ok_or_else(|| ParseViewError { name: name.to_owned() })
    }
}

/// An error for a name that no [`View`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown view `{name}`; write `tta`, `otel`, `otel_latest`, `otel_token_usage` or `classic`")]
#[non_exhaustive]
pub struct ParseViewError {
    /// The unknown name.
    pub name: String,
}

/// A row of a view: an instrument, and the metrics that it is derived from.
pub(crate) struct Instrument {
    pub(crate) name: &'static str,
    pub(crate) kind: RowKind,
    /// The unit in UCUM notation; `ms` converts recorded seconds to milliseconds.
    pub(crate) unit: &'static str,
    pub(crate) help: &'static str,
    pub(crate) labels: Labels,
    pub(crate) number: Number,
}

/// A mapping of the metrics' labels. Labels with an empty value are dropped.
pub(crate) struct Labels {
    /// Labels that are kept, with their names in this view.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    pub(crate) others: Others,
}

/// The treatment of all other labels.
#[derive(Clone, Copy)]
pub(crate) enum Others {
    /// They are kept: the own labels of annotated functions.
    Stay,
    /// They are dropped, and series that differ only in them are added up.
    Go,
}

/// The computation of an instrument's value.
pub(crate) enum Number {
    /// The sum of the selected series.
    Sum(&'static [Selection]),
    /// The ratio of two sums; no series if the denominator is 0.
    Share { of: &'static [Selection], among: &'static [Selection] },
    /// The remaining error budget: 1 at first, 0 when the objective is just met, negative beyond.
    BudgetLeft { good: &'static [Selection], events: &'static [Selection], objective: &'static [Selection] },
}

/// A selection of a metric's series.
pub(crate) struct Selection {
    pub(crate) metric: Id,
    /// Labels, with the values of which a series must have one.
    pub(crate) only: &'static [(&'static str, &'static [&'static str])],
    /// Labels, with the values of which a series must have none.
    pub(crate) except: &'static [(&'static str, &'static [&'static str])],
    /// Labels that are added to each series.
    pub(crate) set: &'static [(&'static str, &'static str)],
}

impl Selection {
    /// Selects all series of a metric.
    pub(crate) const fn all(metric: Id) -> Self {
        Self { metric, only: &[], except: &[], set: &[] }
    }

    /// Selects the series of a metric whose labels have one of these values.
    pub(crate) const fn only(metric: Id, only: &'static [(&'static str, &'static [&'static str])]) -> Self {
        Self { metric, only, except: &[], set: &[] }
    }
}

impl Number {
    /// Returns whether it is a ratio of this process, which cannot be added to those of other processes.
    pub(crate) fn is_ratio(&self) -> bool {
        matches!(self, Self::Share { .. } | Self::BudgetLeft { .. })
    }

    /// Returns whether it adds up whole numbers.
    fn is_whole(&self) -> bool {
        matches!(self, Self::Sum(parts) if parts.iter().all(|part| part.metric.metric().unit.is_whole()))
    }

    /// Returns whether it adds up all series of a metric, or of the one that has the same numbers by more labels.
    fn sums(&self, id: Id) -> bool {
        let finest = if id == Id::WorkflowDuration { Id::GenAiWorkflowDuration } else { id };
        let is_whole = |part: &Selection| part.only.is_empty() && part.except.is_empty();
        matches!(self, Self::Sum(parts) if parts.iter().any(|part| [id, finest].contains(&part.metric) && is_whole(part)))
    }
}

impl View {
    /// Returns the metrics that the view shows under their own names: those of which no instrument adds up all series.
    pub(crate) fn own_names(self) -> impl Iterator<Item = Id> {
        let passes_on = match self {
            Self::Tta | Self::Otel | Self::OtelLatest | Self::Classic => true,
            // It comes beside another view.
            Self::OtelTokenUsage => false,
        };
        let is_mapped = move |id| self.instruments().any(|instrument| instrument.number.sums(id));
        Id::ALL.iter().copied().filter(move |&id| passes_on && id.metric().shown && !is_mapped(id))
    }
}

impl Snapshot {
    /// Returns the rows of each view, in the order of the views.
    pub(crate) fn under(&self, views: &[View]) -> Vec<Arc<Rows>> {
        self.selected(views, |_| true)
    }

    /// Returns the rows of each view without ratios: their reader adds up the numbers of many processes.
    #[cfg(feature = "otlp")]
    pub(crate) fn under_without_ratios(&self, views: &[View]) -> Vec<Arc<Rows>> {
        self.selected(views, |instrument| !instrument.number.is_ratio())
    }

    fn selected(&self, views: &[View], is_wanted: impl Fn(&Instrument) -> bool) -> Vec<Arc<Rows>> {
        let of_view = |view: &View| {
            let instruments = view.instruments().filter(|instrument| is_wanted(instrument));
            let instruments = instruments.map(|instrument| Arc::new(self.instrument(instrument)));
            let own = view.own_names().map(|id| Arc::clone(self.rows(id)));
            instruments.chain(own).collect::<Vec<_>>()
        };
        views.iter().flat_map(of_view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, View};
    use crate::schema::Id;
    use crate::snapshot::RowKind;

    #[test]
    fn views_are_named_one_or_several() {
        assert_eq!(View::parse_list("tta"), Some(vec![View::Tta]));
        assert_eq!(View::parse_list("otel, tta"), Some(vec![View::Otel, View::Tta]));
        assert_eq!(View::parse_list("tta,prometheus"), None);
        assert_eq!(View::parse_list(""), None);
    }

    #[test]
    fn every_metric_is_reachable_in_every_view() {
        for view in [View::Tta, View::Otel, View::OtelLatest, View::Classic] {
            let own: Vec<Id> = view.own_names().collect();
            for &id in Id::ALL.iter().filter(|id| id.metric().shown) {
                let is_mapped = view.instruments().any(|instrument| instrument.number.sums(id));
                assert!(is_mapped != own.contains(&id), "{view:?} {}", id.metric().name);
            }
        }
        let of_tta = View::Tta.own_names().count() + View::Tta.instruments().count();
        assert_eq!(of_tta, Id::ALL.iter().filter(|id| id.metric().shown).count());
    }

    /// The metrics that the view `tta` does not show, each with the one there that has its numbers, by other labels or less finely.
    const REPEATED: &[(Id, Id)] = &[
        (Id::PrimitiveRate, Id::PrimitiveExecutions),
        (Id::LlmCalls, Id::LlmRequestDuration),
        (Id::GenAiOperationDuration, Id::LlmRequestDuration),
        (Id::GenAiTimeToFirstChunk, Id::LlmTimeToFirstToken),
        (Id::GenAiTimePerOutputChunk, Id::LlmTimePerOutputToken),
        (Id::GenAiInputTokens, Id::LlmTokens),
        (Id::GenAiOutputTokens, Id::LlmTokens),
        (Id::GenAiUsage, Id::LlmTokens),
        (Id::GenAiToolDuration, Id::ExecutionDuration),
        (Id::GenAiAgentDuration, Id::ExecutionDuration),
        (Id::GenAiWorkflowDuration, Id::WorkflowDuration),
        (Id::GenAiAgentInferenceCalls, Id::Connections),
        (Id::GenAiAgentToolCalls, Id::Connections),
    ];

    #[test]
    fn a_metric_that_the_default_view_does_not_show_repeats_one_that_it_shows() {
        let hidden: Vec<Id> = Id::ALL.iter().copied().filter(|id| !id.metric().shown).collect();
        assert_eq!(hidden, REPEATED.iter().map(|(hidden, _)| *hidden).collect::<Vec<_>>());
        for (hidden, shown) in REPEATED {
            assert!(View::Tta.own_names().any(|id| id == *shown), "{hidden:?}");
        }
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
                for (label, _) in part.only.iter().chain(part.except) {
                    assert!(has(label), "{}: {label}", instrument.name);
                }
            }
        }
    }
}
