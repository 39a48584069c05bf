//! The exposition of the process, as numbers.

/// One reading of all metrics.
pub(crate) struct Metrics(String);

impl Metrics {
    pub(crate) fn read() -> Self {
        Self(tta_runtime::metrics_text())
    }

    /// Adds up the series of a metric that have all of these labels.
    pub(crate) fn sum(&self, metric: &str, labels: &[&str]) -> u64 {
        self.sum_of(metric, labels, 1.0)
    }

    /// Adds up values that are so many units each.
    pub(crate) fn sum_of(&self, metric: &str, labels: &[&str], units: f64) -> u64 {
        let of_metric = |line: &&str| {
            line.strip_prefix(metric).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        };
        let value = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok());
        let lines = self.0.lines().filter(of_metric);
        lines.map(|line| (value(line).unwrap_or_else(|| panic!("no number: {line}")) * units).round() as u64).sum()
    }
}
