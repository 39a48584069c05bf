//! A page in one of Prometheus' text formats while it is written: what the samples of both formats have in common.

use super::number::{write_count, write_escaped, write_number};
use crate::snapshot::{Distribution, LabelSet, RowExemplar, Rows, Value};

/// The text so far, with what the samples of the current series have in common, which is rendered once for all of them.
pub(super) struct Page {
    text: String,
    /// `a="b",…`, empty if there are none.
    labels: String,
    /// The start of the samples that have one label more: `name_bucket{a="b",le="`.
    start: String,
    bounds: Bounds,
}

/// The bounds of the latest histogram, each with what follows the start of its sample: `0.5"} `. Most series of a metric share them.
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
        Self {
            text: String::with_capacity(bytes),
            labels: String::new(),
            start: String::new(),
            bounds: Bounds::default(),
        }
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
        self.begin(name, suffix);
        write_number(&mut self.text, number);
        end(&mut self.text);
        self.text.push('\n');
    }

    /// Writes a sample with a count.
    pub(super) fn count(&mut self, name: &str, suffix: &str, n: u64) {
        self.begin(name, suffix);
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
        self.set_start(name, "_bucket", "le");
        self.bounds.set(distribution.bounds());
        let Self { text, start, bounds, .. } = self;
        let mut below = 0;
        for ((_, n, latest), bound) in distribution.buckets().zip(&bounds.texts) {
            below += n;
            text.push_str(start);
            text.push_str(bound);
            write_count(text, below);
            if let Some(latest) = latest {
                exemplar(text, latest);
            }
            text.push('\n');
        }
        self.sample(name, "_sum", distribution.sum(), |_| {});
        self.count(name, "_count", below);
    }

    /// Writes the samples of a summary.
    pub(super) fn summary(&mut self, name: &str, quantiles: &[(f64, f64)], count: u64, sum: f64) {
        self.set_start(name, "", "quantile");
        for &(quantile, number) in quantiles {
            self.text.push_str(&self.start);
            write_number(&mut self.text, quantile);
            self.text.push_str("\"} ");
            write_number(&mut self.text, number);
            self.text.push('\n');
        }
        self.sample(name, "_sum", sum, |_| {});
        self.count(name, "_count", count);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Writes the name and the labels of a sample.
    fn begin(&mut self, name: &str, suffix: &str) {
        let Self { text, labels, .. } = self;
        text.push_str(name);
        text.push_str(suffix);
        if labels.is_empty() {
            text.push(' ');
        } else {
            text.push('{');
            text.push_str(labels);
            text.push_str("} ");
        }
    }

    /// Renders the start of the samples whose last label is this one.
    fn set_start(&mut self, name: &str, suffix: &str, label: &str) {
        let Self { start, labels, .. } = self;
        start.clear();
        let comma = if labels.is_empty() { "" } else { "," };
        start.extend([name, suffix, "{", labels, comma, label, "=\""]);
    }
}

impl Bounds {
    /// Sets the finite bounds; an infinite one follows them.
    fn set(&mut self, bounds: &[f64]) {
        if self.texts.is_empty() || self.numbers != bounds {
            self.numbers = bounds.to_vec();
            self.texts = bounds.iter().chain(&[f64::INFINITY]).map(|&bound| end_of(bound)).collect();
        }
    }
}

/// Returns what follows the start of a bucket's sample.
fn end_of(bound: f64) -> String {
    let mut text = String::new();
    write_number(&mut text, bound);
    text.push_str("\"} ");
    text
}
