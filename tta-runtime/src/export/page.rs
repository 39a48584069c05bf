//! A page in one of Prometheus' text formats while it is written: what the samples of both formats have in common.

use super::number::{write_count, write_escaped, write_number};
use crate::snapshot::{Distribution, LabelSet, RowExemplar, Rows, Value};

/// The text so far, with the labels of the current series, which are rendered once for all of its samples.
pub(super) struct Page {
    text: String,
    /// `a="b",…`, empty if there are none.
    labels: String,
    bounds: Bounds,
}

/// The texts of the bounds of the latest histogram. Most series of a metric share them.
#[derive(Default)]
struct Bounds {
    numbers: Vec<f64>,
    texts: Vec<String>,
}

impl Page {
    /// Creates an empty page with room for the families.
    pub(super) fn for_families<'a>(families: impl Iterator<Item = &'a Rows>) -> Self {
        /// Mostly enough for a sample, so that the text is not moved as it grows.
        const SAMPLE_BYTES: usize = 128;
        let samples = |family: &Rows| {
            let of_first = family.series.first().map_or(1, |row| match &row.value {
                Value::Number(_) => 1,
                Value::Distribution(distribution) => distribution.bounds().len() + 3,
                Value::Quantiles { quantiles, .. } => quantiles.len() + 2,
            });
            // Type, help and unit.
            family.series.len() * of_first + 3
        };
        let bytes = families.map(|family| samples(family) * SAMPLE_BYTES).sum();
        Self { text: String::with_capacity(bytes), labels: String::new(), bounds: Bounds::default() }
    }

    pub(super) fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    /// Writes a line with the help text.
    pub(super) fn push_help(&mut self, name: &str, help: &str, quotes: bool) {
        self.push(&["# HELP ", name, " "]);
        write_escaped(&mut self.text, help, quotes);
        self.text.push('\n');
    }

    /// Makes these the labels of the following samples.
    pub(super) fn set_labels(&mut self, labels: &LabelSet) {
        self.labels.clear();
        for (name, value) in labels.iter() {
            if !self.labels.is_empty() {
                self.labels.push(',');
            }
            self.labels.push_str(name);
            self.labels.push_str("=\"");
            write_escaped(&mut self.labels, value, true);
            self.labels.push('"');
        }
    }

    /// Writes a sample with a number; `end` writes what follows it.
    pub(super) fn sample(&mut self, name: &str, suffix: &str, number: f64, end: impl FnOnce(&mut String)) {
        self.begin(name, suffix, None);
        write_number(&mut self.text, number);
        end(&mut self.text);
        self.text.push('\n');
    }

    /// Writes a sample with a count.
    pub(super) fn count(&mut self, name: &str, suffix: &str, n: u64) {
        self.begin(name, suffix, None);
        write_count(&mut self.text, n);
        self.text.push('\n');
    }

    /// Writes the samples of a histogram; `exemplar` writes what follows the count of a bucket that has one.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        distribution: &Distribution,
        exemplar: impl Fn(&mut String, RowExemplar),
    ) {
        let mut bounds = std::mem::take(&mut self.bounds);
        bounds.set(distribution.bounds());
        let mut below = 0;
        for ((_, n, latest), bound) in distribution.buckets().zip(&bounds.texts) {
            below += n;
            self.begin(name, "_bucket", Some(("le", bound)));
            write_count(&mut self.text, below);
            if let Some(latest) = latest {
                exemplar(&mut self.text, latest);
            }
            self.text.push('\n');
        }
        self.bounds = bounds;
        self.sample(name, "_sum", distribution.sum(), |_| {});
        self.count(name, "_count", below);
    }

    /// Writes the samples of a summary.
    pub(super) fn summary(&mut self, name: &str, quantiles: &[(f64, f64)], count: u64, sum: f64) {
        for &(quantile, number) in quantiles {
            self.begin(name, "", Some(("quantile", &text_of(quantile))));
            write_number(&mut self.text, number);
            self.text.push('\n');
        }
        self.sample(name, "_sum", sum, |_| {});
        self.count(name, "_count", count);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Writes the name and the labels of a sample, and `last` after them.
    fn begin(&mut self, name: &str, suffix: &str, last: Option<(&str, &str)>) {
        let Self { text, labels, .. } = self;
        text.push_str(name);
        text.push_str(suffix);
        if labels.is_empty() && last.is_none() {
            text.push(' ');
            return;
        }
        text.push('{');
        text.push_str(labels);
        if let Some((name, value)) = last {
            text.push_str(if labels.is_empty() { "" } else { "," });
            text.push_str(name);
            text.push_str("=\"");
            text.push_str(value);
            text.push('"');
        }
        text.push_str("} ");
    }
}

impl Bounds {
    /// Sets the finite bounds; an infinite one follows them.
    fn set(&mut self, bounds: &[f64]) {
        if self.texts.is_empty() || self.numbers != bounds {
            self.numbers = bounds.to_vec();
            self.texts = bounds.iter().chain(&[f64::INFINITY]).map(|&bound| text_of(bound)).collect();
        }
    }
}

/// Returns a number as the value of the label `le` or `quantile`.
fn text_of(number: f64) -> String {
    let mut text = String::new();
    write_number(&mut text, number);
    text
}
