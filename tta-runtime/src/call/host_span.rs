//! The span of a call in the host's own `tracing`.
//!
//! The host's subscriber runs whenever such a span is opened, entered, left and closed. Where it panics, the panic ends here,
//! and the call goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::Span;
use tracing::span::Entered;
use tracing_core::{Level, LevelFilter};

use crate::context::frame;
use crate::id::SpanIds;
use crate::site::CallSite;

/// A span that is closed when this is dropped. Boxed, since most programs have no subscriber that wants one.
#[derive(Debug)]
pub(super) struct HostSpan(Option<Box<Span>>);

impl HostSpan {
    pub(super) const NONE: Self = Self(None);

    /// Opens the span of a call that has these identifiers, if a subscriber wants it.
    #[inline]
    pub(super) fn open(site: &'static CallSite, ids: SpanIds) -> Self {
        if LevelFilter::current() < Level::INFO {
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
            Some(frame::while_opening(ids, || Span::new(metadata, &fields.value_set(&set))))
        };
        Self(quietly(open).flatten().map(Box::new))
    }

    /// Enters the span until the guard goes.
    #[inline]
    pub(super) fn enter(&self) -> Inside<'_> {
        let Some(span) = self.0.as_deref() else { return Inside(None) };
        let entered = quietly(|| span.enter());
        if entered.is_none() {
            // Some of the subscriber's layers may have entered it before the one that panicked.
            quietly(|| span.with_subscriber(|(id, dispatch)| dispatch.exit(id)));
        }
        Inside(entered)
    }
}

impl Drop for HostSpan {
    fn drop(&mut self) {
        if let Some(span) = self.0.take() {
            quietly(|| drop(span));
        }
    }
}

/// Leaves the span when it is dropped.
pub(super) struct Inside<'a>(Option<Entered<'a>>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(entered) = self.0.take() {
            quietly(|| drop(entered));
        }
    }
}

fn quietly<T>(act: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}
