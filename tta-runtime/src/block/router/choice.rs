//! Which route is taken: a function of what is known and of randomness, both passed in.

use std::borrow::Cow;

/// Of this many calls that go by what was measured, one goes elsewhere, so that a route that became better is noticed.
const CALLS_PER_EXPLORATION: f64 = 20.0;

/// How a router chooses.
pub(super) enum Choice<I> {
    /// By a key that the program makes of the input.
    Key(KeyOf<I>),
    /// At random, in these shares.
    Weights(Vec<(Cow<'static, str>, u32)>),
    /// The route that was best of late.
    Best(Measure),
}

/// Makes the key of an input; boxed, so that the router's type does not depend on it.
pub(super) type KeyOf<I> = Box<dyn Fn(&I) -> Cow<'static, str> + Send + Sync>;

/// What routes are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Cost,
    Latency,
}

impl Measure {
    /// Returns why the best route is taken.
    fn reason(self) -> &'static str {
        match self {
            Self::Cost => "cheapest",
            Self::Latency => "fastest",
        }
    }
}

/// What is known about a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// How many calls it was given.
    pub(super) taken: u64,
    /// What was measured of late, if anything.
    pub(super) mean: Option<f64>,
}

/// Two random numbers, each at least 0 and below 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random {
    pub(super) whether: f64,
    pub(super) which: f64,
}

/// Returns the place of one of `weights`, each as likely as its share of the sum; `random` is at least 0 and below 1.
///
/// Without any weight there is no place.
pub(super) fn weighted(weights: impl Iterator<Item = u32> + Clone, random: f64) -> Option<usize> {
    let sum: u64 = weights.clone().map(u64::from).sum();
    let mut left = (random * sum as f64) as u64;
    weights.enumerate().find_map(|(place, weight)| match left.checked_sub(u64::from(weight)) {
        None => Some(place),
        Some(rest) => {
            left = rest;
            None
        }
    })
}

/// Returns the place of the route that has the least mean, and why it is taken.
///
/// Routes that no call was given yet come first, and one call in twenty goes to any of the routes. A route of which nothing
/// is known although it was taken, such as one that only fails, waits for those.
pub(super) fn best(routes: &[Known], measure: Measure, random: Random) -> Option<(usize, &'static str)> {
    if let Some(place) = routes.iter().position(|route| route.taken == 0) {
        return Some((place, "explored"));
    }
    if random.whether * CALLS_PER_EXPLORATION < 1.0 && !routes.is_empty() {
        return Some(((random.which * routes.len() as f64) as usize, "explored"));
    }
    let means = routes.iter().enumerate().filter_map(|(place, route)| Some((place, route.mean?)));
    if let Some((place, _)) = means.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
        return Some((place, measure.reason()));
    }
    let least = routes.iter().enumerate().min_by_key(|(_, route)| route.taken);
    least.map(|(place, _)| (place, "explored"))
}

#[cfg(test)]
mod tests {
    use super::{Known, Measure, Random, best, weighted};

    #[test]
    fn a_weight_is_a_share_of_the_choices() {
        let choose = |random: f64| weighted([1, 0, 3].into_iter(), random);
        let places = [0.0, 0.249, 0.25, 0.5, 0.999].map(choose);
        assert_eq!(places, [Some(0), Some(0), Some(2), Some(2), Some(2)]);
        assert_eq!(weighted([0, 0].into_iter(), 0.5), None);
        assert_eq!(weighted([].into_iter(), 0.0), None);
    }

    #[test]
    fn the_best_is_taken_once_all_are_measured() {
        let known = |mean| Known { taken: 1, mean };
        let settled = Random { whether: 0.5, which: 0.0 };
        let routes = [known(Some(3.0)), known(Some(1.0)), known(Some(2.0))];
        assert_eq!(best(&routes, Measure::Latency, settled), Some((1, "fastest")));
        assert_eq!(best(&routes, Measure::Cost, settled), Some((1, "cheapest")));
        let exploring = Random { whether: 0.049, which: 0.99 };
        assert_eq!(best(&routes, Measure::Cost, exploring), Some((2, "explored")));
        let unknown = |taken| Known { taken, mean: None };
        assert_eq!(best(&[known(Some(3.0)), unknown(0)], Measure::Cost, settled), Some((1, "explored")));
        assert_eq!(best(&[known(Some(3.0)), unknown(2)], Measure::Cost, settled), Some((0, "cheapest")));
        assert_eq!(best(&[unknown(4), unknown(2)], Measure::Cost, settled), Some((1, "explored")));
        assert_eq!(best(&[], Measure::Cost, exploring), None);
    }
}
