//! The series that one place of the program adds to, found without hashing while its labels stay the same.

use std::sync::OnceLock;

use super::family::Series;
use super::{Cells, Counter, Gauge, Histogram, MetricCells, Sampled};

/// The first series that a place added to, with the metric that it is of: another recorder has another. A place that adds to several
/// looks the others up.
#[derive(Default)]
pub(crate) struct NearSeries(OnceLock<(&'static MetricCells, Near)>);

enum Near {
    Counter(&'static Series<Counter>),
    Gauge(&'static Series<Gauge>),
    Histogram(&'static Series<Histogram>),
}

impl Near {
    fn has_values(&self, labels: &[&str]) -> bool {
        match self {
            Self::Counter(series) => series.has_values(labels),
            Self::Gauge(series) => series.has_values(labels),
            Self::Histogram(series) => series.has_values(labels),
        }
    }
}

impl NearSeries {
    /// Adds to the series of a label set, as [`MetricCells::add`] does.
    pub(crate) fn add(&self, series: &'static MetricCells, labels: &[&str], n: u64, call: Option<Sampled>) {
        self.add_if(|near| near.has_values(labels), series, labels, n, call);
    }

    /// Adds to the series of a label set that is the same at each call of this place.
    pub(crate) fn add_same(&self, series: &'static MetricCells, labels: &[&str], n: u64, call: Option<Sampled>) {
        debug_assert!(self.0.get().is_none_or(|(_, near)| near.has_values(labels)), "{labels:?} are others");
        self.add_if(|_| true, series, labels, n, call);
    }

    #[inline]
    fn add_if(
        &self,
        is_same: impl Fn(&Near) -> bool,
        series: &'static MetricCells,
        labels: &[&str],
        n: u64,
        call: Option<Sampled>,
    ) {
        let near = self.0.get().filter(|(of, _)| std::ptr::eq(*of, series)).map(|(_, near)| near);
        match (near, call) {
            (Some(near @ Near::Counter(series)), None) if is_same(near) => series.cell.add(n),
            (Some(near @ Near::Counter(series)), Some(call)) if is_same(near) => series.cell.add_sampled(n, call),
            (Some(near @ Near::Gauge(series)), _) if is_same(near) => series.cell.add(n as i64),
            (Some(near @ Near::Histogram(series)), None) if is_same(near) => series.cell.observe(n),
            (Some(near @ Near::Histogram(series)), Some(call)) if is_same(near) => series.cell.observe_sampled(n, call),
            (Some(_), _) => series.add(labels, n, call),
            (None, _) => {
                series.add(labels, n, call);
                self.remember(series, labels);
            }
        }
    }

    /// Remembers the series of a label set. Beyond the series limit there is none: each such addition is counted as capped.
    #[cold]
    fn remember(&self, series: &'static MetricCells, labels: &[&str]) {
        let near = match &series.cells {
            Cells::Counter(family) => family.existing(labels).map(Near::Counter),
            Cells::Gauge(family) => family.existing(labels).map(Near::Gauge),
            Cells::Histogram(family) => family.existing(labels).map(Near::Histogram),
            Cells::Stopwatch(_) => None,
        };
        if let Some(near) = near {
            let _ = self.0.set((series, near));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NearSeries;
    use crate::metric::{Cells, MetricCells};
    use crate::schema::Id;

    #[test]
    fn each_label_set_has_its_own_additions_whichever_is_near() {
        let series: &'static MetricCells = Box::leak(Box::new(MetricCells::new(Id::LlmTokens.metric(), 2)));
        let near = NearSeries::default();
        for (provider, n) in [("a", 1), ("b", 10), ("a", 100), ("c", 1_000), ("c", 1_000), ("b", 10_000)] {
            near.add(series, &[provider, "m", "input"], n, None);
        }
        let Cells::Counter(family) = &series.cells else { panic!("tokens are counted") };
        let mut sums: Vec<_> = family.iter().map(|(labels, cell)| (&*labels[0], cell.value())).collect();
        sums.sort_unstable();
        assert_eq!(sums, [("a", 101), ("b", 10_010)]);
        assert_eq!((family.overflow().value(), series.series_limit.overflowed()), (2_000, 2));
    }

    #[test]
    fn a_place_that_adds_to_two_recorders_keeps_them_apart() {
        let [one, other] = [(); 2]
            .map(|()| -> &'static MetricCells { Box::leak(Box::new(MetricCells::new(Id::LlmTokens.metric(), 2))) });
        let near = NearSeries::default();
        for (series, n) in [(one, 1), (other, 10), (one, 100), (other, 1_000)] {
            near.add(series, &["p", "m", "input"], n, None);
        }
        let sum = |series: &'static MetricCells| match &series.cells {
            Cells::Counter(family) => family.iter().map(|(_, cell)| cell.value()).sum::<u64>(),
            _ => panic!("tokens are counted"),
        };
        assert_eq!((sum(one), sum(other)), (101, 1_010));
    }

    #[test]
    fn beyond_the_series_limit_nothing_is_near() {
        let series: &'static MetricCells = Box::leak(Box::new(MetricCells::new(Id::LlmCalls.metric(), 0)));
        let near = NearSeries::default();
        (0..3).for_each(|_| near.add(series, &["p", "m", "success"], 7, None));
        assert_eq!(series.series_limit.overflowed(), 3);
    }
}
