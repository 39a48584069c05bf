//! The numbers of one call site.

use crate::metric::{CallCell, Counter, Family, Rate, Sketch};
use crate::site::constants::{Constants, LabelDef, Role};

/// The numbers of one call site.
pub(crate) struct SiteCells {
    /// Calls, by the values of the site's own labels; one entry without values where it has none.
    pub(crate) calls: Calls,
    pub(crate) durations: Sketch,
    pub(crate) rate: Rate,
    /// Successes within the threshold of the latency objective, and that threshold.
    pub(crate) latency: Option<LatencyCells>,
    /// What the calls cost, where they are calls to models.
    pub(crate) money: Option<MoneyCells>,
}

impl Calls {
    /// Returns how many calls ended, in all label sets.
    pub(crate) fn ended(&self) -> u64 {
        match self {
            Self::Plain(cell) => cell.ended(),
            Self::Labelled(family) => family.cells().map(CallCell::ended).sum(),
        }
    }
}

/// The calls of one site.
pub(crate) enum Calls {
    /// The site has no labels of its own.
    Plain(CallCell),
    /// By the values of its labels.
    Labelled(Family<CallCell>),
}

/// What the calls of a site cost, in nano-dollars.
pub(crate) struct MoneyCells {
    pub(crate) cost: Counter,
    /// What they cost less than at the dearest model that a router could have taken.
    pub(crate) saved: Counter,
}

impl std::fmt::Debug for MoneyCells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MoneyCells").field("cost", &self.cost.value()).finish_non_exhaustive()
    }
}

/// What the latency objective of a site counts.
pub(crate) struct LatencyCells {
    pub(crate) threshold_nanoseconds: u64,
    pub(crate) good: Counter,
    /// Successes beyond it: counted and not computed, since a difference of two counters read at different moments
    /// may fall, and Prometheus takes a counter that falls for one that began anew.
    pub(crate) slow: Counter,
}

/// Label sets are made in advance where there are at most this many.
const DECLARED_SETS: usize = 32;

impl SiteCells {
    pub(crate) fn new(constants: &Constants, limit: usize) -> Self {
        let buckets = constants.buckets;
        Self {
            calls: if constants.labels.is_empty() {
                Calls::Plain(CallCell::new(buckets))
            } else {
                let family = Family::new(most_sets(constants.labels, limit), move || CallCell::new(buckets));
                for set in declared_sets(constants.labels) {
                    family.declare(&set);
                }
                Calls::Labelled(family)
            },
            durations: Sketch::new(),
            rate: Rate::new(),
            latency: constants.slo.latency.map(|latency| LatencyCells {
                threshold_nanoseconds: (latency.threshold_seconds * 1e9).round() as u64,
                good: Counter::new(),
                slow: Counter::new(),
            }),
            money: (constants.role == Role::Model).then(|| MoneyCells { cost: Counter::new(), saved: Counter::new() }),
        }
    }
}

/// Returns how many label sets the site can make, as far as the limit lets it.
fn most_sets(labels: &[LabelDef], limit: usize) -> usize {
    let sizes = labels.iter().map(|label| label.values().map(|values| values.len()));
    let product = sizes.collect::<Option<Vec<_>>>().map(|sizes| sizes.into_iter().product());
    product.map_or(limit + DECLARED_SETS, |product: usize| product.min(limit + DECLARED_SETS))
}

/// Returns all combinations of the labels' values, none where they are too many or not known.
fn declared_sets(labels: &[LabelDef]) -> Vec<Vec<&'static str>> {
    let Some(values) = labels.iter().map(LabelDef::values).collect::<Option<Vec<_>>>() else { return Vec::new() };
    if values.iter().map(Vec::len).product::<usize>() > DECLARED_SETS {
        return Vec::new();
    }
    values.iter().fold(vec![Vec::new()], |sets, values| {
        sets.iter().flat_map(|set| values.iter().map(|&value| [set.as_slice(), &[value]].concat())).collect()
    })
}
