//! The samples in Prometheus' text format.

use crate::annotated::labels;

/// One line of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    labels: Vec<(String, String)>,
    pub(super) value: f64,
}

impl Sample {
    /// Returns the value of a label, empty if there is none.
    pub(super) fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Returns the samples of a text; lines of another form are left out.
pub(super) fn samples(text: &str) -> Vec<Sample> {
    text.lines().filter_map(sample).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).filter(|end| *end > 0)?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = if rest.starts_with('{') { labels(rest)? } else { (Vec::new(), rest) };
    let value = rest.split_whitespace().next()?.parse().ok()?;
    let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Some(Sample { name: name.to_owned(), labels, value })
}

#[cfg(test)]
mod tests {
    use super::samples;

    #[test]
    fn labels_and_values_are_read() {
        let text = "# HELP a A.\n# TYPE a counter\na{b=\"c\\\"}\",d=\"\"} 3\ne 0.5 1700000000\n\nf{g=\"h\"} x\n";
        let samples = samples(text);
        let read: Vec<_> = samples.iter().map(|one| (one.name.as_str(), one.label("b"), one.value)).collect();
        assert_eq!(read, [("a", "c\"}", 3.0), ("e", "", 0.5)]);
    }
}
