//! The catalogue of shipped series: those that programs expose, recording rules record, and Prometheus adds.

use tta_runtime::View;
use tta_runtime::schema::Kind;

use crate::maturity::COMPONENT_METRICS;
use crate::promql::analysis;
use crate::promql::catalogue::Catalogue;
use crate::promql::finding::Finding;
use crate::rule::recording;

/// Series that Prometheus adds to each scrape.
const OF_PROMETHEUS: [&str; 2] = ["up", "scrape_duration_seconds"];

/// Series that Prometheus creates for alerts; their labels depend on the alert.
const OF_ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

impl Catalogue {
    /// Returns the catalogue of the view `tta`, with the series of the shipped recording rules.
    ///
    /// `added` names labels that any metric may have: those of annotated functions, and those that a scrape config adds.
    ///
    /// ```
    /// let catalogue = tta_cli::promql::catalogue::Catalogue::shipped(["audience"]);
    /// let labels = catalogue.labels("tta_primitive_active").unwrap();
    /// assert_eq!(
    ///     labels.iter().map(String::as_str).collect::<Vec<_>>(),
    ///     ["audience", "instance", "job", "primitive_name", "primitive_type"]
    /// );
    /// assert_eq!(catalogue.nearest("tta_primitives_active"), Some("tta_primitive_active"));
    /// ```
    pub fn shipped(added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::for_views(&[View::Tta], added)
    }

    /// Returns the catalogue of programs that expose these views.
    ///
    /// If two views have a metric of the same name, the first view's labels count. A shipped recording rule is included only if
    /// everything that its query reads exists.
    ///
    /// ```
    /// use tta_cli::promql::catalogue::Catalogue;
    /// use tta_runtime::View;
    ///
    /// let catalogue = Catalogue::for_views(&[View::Otel], [""; 0]);
    /// assert!(catalogue.labels("primitive_execution_duration_milliseconds_bucket").is_some());
    /// assert!(catalogue.labels("tta:request_rate_5m").is_none());
    /// ```
    pub fn for_views(views: &[View], added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut catalogue = Self::new(added);
        for metric in views.iter().flat_map(|view| view.exposed()) {
            catalogue.add_exposed(&metric.name, metric.kind, metric.labels);
        }
        for metric in COMPONENT_METRICS {
            catalogue.add_metric(metric.name, Kind::Gauge, metric.labels.iter().map(|&label| label.to_owned()));
        }
        for name in OF_PROMETHEUS {
            catalogue.add_metric(name, Kind::Gauge, []);
        }
        for name in OF_ALERTS {
            catalogue.add(name, None);
        }
        for rule in recording::GROUPS.iter().flat_map(|group| group.rules) {
            let query = rule.query.replace("$interval", "30");
            let is_unknown =
                |finding: &Finding| matches!(finding, Finding::UnknownMetric { .. } | Finding::UnknownLabel { .. });
            if !analysis::findings(&query, &catalogue).iter().any(is_unknown) {
                let labels = analysis::labels(&query, &catalogue);
                catalogue.add(rule.name, labels);
            }
        }
        catalogue
    }
}
