//! The choice of a route: a function of the routes' statistics and of random numbers, both passed in.

use std::borrow::Cow;

/// One in this many calls goes to a random route, so that a route that improves is noticed.
const CALLS_PER_EXPLORATION: f64 = 20.0;

/// The way in which a router chooses.
pub(super) enum Choice<I> {
    /// By the key of the input.
    Key(RouteKeyFn<I>),
    /// At random, by weight.
    Weights(Vec<(Cow<'static, str>, u32)>),
    /// The best route by recent calls.
    Best(Measure),
}

impl<I> Choice<I> {
    /// Returns the values of the label `reason`, other than those of the default route.
    pub(super) fn reasons(&self) -> &'static [&'static str] {
        match self {
            Self::Key(_) => &["chosen"],
            Self::Weights(_) => &["weighted"],
            Self::Best(Measure::Cost) => &["cheapest", "explored"],
            Self::Best(Measure::Latency) => &["fastest", "explored"],
        }
    }
}

/// Returns the key of an input; boxed, so that the router's type does not depend on the closure.
pub(super) type RouteKeyFn<I> = Box<dyn Fn(&I) -> Cow<'static, str> + Send + Sync>;

/// The measure by which routes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Cost,
    Latency,
}

impl Measure {
    /// Returns the reason for taking the best route.
    fn reason(self) -> &'static str {
        match self {
            Self::Cost => "cheapest",
            Self::Latency => "fastest",
        }
    }
}

/// The statistics of a route.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteStatistics {
    /// The number of all calls to the route.
    pub(super) calls: u64,
    /// The mean duration or cost of recent successful calls.
    pub(super) succeeded: Mean,
    /// The durations of recent failed calls.
    pub(super) failed: Vec<f64>,
}

/// The mean of the values added so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    pub(super) fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    /// Returns the mean, or `None` if no value was added.
    pub(super) fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

impl RouteStatistics {
    /// Returns the mean over all recent calls, in which a failed call counts at least `at_least`.
    fn mean(&self, at_least: f64) -> Option<f64> {
        let mut mean = self.succeeded;
        for failed in &self.failed {
            mean.add(failed.max(at_least));
        }
        mean.value()
    }
}

/// Two random numbers, each at least 0 and below 1: whether to explore, and the route to explore.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random {
    pub(super) explore: f64,
    pub(super) route: f64,
}

/// Returns the index of one of `weights`, with a probability in proportion to its weight.
///
/// `random` is at least 0 and below 1. Returns `None` if all weights are zero.
pub(super) fn weighted(weights: impl Iterator<Item = u32> + Clone, random: f64) -> Option<usize> {
    let sum: u64 = weights.clone().map(u64::from).sum();
    let mut left = (random * sum as f64) as u64;
    weights.enumerate().find_map(|(index, weight)| match left.checked_sub(u64::from(weight)) {
        None => Some(index),
        Some(rest) => {
            left = rest;
            None
        }
    })
}

/// Returns the index of the best route, and the reason for taking it.
///
/// Routes without calls come first. One call in twenty goes to a random route. Otherwise the route with the least mean
/// is taken, in which a failed call counts twice the mean success of the slowest route, or its own duration if that is
/// longer. A route without a mean, such as a route whose calls all fail on a router by cost, is taken only if no route
/// has a mean.
pub(super) fn best(routes: &[RouteStatistics], measure: Measure, random: Random) -> Option<(usize, &'static str)> {
    if let Some(index) = routes.iter().position(|route| route.calls == 0) {
        return Some((index, "explored"));
    }
    if random.explore * CALLS_PER_EXPLORATION < 1.0 && !routes.is_empty() {
        return Some(((random.route * routes.len() as f64) as usize, "explored"));
    }
    let slowest = routes.iter().filter_map(|route| route.succeeded.value()).fold(0.0, f64::max);
    let means = routes.iter().enumerate().filter_map(|(index, route)| Some((index, route.mean(2.0 * slowest)?)));
    if let Some((index, _)) = means.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
        return Some((index, measure.reason()));
    }
    let least = routes.iter().enumerate().min_by_key(|(_, route)| route.calls);
    least.map(|(index, _)| (index, "explored"))
}

#[cfg(test)]
mod tests {
    use super::{Measure, Random, RouteStatistics, best, weighted};

    const SETTLED: Random = Random { explore: 0.5, route: 0.0 };

    /// Returns the statistics of a route after calls with these durations.
    fn known(succeeded: &[f64], failed: &[f64]) -> RouteStatistics {
        let mut known = RouteStatistics { calls: 1, ..RouteStatistics::default() };
        for value in succeeded {
            known.succeeded.add(*value);
        }
        known.failed.extend(failed);
        known
    }

    #[test]
    fn a_weight_is_a_share_of_the_choices() {
        let choose = |random: f64| weighted([1, 0, 3].into_iter(), random);
        let indices = [0.0, 0.249, 0.25, 0.5, 0.999].map(choose);
        assert_eq!(indices, [Some(0), Some(0), Some(2), Some(2), Some(2)]);
        assert_eq!(weighted([0, 0].into_iter(), 0.5), None);
        assert_eq!(weighted([].into_iter(), 0.0), None);
    }

    #[test]
    fn the_best_route_is_taken_once_all_have_samples() {
        let took = |value| known(&[value], &[]);
        let routes = [took(3.0), took(1.0), took(2.0)];
        assert_eq!(best(&routes, Measure::Latency, SETTLED), Some((1, "fastest")));
        assert_eq!(best(&routes, Measure::Cost, SETTLED), Some((1, "cheapest")));
        let exploring = Random { explore: 0.049, route: 0.99 };
        assert_eq!(best(&routes, Measure::Cost, exploring), Some((2, "explored")));
        let unknown = |calls| RouteStatistics { calls, ..RouteStatistics::default() };
        assert_eq!(best(&[took(3.0), unknown(0)], Measure::Cost, SETTLED), Some((1, "explored")));
        assert_eq!(best(&[took(3.0), unknown(2)], Measure::Cost, SETTLED), Some((0, "cheapest")));
        assert_eq!(best(&[unknown(4), unknown(2)], Measure::Cost, SETTLED), Some((1, "explored")));
        assert_eq!(best(&[], Measure::Cost, exploring), None);
    }

    #[test]
    fn a_route_that_fails_fast_is_not_fast() {
        let index = |routes: &[RouteStatistics]| best(routes, Measure::Latency, SETTLED).map(|(index, _)| index);
        assert_eq!(index(&[known(&[5.0], &[]), known(&[], &[0.001])]), Some(0));
        // Each failure counts 10, and (4 + 10) / 2 is more than 5.
        assert_eq!(index(&[known(&[5.0], &[]), known(&[4.0], &[0.001])]), Some(0));
        assert_eq!(index(&[known(&[5.0], &[]), known(&[1.0, 1.0, 1.0], &[0.001])]), Some(1));
        // Failures of 0.001 and 18 count 10 and 18 each, rather than twice their mean: (4 + 28) / 6 is more than 5.
        assert_eq!(index(&[known(&[5.0], &[]), known(&[1.0; 4], &[0.001, 18.0])]), Some(0));
        // A call that hung until its time limit counts its own duration.
        assert_eq!(index(&[known(&[5.0], &[]), known(&[1.0, 1.0, 1.0], &[60.0])]), Some(0));
        assert_eq!(index(&[known(&[], &[3.0]), known(&[], &[2.0])]), Some(1));
    }
}
