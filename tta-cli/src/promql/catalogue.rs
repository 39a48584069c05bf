//! A catalogue of series and their labels.

use std::collections::{BTreeMap, BTreeSet};

use tta_runtime::schema::Kind;

/// The names of labels.
pub type Labels = BTreeSet<String>;

/// The labels that Prometheus adds to scraped series.
const TARGET: [&str; 2] = ["job", "instance"];

/// The series that queries may read, with their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The labels of each series, `None` if they are unknown.
    series: BTreeMap<String, Option<Labels>>,
    /// Labels that any metric may have besides its own.
    added: Labels,
    /// The first two words of exposed metrics' names, such as `tta_llm`.
    prefixes: BTreeSet<String>,
}

impl Catalogue {
    /// Returns an empty catalogue that adds these labels to each metric.
    pub(crate) fn new(added: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { added: added.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a metric that programs expose; names with its prefix count as ours from now on.
    pub(crate) fn add_exposed(&mut self, name: &str, kind: Kind, labels: impl IntoIterator<Item = String>) {
        let words: Vec<_> = name.split('_').take(2).collect();
        self.prefixes.insert(words.join("_"));
        self.add_metric(name, kind, labels);
    }

    /// Adds the series of a metric, or nothing for a name that exists.
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

    /// Adds or replaces a series, such as one that a user's rule records. `None` means that its labels are unknown.
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

    /// Returns whether a series of this name exists.
    pub fn contains(&self, name: &str) -> bool {
        self.series.contains_key(name)
    }

    /// Returns the labels that series of this name may have, `None` if the name or its labels are unknown.
    pub fn labels(&self, name: &str) -> Option<&Labels> {
        self.series.get(name)?.as_ref()
    }

    /// Returns the names of all series.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// Returns whether an unknown name is probably a misspelt one, not another program's metric.
    ///
    /// That is a name that contains `tta`, has the prefix of an exposed metric, or differs from a known name by at most two letters.
    pub fn looks_misspelled(&self, name: &str) -> bool {
        let has_prefix = |prefix: &String| {
            name.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let is_ours = name.split(':').any(|part| part == "tta" || part.starts_with("tta_"))
            || self.prefixes.iter().any(has_prefix);
        is_ours || self.nearest(name).is_some_and(|nearest| strsim::damerau_levenshtein(nearest, name) <= 2)
    }

    /// Returns the known name that is most similar to an unknown one, if any is similar enough.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }
}

/// Returns the known word that is most similar to `word`, if any is similar enough.
pub(crate) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    words
        .map(|known| (similarity(word, known), known))
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Returns the similarity of two words, at least 1 if they are equal. A missing or superfluous suffix such as `_total` is a likelier
/// mistake than as many wrong letters, and costs less.
fn similarity(one: &str, other: &str) -> f64 {
    let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    let suffix = if extends(one, other) || extends(other, one) { 0.2 } else { 0.0 };
    strsim::normalized_damerau_levenshtein(one, other) + suffix
}
