//! Computes the instruments of a view from a snapshot.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Instrument, Labels, Number, Selection};
use crate::snapshot::{LabelSet, Row, Rows, Snapshot, Value};

impl Snapshot {
    /// Returns the rows of an instrument.
    pub(super) fn instrument(&self, instrument: &Instrument) -> Rows {
        let series = match &instrument.number {
            Number::Sum(parts) => self.sum(parts, instrument).series,
            Number::Share { of, among } => {
                let (of, among) = (self.sum(of, instrument), self.sum(among, instrument));
                let share = |Row { labels, value: whole, .. }: Row| {
                    let whole = number(&whole).filter(|whole| *whole > 0.0)?;
                    let part = of.get(&labels).and_then(number).unwrap_or(0.0);
                    Some(Row::new(labels, Value::Number(part / whole)))
                };
                among.series.into_iter().filter_map(share).collect()
            }
            Number::BudgetLeft { good, events, objective } => {
                let (good, events) = (self.sum(good, instrument), self.sum(events, instrument));
                let left = |Row { labels, value: objective, .. }: Row| {
                    let all = events.get(&labels).and_then(number).filter(|all| *all > 0.0);
                    let good = good.get(&labels).and_then(number).unwrap_or(0.0);
                    let missed = all.map_or(0.0, |all| 1.0 - good / all);
                    let left = 1.0 - missed / (1.0 - number(&objective)?);
                    Some(Row::new(labels, Value::Number(left)))
                };
                self.sum(objective, instrument).series.into_iter().filter_map(left).collect()
            }
        };
        Rows {
            name: instrument.name.into(),
            help: instrument.help.into(),
            kind: instrument.kind,
            unit: instrument.unit,
            is_whole: instrument.number.is_whole(),
            series,
        }
    }

    fn sum(&self, parts: &[Selection], instrument: &Instrument) -> Sums {
        let mut sums = Sums::default();
        for part in parts {
            let rows = self.rows(part.metric);
            let to_milliseconds = rows.unit == "s" && instrument.unit == "ms";
            for row in rows.series.iter().filter(|row| is_wanted(row, part)) {
                let value = if to_milliseconds { milliseconds(&row.value) } else { row.value.clone() };
                sums.add(Row { labels: labels(row, part, &instrument.labels), value, exemplar: row.exemplar });
            }
        }
        sums
    }
}

fn is_wanted(row: &Row, part: &Selection) -> bool {
    let has = |(label, values): &(&str, &[&str])| {
        row.labels.iter().any(|(name, value)| name == *label && values.contains(&value))
    };
    part.only.iter().all(has) && !part.except.iter().any(has)
}

fn labels(row: &Row, part: &Selection, labels: &Labels) -> LabelSet {
    let has_value = |(_, value): &(_, Cow<'static, str>)| !value.is_empty();
    let kept = row.labels.texts().filter(has_value);
    let kept = kept.filter_map(|(name, value)| Some((labels.name(name)?, value)));
    kept.chain(part.set.iter().map(|&(name, value)| (name.into(), value.into()))).collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Distribution(_) | Value::Quantiles { .. } => None,
    }
}

/// Converts seconds to milliseconds.
///
/// Durations are whole nanoseconds; rounding to them keeps `0.29` from becoming `289.99999999999994`.
fn milliseconds(value: &Value) -> Value {
    let convert = |seconds: f64| if seconds.is_finite() { (seconds * 1e9).round() / 1e6 } else { seconds };
    match value {
        Value::Number(seconds) => Value::Number(convert(*seconds)),
        Value::Distribution(distribution) => Value::Distribution(distribution.in_milliseconds(convert)),
        Value::Quantiles { .. } => value.clone(),
    }
}

/// Accumulates series with equal labels, in the order of their first appearance.
#[derive(Default)]
struct Sums {
    places: HashMap<LabelSet, usize>,
    series: Vec<Row>,
}

impl Sums {
    fn add(&mut self, row: Row) {
        match self.places.get(&row.labels).and_then(|&place| self.series.get_mut(place)) {
            Some(sum) => sum.add(row),
            None => {
                self.places.insert(row.labels.clone(), self.series.len());
                self.series.push(row);
            }
        }
    }

    fn get(&self, labels: &LabelSet) -> Option<&Value> {
        self.places.get(labels).and_then(|&place| self.series.get(place)).map(|row| &row.value)
    }
}

#[cfg(test)]
mod tests {
    use super::milliseconds;
    use crate::snapshot::{Distribution, Value};

    fn distribution(buckets: &[(f64, u64)], sum: f64) -> Distribution {
        let buckets: Vec<_> = buckets.iter().map(|&(bound, n)| (bound, n, None)).collect();
        Distribution::of_buckets(&buckets, sum)
    }

    #[test]
    fn milliseconds_are_exact_where_nanoseconds_are() {
        let seconds = Value::Distribution(distribution(&[(0.29, 1), (0.000_25, 2), (f64::INFINITY, 3)], 0.57));
        let expected = distribution(&[(290.0, 1), (0.25, 2), (f64::INFINITY, 3)], 570.0);
        assert_eq!(milliseconds(&seconds), Value::Distribution(expected));
    }
}
