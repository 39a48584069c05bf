//! The series that exist: the metric table, what rules record, and what Prometheus adds by itself.

use std::collections::{BTreeMap, BTreeSet};

use tta_runtime::schema::{COMPONENT_METRICS, Kind, METRICS, Metric};

use crate::analysis;
use crate::rule::recording;

/// The names of labels.
pub type Labels = BTreeSet<String>;

/// Labels that Prometheus puts on what it scrapes.
const TARGET: [&str; 2] = ["job", "instance"];

/// Series that Prometheus makes by itself, and labels of theirs.
const OWN: [(&str, &[&str]); 4] = [
    ("up", &TARGET),
    ("scrape_duration_seconds", &TARGET),
    ("ALERTS", &["alertname", "alertstate", "severity", "job", "instance"]),
    ("ALERTS_FOR_STATE", &["alertname", "severity", "job", "instance"]),
];

/// The series that exist, with their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    series: BTreeMap<String, Labels>,
    added: Labels,
}

impl Catalogue {
    /// Returns the series that the library, the command and the shipped recording rules make.
    ///
    /// `added` are labels that any of them may have: those of annotated functions, and those that a scrape adds.
    ///
    /// ```
    /// let catalogue = tta_cli::catalogue::Catalogue::shipped(["audience"]);
    /// let labels = catalogue.labels("tta_primitive_active").unwrap();
    /// assert_eq!(
    ///     labels.iter().map(String::as_str).collect::<Vec<_>>(),
    ///     ["audience", "instance", "job", "primitive_name", "primitive_type"]
    /// );
    /// assert_eq!(catalogue.nearest("tta_primitives_active"), Some("tta_primitive_active"));
    /// ```
    pub fn shipped(added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut catalogue = Self { series: BTreeMap::new(), added: added.into_iter().map(Into::into).collect() };
        for metric in METRICS.iter().filter(|metric| metric.shown).chain(&COMPONENT_METRICS) {
            catalogue.add_metric(metric);
        }
        for (name, labels) in OWN {
            let labels: Labels = labels.iter().map(|&label| label.to_owned()).collect();
            catalogue.add(name, &labels | &catalogue.added);
        }
        for rule in recording::GROUPS.iter().flat_map(|group| group.rules) {
            let labels = analysis::labels(&rule.query.replace("$interval", "30"), &catalogue);
            catalogue.add(rule.name, labels.unwrap_or_default());
        }
        catalogue
    }

    fn add_metric(&mut self, metric: &Metric) {
        let labels: Labels = metric.labels.iter().chain(&TARGET).map(|&label| label.to_owned()).collect();
        if metric.kind != Kind::Histogram {
            return self.add(metric.name, &labels | &self.added);
        }
        for suffix in ["_count", "_sum"] {
            self.add(&format!("{}{suffix}", metric.name), &labels | &self.added);
        }
        let mut with_bound = &labels | &self.added;
        with_bound.insert("le".to_owned());
        self.add(&format!("{}_bucket", metric.name), with_bound);
    }

    /// Adds a series, such as one that a user's rule records.
    pub fn add(&mut self, name: &str, labels: Labels) {
        self.series.insert(name.to_owned(), labels);
    }

    /// Returns the labels that series of this name may have, `None` where there is no such name.
    pub fn labels(&self, name: &str) -> Option<&Labels> {
        self.series.get(name)
    }

    /// Returns the names of all series.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// Returns whether a name that does not exist is one that should: it speaks of TTA, or is nearly one that exists.
    pub fn should_have(&self, name: &str) -> bool {
        let is_ours = name.split(':').any(|part| part == "tta" || part.starts_with("tta_"));
        is_ours || self.nearest(name).is_some_and(|nearest| strsim::damerau_levenshtein(nearest, name) <= 2)
    }

    /// Returns the name that is most like one that does not exist, if any is.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }
}

/// Returns the word that is most like one that is not among them, if any is.
pub(crate) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    words
        .map(|known| (strsim::normalized_damerau_levenshtein(word, known), known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
