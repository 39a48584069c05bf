//! Call sites created at run time, such as those of HTTP services.

use std::sync::{OnceLock, PoisonError};

use tracing_core::callsite::Callsite;
use tracing_core::metadata::Metadata;
use tracing_core::subscriber::Interest;

use super::list::DYNAMIC;
use super::{CallSite, Role};

impl CallSite {
    /// Returns the call site with these names; creates it on first use and never frees it.
    #[track_caller]
    pub(crate) fn dynamic(role: Role, names: [&'static str; 5], buckets: &'static [f64]) -> &'static Self {
        let [primitive_type, action, name, ..] = names;
        let mut dynamic = DYNAMIC.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |site: &Self| {
            let known = &site.constants;
            (known.primitive_type, known.action, known.name) == (primitive_type, action, name)
        };
        if let Some(site) = dynamic.iter().find(|site| is_same(site)) {
            return site;
        }
        let forwarding: &'static ForwardingCallsite = Box::leak(Box::default());
        let site = Box::leak(Box::new(Self::new(forwarding, role, names, 0, buckets)));
        let _ = forwarding.0.set(site);
        dynamic.push(site);
        site
    }
}

/// A placeholder for a call site: its metadata must refer to a call site before it exists.
#[derive(Default)]
struct ForwardingCallsite(OnceLock<&'static CallSite>);

impl Callsite for ForwardingCallsite {
    fn set_interest(&self, interest: Interest) {
        if let Some(site) = self.0.get() {
            site.set_interest(interest);
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        /// Unreachable in practice: the call site is set before it is registered.
        static UNKNOWN: CallSite =
            CallSite::new(&UNKNOWN, Role::Other, ["", "", "", "", ""], 0, crate::schema::buckets::DEFAULT);
        &self.0.get().copied().unwrap_or(&UNKNOWN).metadata
    }
}
