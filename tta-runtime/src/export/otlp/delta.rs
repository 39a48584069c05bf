//! The part of cumulative numbers that a receiver does not have yet.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::label::top::is_past;
use crate::snapshot::{LabelSet, Row, RowKind, Rows};

/// Returns what was added since an earlier reading: counters and histograms become differences, without the series that nothing was
/// added to. Gauges and levels stay whole. A series that is new, or that began anew, is what it counts now.
pub(super) fn since(now: &[Arc<Rows>], earlier: &[Arc<Rows>]) -> Vec<Arc<Rows>> {
    let known: HashMap<&str, &Rows, RandomState> = earlier.iter().map(|rows| (&*rows.name, &**rows)).collect();
    let family = |rows: &Arc<Rows>| match (rows.kind, known.get(&*rows.name)) {
        (RowKind::Counter | RowKind::Histogram, Some(earlier)) => Arc::new(added(rows, earlier)),
        _ => Arc::clone(rows),
    };
    now.iter().map(family).filter(|rows| !rows.series.is_empty()).collect()
}

fn added(now: &Rows, earlier: &Rows) -> Rows {
    let known: HashMap<&LabelSet, &Row, RandomState> = earlier.series.iter().map(|row| (&row.labels, row)).collect();
    let present: HashSet<&LabelSet, RandomState> = now.series.iter().map(|row| &row.labels).collect();
    let gone: Vec<&Row> = earlier.series.iter().filter(|row| !present.contains(&row.labels)).collect();
    let row = |row: &Row| {
        let earlier = match known.get(&row.labels) {
            Some(earlier) => Some((*earlier).clone()),
            // Tenants that have no series any more were sent under their names.
            None => gone.iter().copied().filter(|gone| went_into(gone, row)).cloned().reduce(|mut sum, gone| {
                sum.add(gone);
                sum
            }),
        };
        let Some(earlier) = earlier else { return Some(row.clone()) };
        if earlier.value == row.value {
            return None;
        }
        let value = row.value.since(&earlier.value).unwrap_or_else(|| row.value.clone());
        Some(Row { value, ..row.clone() })
    };
    Rows {
        name: Cow::clone(&now.name),
        help: Cow::clone(&now.help),
        series: now.series.iter().filter_map(row).collect(),
        ..*now
    }
}

/// Returns whether a series that is gone is now a part of one that sums up tenants without a place.
fn went_into(gone: &Row, sum: &Row) -> bool {
    let mut is_sum = false;
    let fits = gone.labels.iter().zip(sum.labels.iter()).all(|((name, value), (of_sum, past))| {
        let is_past = is_past(past);
        is_sum |= is_past;
        name == of_sum && (is_past || value == past)
    });
    fits && is_sum
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::since;
    use crate::snapshot::{Distribution, LabelSet, Row, RowKind, Rows, Value};

    fn rows(name: &'static str, kind: RowKind, series: Vec<Row>) -> Arc<Rows> {
        Arc::new(Rows { name: name.into(), help: "".into(), kind, unit: "", is_whole: true, series })
    }

    fn histogram(counts: [u64; 2], sum: f64) -> Arc<Rows> {
        let [low, high] = counts;
        let distribution = Distribution::of_buckets(&[(1.0, low, None), (f64::INFINITY, high, None)], sum);
        rows("h", RowKind::Histogram, vec![Row::new(LabelSet::default(), Value::Distribution(distribution))])
    }

    #[test]
    fn what_a_tenant_counted_is_not_sent_again_when_its_series_becomes_a_part_of_another() {
        let number = |tenant, size, n| Row::number(&[("tenant", tenant), ("size", size)], n);
        let counter = |series| [rows("c", RowKind::Counter, series)];
        let earlier = counter(vec![
            number("a", "s", 5.0),
            number("a", "l", 3.0),
            number("b", "s", 2.0),
            number("other/1", "s", 7.0),
        ]);
        let now = counter(vec![number("b", "s", 2.0), number("other/2", "s", 13.0), number("other/2", "l", 3.0)]);
        assert_eq!(since(&now, &earlier), counter(vec![number("other/2", "s", 1.0)]));
    }

    #[test]
    fn counters_and_histograms_are_differences_and_levels_are_not() {
        let number = |label, n| Row::number(&[("a", label)], n);
        let earlier = [
            rows("c", RowKind::Counter, vec![number("same", 3.0), number("more", 3.0), number("anew", 3.0)]),
            rows("l", RowKind::Level, vec![number("", 5.0)]),
            histogram([1, 2], 7.0),
            rows("unchanged", RowKind::Counter, vec![number("", 1.0)]),
        ];
        let now = [
            rows(
                "c",
                RowKind::Counter,
                vec![number("same", 3.0), number("more", 5.0), number("anew", 1.0), number("new", 0.0)],
            ),
            rows("l", RowKind::Level, vec![number("", 4.0)]),
            histogram([1, 4], 13.5),
            rows("unchanged", RowKind::Counter, vec![number("", 1.0)]),
        ];
        let expected = [
            rows("c", RowKind::Counter, vec![number("more", 2.0), number("anew", 1.0), number("new", 0.0)]),
            rows("l", RowKind::Level, vec![number("", 4.0)]),
            histogram([0, 2], 6.5),
        ];
        assert_eq!(since(&now, &earlier), expected);
        assert_eq!(since(&now, &[]), now);
    }
}
