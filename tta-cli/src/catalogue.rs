//! The series that exist: what programs expose, what rules record, and what Prometheus adds by itself.

use std::collections::{BTreeMap, BTreeSet};

use tta_runtime::View;
use tta_runtime::schema::{COMPONENT_METRICS, Kind};

use crate::analysis::{self, Finding};
use crate::rule::recording;

/// The names of labels.
pub type Labels = BTreeSet<String>;

/// Labels that Prometheus puts on what it scrapes.
const TARGET: [&str; 2] = ["job", "instance"];

/// Series that Prometheus makes by itself, and labels of theirs.
const OWN: [(&str, &[&str]); 2] = [("up", &TARGET), ("scrape_duration_seconds", &TARGET)];

/// Series that Prometheus makes of alerts, with the labels that each alert has: any.
const OF_ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

/// The series that exist, with their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The labels of each name, `None` where they are not known.
    series: BTreeMap<String, Option<Labels>>,
    added: Labels,
    /// What names of programs' metrics begin with: their first two words.
    beginnings: BTreeSet<String>,
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
        Self::of(&[View::Tta], added)
    }

    /// Returns the same where programs expose these views, one after the other: of two metrics with one name the first
    /// stands, and of the shipped rules those record something that find what they read.
    ///
    /// ```
    /// use tta_cli::catalogue::Catalogue;
    /// use tta_runtime::View;
    ///
    /// let catalogue = Catalogue::of(&[View::Otel], [""; 0]);
    /// assert!(catalogue.labels("primitive_execution_duration_milliseconds_bucket").is_some());
    /// assert!(catalogue.labels("tta:request_rate_5m").is_none());
    /// ```
    pub fn of(views: &[View], added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut catalogue = Self { added: added.into_iter().map(Into::into).collect(), ..Self::default() };
        for metric in views.iter().flat_map(|view| view.exposed()) {
            let words: Vec<_> = metric.name.split('_').take(2).collect();
            catalogue.beginnings.insert(words.join("_"));
            catalogue.add_metric(&metric.name, metric.kind, metric.labels);
        }
        for metric in COMPONENT_METRICS {
            catalogue.add_metric(metric.name, metric.kind, metric.labels.iter().map(|&label| label.to_owned()));
        }
        for (name, labels) in OWN {
            let labels: Labels = labels.iter().map(|&label| label.to_owned()).collect();
            catalogue.add(name, Some(&labels | &catalogue.added));
        }
        for name in OF_ALERTS {
            catalogue.add(name, None);
        }
        for rule in recording::GROUPS.iter().flat_map(|group| group.rules) {
            let query = rule.query.replace("$interval", "30");
            let is_lost = |finding: &Finding| matches!(finding, Finding::Name { .. } | Finding::Label { .. });
            if !analysis::findings(&query, &catalogue).iter().any(is_lost) {
                let labels = analysis::labels(&query, &catalogue);
                catalogue.add(rule.name, labels);
            }
        }
        catalogue
    }

    /// Adds the series of a metric, unless there is one of its name.
    fn add_metric(&mut self, name: &str, kind: Kind, labels: impl IntoIterator<Item = String>) {
        let target = TARGET.iter().map(|&label| label.to_owned());
        let labels: Labels = labels.into_iter().chain(target).chain(self.added.iter().cloned()).collect();
        let mut add = |name: String, labels: Labels| {
            self.series.entry(name).or_insert(Some(labels));
        };
        if kind != Kind::Histogram {
            return add(name.to_owned(), labels);
        }
        let mut with_bound = labels.clone();
        with_bound.insert("le".to_owned());
        add(format!("{name}_count"), labels.clone());
        add(format!("{name}_sum"), labels);
        add(format!("{name}_bucket"), with_bound);
    }

    /// Adds a series, such as one that a user's rule records; without labels where they are not known.
    ///
    /// ```
    /// let mut catalogue = tta_cli::catalogue::Catalogue::shipped([""; 0]);
    /// catalogue.add("job:cpu:rate5m", None);
    /// assert!(catalogue.has("job:cpu:rate5m"));
    /// assert_eq!(catalogue.labels("job:cpu:rate5m"), None);
    /// ```
    pub fn add(&mut self, name: &str, labels: Option<Labels>) {
        self.series.insert(name.to_owned(), labels);
    }

    /// Returns whether there are series of this name.
    pub fn has(&self, name: &str) -> bool {
        self.series.contains_key(name)
    }

    /// Returns the labels that series of this name may have, `None` where they are not known or there is no such name.
    pub fn labels(&self, name: &str) -> Option<&Labels> {
        self.series.get(name)?.as_ref()
    }

    /// Returns the names of all series.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// Returns whether a name that does not exist is one that should: it speaks of TTA, has the first two words of what a
    /// program exposes, or is nearly a name that exists.
    pub fn should_have(&self, name: &str) -> bool {
        let begins = |beginning: &String| {
            name.strip_prefix(beginning.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let is_ours =
            name.split(':').any(|part| part == "tta" || part.starts_with("tta_")) || self.beginnings.iter().any(begins);
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
        .map(|known| (likeness(word, known), known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Returns how much two words are alike, 1 where they are equal. A suffix too few or too many, such as `_total`, is a
/// likelier mistake than as many wrong letters.
fn likeness(one: &str, other: &str) -> f64 {
    let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    let suffix = if extends(one, other) || extends(other, one) { 0.2 } else { 0.0 };
    strsim::normalized_damerau_levenshtein(one, other) + suffix
}
