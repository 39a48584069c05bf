//! Call sites: the annotated functions of the program.

mod cells;
mod constants;
mod convention_series;
mod dynamic;
mod edges;
mod known_sets;
mod list;
mod registration;
mod section;

use tracing_core::Level;
use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::field::FieldSet;
use tracing_core::metadata::{Kind, Metadata};
use tracing_core::subscriber::Interest;

pub(crate) use self::cells::{CallSet, Calls, ModelCells, SiteCells};
pub(crate) use self::constants::Constants;
pub use self::constants::{LabelDef, LatencySlo, Role, Slo};
pub(crate) use self::known_sets::KnownSets;
pub(crate) use self::list::all;
use registration::Registration;

/// An annotated function.
pub struct CallSite {
    pub(crate) constants: Constants,
    /// The function's cells in the process-wide recorder.
    pub(crate) cells: std::sync::OnceLock<SiteCells>,
    metadata: Metadata<'static>,
    registration: Registration,
}

/// The fields of the `tracing` spans of calls.
pub(crate) const FIELDS: &[&str] = &["otel.name", "primitive.name", "primitive.type", "primitive.action", "otel.kind"];

/// The target of the `tracing` spans of calls.
pub(crate) const TARGET: &str = "tta";

impl CallSite {
    /// Creates a call site; `this` is the static that stores it.
    ///
    /// The names are the primitive's type, action and name, the span's name, and the function's path. The last `own_name`
    /// bytes of the path are the function's own name; the rest is the module's path. The caller's location is that of the
    /// attribute.
    #[must_use]
    #[track_caller]
    pub const fn new(
        this: &'static dyn Callsite,
        role: Role,
        [primitive_type, action, name, span_name, function]: [&'static str; 5],
        own_name: usize,
        buckets: &'static [f64],
    ) -> Self {
        let location = std::panic::Location::caller();
        let (module_path, _) = function.split_at(function.len() - own_name);
        Self {
            metadata: Metadata::new(
                span_name,
                TARGET,
                Level::INFO,
                Some(location.file()),
                Some(location.line()),
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
                file: location.file(),
                line: location.line(),
                labels: &[],
                buckets,
                slo: Slo::NONE,
                is_guarded: false,
            },
            cells: std::sync::OnceLock::new(),
            registration: Registration::new(),
        }
    }

    /// Sets the function's own labels.
    #[must_use]
    pub const fn labels(mut self, labels: &'static [LabelDef]) -> Self {
        self.constants.labels = labels;
        self
    }

    /// Sets the function's objectives.
    #[must_use]
    pub const fn slo(mut self, slo: Slo) -> Self {
        self.constants.slo = slo;
        self
    }

    /// Says that a loop guard watches the function's calls.
    #[must_use]
    pub const fn guarded(mut self) -> Self {
        self.constants.is_guarded = true;
        self
    }

    /// Returns the metadata of a call's `tracing` span, if the current subscriber wants it.
    #[inline]
    pub(crate) fn tracing_metadata(&'static self) -> Option<&'static Metadata<'static>> {
        let wanted = self.registration.may_be_wanted()
            && tracing::dispatcher::get_default(|current| self.registration.asks(self, current));
        wanted.then_some(&self.metadata)
    }
}

impl Callsite for CallSite {
    fn set_interest(&self, interest: Interest) {
        self.registration.set_interest(!interest.is_never());
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

impl std::fmt::Debug for CallSite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.constants.fmt(formatter)
    }
}
