//! The span of a call in the host's own `tracing`.
//!
//! The host's subscriber runs whenever such a span opens, is entered, is exited and closes. A panic of the subscriber ends
//! here, and the call continues. Calls that the subscriber itself makes meanwhile open no such span.

use tracing::Span;
use tracing::span::Entered;
use tracing_core::{Level, LevelFilter};

use crate::context::frame;
use crate::host_log::{catch_panic, is_in_subscriber};
use crate::id::SpanIds;
use crate::site::CallSite;

/// A span that closes on drop. Boxed: in most programs no subscriber is interested, and the call stays small.
#[derive(Debug)]
pub(super) struct HostSpan(Option<Box<Span>>);

impl HostSpan {
    pub(super) const NONE: Self = Self(None);

    /// Opens the span of the call with these identifiers, if a subscriber is interested.
    #[inline]
    pub(super) fn open(site: &'static CallSite, ids: SpanIds) -> Self {
        if LevelFilter::current() < Level::INFO || is_in_subscriber() {
            return Self::NONE;
        }
        let open = || {
            let metadata = site.tracing_metadata()?;
            let constants = &site.constants;
            let values = [constants.span_name, constants.name, constants.primitive_type, constants.action];
            let fields = metadata.fields();
            let mut columns = fields.iter();
            let [Some(a), Some(b), Some(c), Some(d)] = [(); 4].map(|()| columns.next()) else { return None };
            let [va, vb, vc, vd] = values.each_ref().map(|value| Some(value as &dyn tracing::Value));
            let set = [(&a, va), (&b, vb), (&c, vc), (&d, vd)];
            Some(frame::with_opening_call(ids, || Span::new(metadata, &fields.value_set(&set))))
        };
        Self(catch_panic(open).flatten().map(Box::new))
    }

    /// Enters the span until the guard drops.
    #[inline]
    pub(super) fn enter(&self) -> EnteredHostSpan<'_> {
        let Some(span) = self.0.as_deref() else { return EnteredHostSpan(None) };
        let entered = catch_panic(|| span.enter());
        if entered.is_none() {
            // Layers before the one that panicked may have entered the span.
            catch_panic(|| span.with_subscriber(|(id, dispatch)| dispatch.exit(id)));
        }
        EnteredHostSpan(entered)
    }
}

impl Drop for HostSpan {
    fn drop(&mut self) {
        if let Some(span) = self.0.take() {
            catch_panic(|| drop(span));
        }
    }
}

/// Exits the span on drop.
pub(super) struct EnteredHostSpan<'a>(Option<Entered<'a>>);

impl Drop for EnteredHostSpan<'_> {
    fn drop(&mut self) {
        if let Some(entered) = self.0.take() {
            catch_panic(|| drop(entered));
        }
    }
}
