//! The constants of one annotated function, and the list of all functions that are linked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use tracing_core::Level;
use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::field::FieldSet;
use tracing_core::metadata::{Kind, Metadata};
use tracing_core::subscriber::Interest;

use crate::metric::{CallCell, Counter, Family, Rate, Sketch};
use crate::notice::notice;

/// Every annotated function of the program, called or not.
///
/// The linker gathers it, so that a series exists with 0 before its first call. The expansion of the attribute puts
/// its element into the list's section itself: to have `linkme` do it for each function is a fifth of what the
/// attribute costs while compiling. The names of the sections are those of the version that `Cargo.toml` pins.
#[linkme::distributed_slice]
pub(crate) static CALL_SITES: [&'static CallSite];

/// One annotated function.
pub struct CallSite {
    pub(crate) constants: Constants,
    /// Its numbers in the process-wide recorder.
    pub(crate) cells: std::sync::OnceLock<SiteCells>,
    metadata: Metadata<'static>,
    registration: Once,
    wanted: AtomicBool,
}

/// Call sites that were made while the program runs, such as those of services.
static MADE: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

/// What the expansion of the attribute says about the function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    /// What its calls mean beyond their own span.
    pub(crate) role: Role,
    /// The label `primitive_type`.
    pub(crate) primitive_type: &'static str,
    /// The label `action`.
    pub(crate) action: &'static str,
    /// The label `primitive_name`.
    pub(crate) name: &'static str,
    /// The span's name, `primitive.{type}.{action}`.
    pub(crate) span_name: &'static str,
    /// The function's path, the attribute `code.function.name`.
    pub(crate) function: &'static str,
    /// The attribute `code.file.path`.
    pub(crate) file: &'static str,
    /// The attribute `code.line.number`.
    pub(crate) line: u32,
    /// Its own labels, in the order in which calls give their values.
    pub(crate) labels: &'static [LabelDef],
    /// The bucket bounds of its histogram, in seconds.
    pub(crate) buckets: &'static [f64],
    /// Its objectives.
    pub(crate) slo: Slo,
}

/// What calls of a function mean beyond their own span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Names the workflow for all that runs inside.
    Workflow,
    /// Names the agent for all that runs inside.
    Agent,
    /// Asks a model, and uses tokens.
    Model,
    /// Runs a tool.
    Tool,
    /// Searches.
    Retrieval,
    /// None of these.
    Other,
}

/// A label of a call site's own.
#[derive(Clone, Copy, Debug)]
pub struct LabelDef {
    pub(crate) name: &'static str,
    values: Values,
}

#[derive(Clone, Copy, Debug)]
enum Values {
    /// All values of the label's type.
    Closed(fn() -> Vec<&'static str>),
    Literal(&'static str),
    /// Values that are only known when a call brings them.
    Open,
}

impl LabelDef {
    /// A label whose values are those of a type, if that type is a closed set.
    #[must_use]
    pub const fn closed(name: &'static str, values: Option<fn() -> Vec<&'static str>>) -> Self {
        match values {
            Some(values) => Self { name, values: Values::Closed(values) },
            None => Self::open(name),
        }
    }

    /// A label with one value.
    #[must_use]
    pub const fn literal(name: &'static str, value: &'static str) -> Self {
        Self { name, values: Values::Literal(value) }
    }

    /// A label whose values are known when a call brings them.
    #[must_use]
    pub const fn open(name: &'static str) -> Self {
        Self { name, values: Values::Open }
    }

    fn values(&self) -> Option<Vec<&'static str>> {
        match self.values {
            Values::Closed(values) => Some(values()),
            Values::Literal(value) => Some(vec![value]),
            Values::Open => None,
        }
    }
}

/// The objectives of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// Percent of calls that should succeed.
    pub availability: Option<f64>,
    /// How many calls should succeed how fast.
    pub latency: Option<LatencySlo>,
}

/// An objective for the duration of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySlo {
    /// The longest duration of a good call, in seconds.
    pub threshold_seconds: f64,
    /// Percent of calls that should be good.
    pub percent: f64,
}

impl Slo {
    /// No objectives.
    pub const NONE: Self = Self { availability: None, latency: None };
}

