//! The series that exist: what programs expose, what rules record, and what Prometheus adds by itself.

use std::collections::{BTreeMap, BTreeSet};

use tta_runtime::schema::Kind;

/// The names of labels.
pub type Labels = BTreeSet<String>;

/// Labels that Prometheus puts on what it scrapes.
const TARGET: [&str; 2] = ["job", "instance"];

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
    /// Returns a catalogue without series, in which each metric has these labels beside its own.
    pub(crate) fn new(added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { added: added.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a metric that programs expose.
    pub(crate) fn add_exposed(&mut self, name: &str, kind: Kind, labels: impl IntoIterator<Item = String>) {
        let words: Vec<_> = name.split('_').take(2).collect();
        self.beginnings.insert(words.join("_"));
        self.add_metric(name, kind, labels);
    }

    /// Adds the series of a metric, unless there is one of its name.
    pub(crate) fn add_metric(&mut self, name: &str, kind: Kind, labels: impl IntoIterator<Item = String>) {
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
    /// let mut catalogue = tta_cli::promql::catalogue::Catalogue::shipped([""; 0]);
    /// catalogue.add("job:cpu:rate5m", None);
    /// assert!(catalogue.contains("job:cpu:rate5m"));
    /// assert_eq!(catalogue.labels("job:cpu:rate5m"), None);
    /// ```
    pub fn add(&mut self, name: &str, labels: Option<Labels>) {
        self.series.insert(name.to_owned(), labels);
    }

    /// Returns whether there are series of this name.
    pub fn contains(&self, name: &str) -> bool {
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
    pub fn looks_misspelled(&self, name: &str) -> bool {
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
