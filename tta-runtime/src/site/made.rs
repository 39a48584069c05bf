//! Call sites that are made while the program runs, such as those of services.

use std::sync::{OnceLock, PoisonError};

use tracing_core::callsite::Callsite;
use tracing_core::metadata::Metadata;
use tracing_core::subscriber::Interest;

use super::list::MADE;
use super::{CallSite, Role};

impl CallSite {
    /// Makes a call site while the program runs, or returns the one of the same names that was made before; it lives for
    /// ever.
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
}

/// Stands for a call site whose metadata must name it before it is there.
#[derive(Default)]
struct Indirect(OnceLock<&'static CallSite>);

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
