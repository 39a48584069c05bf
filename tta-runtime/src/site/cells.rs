//! The cells of one call site.

use std::sync::{Arc, Mutex};

use crate::label::top::Folding;
use crate::metric::grid::OF_NANOS;
use crate::metric::{Bounds, CallCell, CallCounts, CallRate, Counter, Durations, Family, Histogram, NearSeries};
use crate::schema::{Id, Unit};
use crate::site::CallSite;
use crate::site::constants::{LabelDef, Role};
use crate::site::convention_series::ConventionSeries;
use crate::site::edges::Edges;
use crate::site::known_sets::KnownSets;

/// The cells of one call site.
pub(crate) struct SiteCells {
    /// Calls, by the values of the site's own labels.
    pub(crate) calls: Calls,
    /// The durations of all calls, of all label sets together.
    pub(crate) durations: Durations,
    /// The durations of calls that did not succeed by the type of the error, if the conventions have a metric of such calls.
    pub(crate) failures: Option<FailureDurations>,
    pub(crate) rate: CallRate,
    /// The edges that lead to the function.
    pub(crate) edges: Edges,
    /// The cells of the latency objective.
    pub(crate) latency: Option<LatencyCells>,
    /// The cells of the calls' models, if they are model calls.
    pub(crate) model: Option<ModelCells>,
    /// The cost of each run, if the calls are workflows.
    pub(crate) run_costs: Option<Histogram>,
    /// The gauge of active workflows, if the calls are workflows.
    pub(crate) active: NearSeries,
    /// The numbers of calls to models and of calls of tools in each invocation, if the calls invoke an agent.
    pub(crate) invocations: Option<[NearSeries; 2]>,
    /// The calls of tenants that have no series of their own any more. Only scrapes lock it.
    pub(crate) folding: Mutex<Folding<CallCounts>>,
}

impl Calls {
    /// Returns the number of ended calls, over all label sets.
    pub(crate) fn ended(&self) -> u64 {
        match self {
            Self::Plain(set) => set.cell.ended(),
            Self::Labelled(family, _) => family.cells().map(|set| set.cell.ended()).sum(),
        }
    }
}

/// The calls of one label set of a site: all that a call in flight needs to find what it adds to, behind one pointer.
pub(crate) struct CallSet {
    pub(crate) site: &'static CallSite,
    pub(crate) cell: CallCell,
}

/// The calls of one site.
pub(crate) enum Calls {
    /// The site has no labels of its own.
    Plain(CallSet),
    /// The calls by the values of the site's own labels, and the label sets that calls have had.
    Labelled(Family<CallSet>, KnownSets<CallSet>),
}

/// The cost of the calls of a site, in nano-dollars, and the series that they add to.
#[derive(Default)]
pub(crate) struct ModelCells {
    pub(crate) cost: Counter,
    /// The difference to the dearest model that the router could have chosen.
    pub(crate) saved: Counter,
    /// By the position of the token type in a usage's parts.
    pub(crate) tokens: [NearSeries; 5],
    pub(crate) cost_of_model: NearSeries,
    pub(crate) by_price: NearSeries,
    pub(crate) calls: NearSeries,
    /// Those of OpenTelemetry's conventions.
    pub(crate) conventions: ConventionSeries,
}

impl std::fmt::Debug for ModelCells {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ModelCells").field("cost", &self.cost.value()).finish_non_exhaustive()
    }
}

/// The durations of calls that did not succeed, by the type of the error.
pub(crate) struct FailureDurations {
    /// The metric of the conventions, whose limit of label sets holds for all of its functions together.
    pub(crate) metric: Id,
    pub(crate) by_error_type: Family<Histogram>,
}

/// The cells of a latency objective.
pub(crate) struct LatencyCells {
    pub(crate) threshold_nanoseconds: u64,
    /// Successes within the threshold.
    pub(crate) good: Counter,
    /// Successes beyond the threshold. Counted instead of computed: a difference of two counters that are read at different
    /// moments may decrease, which Prometheus takes for a counter reset.
    pub(crate) slow: Counter,
}

/// The most label sets that are created in advance.
const MOST_DECLARED_SETS: usize = 32;

impl SiteCells {
    pub(crate) fn new(site: &'static CallSite) -> Self {
        let constants = &site.constants;
        let bounds = Arc::new(Bounds::new(constants.buckets, Unit::Seconds.scale()));
        let failures = constants.convention_durations().map(|metric| {
            let bounds = Arc::clone(&bounds);
            FailureDurations { metric, by_error_type: Family::new(move || Histogram::new(&bounds)) }
        });
        Self {
            failures,
            calls: if constants.labels.is_empty() {
                Calls::Plain(CallSet { site, cell: CallCell::new(&bounds) })
            } else {
                let family = Family::new(move || CallSet { site, cell: CallCell::with_own_sketch(&bounds) });
                for set in declared_sets(constants.labels) {
                    family.declare(&set);
                }
                Calls::Labelled(family, KnownSets::new())
            },
            durations: Durations::new(&OF_NANOS),
            rate: CallRate::new(),
            edges: Edges::new(),
            latency: constants.slo.latency.map(|latency| LatencyCells {
                threshold_nanoseconds: (latency.threshold_seconds * 1e9).round() as u64,
                good: Counter::new(),
                slow: Counter::new(),
            }),
            folding: Mutex::default(),
            model: (constants.role == Role::Model).then(ModelCells::default),
            active: NearSeries::default(),
            invocations: constants.invokes_agent().then(Default::default),
            run_costs: (constants.role == Role::Workflow).then(|| {
                let metric = Id::WorkflowCost.metric();
                Histogram::new(&Arc::new(Bounds::new(metric.buckets, metric.unit.scale())))
            }),
        }
    }
}

/// Returns all combinations of the labels' values; none if they are too many or not known in advance.
fn declared_sets(labels: &[LabelDef]) -> Vec<Vec<&'static str>> {
    let Some(values) = labels.iter().map(LabelDef::values).collect::<Option<Vec<_>>>() else { return Vec::new() };
    if values.iter().map(Vec::len).product::<usize>() > MOST_DECLARED_SETS {
        return Vec::new();
    }
    values.iter().fold(vec![Vec::new()], |sets, values| {
        sets.iter().flat_map(|set| values.iter().map(|&value| [set.as_slice(), &[value]].concat())).collect()
    })
}
