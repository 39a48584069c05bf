//! An annotated function, and the list of all that are linked.

mod cells;
mod constants;
mod list;
#[cfg(feature = "tower")]
mod made;

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_core::Level;
use tracing_core::callsite::{Callsite, Identifier};
use tracing_core::field::FieldSet;
use tracing_core::metadata::{Kind, Metadata};
use tracing_core::subscriber::Interest;

pub(crate) use self::cells::{Calls, MoneyCells, SiteCells};
pub(crate) use self::constants::Constants;
pub use self::constants::{LabelDef, LatencySlo, Role, Slo};
pub(crate) use self::list::all;
use crate::host_log::guarded;

/// One annotated function.
pub struct CallSite {
    pub(crate) constants: Constants,
    /// Its numbers in the process-wide recorder.
    pub(crate) cells: std::sync::OnceLock<SiteCells>,
    metadata: Metadata<'static>,
    registration: Once,
    wanted: AtomicBool,
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
        self.registration.call_once(|| guarded(|| tracing_core::callsite::register(self)));
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

impl std::fmt::Debug for CallSite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.constants.fmt(formatter)
    }
}
