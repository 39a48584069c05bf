//! Reads the rows of a snapshot for the page's answers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::page::number::Decimal;
use crate::schema::Id;
use crate::snapshot::{Distribution, Row, Snapshot, Value};

/// Percentiles, in the unit of the metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
}

impl From<[f64; 3]> for Percentiles {
    fn from([p50, p95, p99]: [f64; 3]) -> Self {
        Self { p50, p95, p99 }
    }
}

/// Returns a label's value.
pub(super) fn label<'a>(row: &'a Row, name: &str) -> &'a str {
    row.labels.iter().find(|(have, _)| *have == name).map(|(_, value)| value).unwrap_or_default()
}

/// Returns the number of a row, 0 if it is a histogram.
pub(super) fn number(row: &Row) -> f64 {
    match row.value {
        Value::Number(number) => number,
        Value::Distribution(_) | Value::Quantiles { .. } => 0.0,
    }
}

/// Returns the number of a row that counts.
pub(super) fn count(row: &Row) -> u64 {
    number(row).max(0.0).round() as u64
}

/// Returns the histogram of a row.
pub(super) fn distribution(row: &Row) -> Option<&Distribution> {
    match &row.value {
        Value::Distribution(distribution) => Some(distribution),
        Value::Number(_) | Value::Quantiles { .. } => None,
    }
}

/// Returns the numbers of a metric by the values of a label, for the rows that have `value` as the value of `name`.
pub(super) fn counts_by(snapshot: &Snapshot, id: Id, [name, value]: [&str; 2], by: &str) -> BTreeMap<String, u64> {
    let rows = snapshot.rows(id).series.iter().filter(|row| label(row, name) == value);
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(label(row, by).to_owned()).or_default() += count(row);
    }
    counts
}

/// Returns the sum of a metric in nano-dollars, over the rows that `is_wanted` takes.
pub(super) fn nano_usd(snapshot: &Snapshot, id: Id, is_wanted: impl Fn(&Row) -> bool) -> Decimal {
    let rows = snapshot.rows(id).series.iter().filter(|row| is_wanted(row));
    // Each row is a whole number of nano-dollars; their sum as a float may not be.
    Decimal(rows.map(|row| crate::page::number::nano_usd(number(row)).0).fold(0, u64::saturating_add))
}

/// Returns quantiles as Prometheus' `histogram_quantile` does: interpolated in the bucket, at most the highest finite bound.
pub(super) fn quantiles<const N: usize>(distribution: &Distribution, shares: [f64; N]) -> [f64; N] {
    let total = distribution.count() as f64;
    shares.map(|share| {
        let rank = share * total;
        let (mut seen, mut lower) = (0.0, 0.0);
        for (bound, n, _) in distribution.buckets() {
            let n = n as f64;
            if n > 0.0 && seen + n >= rank {
                return if bound.is_finite() { lower + (bound - lower) * (rank - seen) / n } else { lower };
            }
            seen += n;
            lower = if bound.is_finite() { bound } else { lower };
        }
        0.0
    })
}

#[cfg(test)]
mod tests {
    use super::quantiles;
    use crate::snapshot::Distribution;

    #[test]
    fn a_quantile_is_interpolated_in_its_bucket() {
        let of = |buckets: &[(f64, u64)]| {
            let buckets: Vec<_> = buckets.iter().map(|&(bound, n)| (bound, n, None)).collect();
            Distribution::of_buckets(&buckets, 0.0)
        };
        let filled = of(&[(1.0, 10), (2.0, 10), (4.0, 0), (f64::INFINITY, 0)]);
        assert_eq!(quantiles(&filled, [0.25, 0.5, 0.75, 1.0]), [0.5, 1.0, 1.5, 2.0]);
        assert_eq!(quantiles(&of(&[(1.0, 1), (f64::INFINITY, 9)]), [0.99]), [1.0]);
        assert_eq!(quantiles(&of(&[(1.0, 0), (f64::INFINITY, 0)]), [0.5]), [0.0]);
    }
}