/// The fields that calls' `tracing` spans have.
pub(crate) const FIELDS: &[&str] = &["otel.name", "primitive.name", "primitive.type", "primitive.action"];

/// The target of calls' `tracing` spans.
pub(crate) const TARGET: &str = "tta";

impl CallSite {
    /// Makes the call site; `this` is the static that it is stored in.
    ///
    /// The names are the primitive's type, action and name, its span's name, and the function's path, whose last
    /// `own_name` bytes stand behind the module's. The place is where the attribute stands.
    #[must_use]
    #[track_caller]
    pub const fn new(
        this: &'static dyn Callsite,
        role: Role,
        [primitive_type, action, name, span_name, function]: [&'static str; 5],
        own_name: usize,
        buckets: &'static [f64],
    ) -> Self {
        let place = std::panic::Location::caller();
        let (module_path, _) = function.split_at(function.len() - own_name);
        Self {
            metadata: Metadata::new(
                span_name,
                TARGET,
                Level::INFO,
                Some(place.file()),
                Some(place.line()),
                Some(module_path),
                FieldSet::new(FIELDS, Identifier(this)),
                Kind::SPAN,
            ),
            constants: Constants {
                role,
                primitive_type,
                action,
                name,
                span_name,
                function,
                file: place.file(),
                line: place.line(),
                labels: &[],
                buckets,
                slo: Slo::NONE,
            },
            cells: std::sync::OnceLock::new(),
            registration: Once::new(),
            wanted: AtomicBool::new(false),
        }
    }

    /// Makes a call site while the program runs, or returns the one of the same names that was made before; it lives for
    /// ever.
    #[cfg(feature = "tower")]
    #[track_caller]
    pub(crate) fn made(role: Role, names: [&'static str; 5], buckets: &'static [f64]) -> &'static Self {
        let [primitive_type, action, name, ..] = names;
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |site: &Self| {
            let known = &site.constants;
            (known.primitive_type, known.action, known.name) == (primitive_type, action, name)
        };
        if let Some(site) = made.iter().find(|site| is_same(site)) {
            return site;
        }
        let indirect: &'static Indirect = Box::leak(Box::default());
        let site = Box::leak(Box::new(Self::new(indirect, role, names, 0, buckets)));
        let _ = indirect.0.set(site);
        made.push(site);
        site
    }

    /// Returns the call sites that were made while the program runs.
    pub(crate) fn all_made() -> Vec<&'static Self> {
        MADE.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the function labels of its own.
    #[must_use]
    pub const fn labels(mut self, labels: &'static [LabelDef]) -> Self {
        self.constants.labels = labels;
        self
    }

    /// Gives the function objectives.
    #[must_use]
    pub const fn slo(mut self, slo: Slo) -> Self {
        self.constants.slo = slo;
        self
    }

    /// Returns the metadata of a `tracing` span for a call, if a subscriber may want one.
    #[inline]
    pub(crate) fn tracing_metadata(&'static self) -> Option<&'static Metadata<'static>> {
        // A subscriber that panics here is not asked again, and this call site is listed already.
        self.registration.call_once(|| notice(|| tracing_core::callsite::register(self)));
        let wanted = self.wanted.load(Ordering::Relaxed)
            && tracing::dispatcher::get_default(|dispatch| dispatch.enabled(&self.metadata));
        wanted.then_some(&self.metadata)
    }
}

impl Callsite for CallSite {
    fn set_interest(&self, interest: Interest) {
        self.wanted.store(!interest.is_never(), Ordering::Relaxed);
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// Stands for a call site whose metadata must name it before it is there.
#[cfg(feature = "tower")]
#[derive(Default)]
struct Indirect(std::sync::OnceLock<&'static CallSite>);

#[cfg(feature = "tower")]
impl Callsite for Indirect {
    fn set_interest(&self, interest: Interest) {
        if let Some(site) = self.0.get() {
            site.set_interest(interest);
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        /// What nobody asks for before the call site is there.
        static UNKNOWN: CallSite =
            CallSite::new(&UNKNOWN, Role::Other, ["", "", "", "", ""], 0, crate::schema::buckets::DEFAULT);
        &self.0.get().copied().unwrap_or(&UNKNOWN).metadata
    }
}

impl std::fmt::Debug for CallSite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.constants.fmt(formatter)
    }
}

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
