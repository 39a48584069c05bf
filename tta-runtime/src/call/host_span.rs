//! The span of a call in the host's own `tracing`.
//!
//! The host's subscriber runs whenever such a span opens, is entered, is exited and closes. A panic of the subscriber ends
//! here, and the call continues. Calls that the subscriber itself makes meanwhile open no such span.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::{SpanKind, TraceState};
use opentelemetry::{Context, ContextGuard, KeyValue};
use tracing::Span;
use tracing::span::Entered;
use tracing_core::{Level, LevelFilter};

use crate::context::{frame, host};
use crate::host_log::{catch_panic, is_in_subscriber};
use crate::id::SpanIds;
use crate::site::CallSite;
use crate::span::HostRecording;

/// The host's view of a call: a `tracing` span that closes on drop, and the current span of OpenTelemetry.
///
/// Boxed: in most programs nobody is interested, and the call stays small.
#[derive(Debug)]
pub(crate) struct HostSpan(Option<Box<Seen>>);

#[derive(Debug)]
struct Seen {
    span: Span,
    /// The context of OpenTelemetry while the span is entered; `None` if the host's own is right.
    context: Option<Context>,
}

/// True once a layer has been seen that makes spans of OpenTelemetry from `tracing` spans: it would export every call that
/// this library exports a second time.
static EXPORTED_BY_HOST: AtomicBool = AtomicBool::new(false);

impl HostSpan {
    pub(crate) const NONE: Self = Self(None);

    #[inline]
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Returns whether some subscriber may be interested.
    #[inline]
    pub(crate) fn is_possible() -> bool {
        LevelFilter::current() >= Level::INFO && !is_in_subscriber()
    }

    /// Opens the span of the call with these identifiers, if a subscriber is interested.
    #[inline]
    pub(super) fn open(site: &'static CallSite, ids: SpanIds, kind: impl FnOnce() -> SpanKind) -> Self {
        if !Self::is_possible() {
            return Self::NONE;
        }
        Self::of(catch_panic(|| new_span(site, ids, &kind())).flatten())
    }

    fn of(span: Option<Span>) -> Self {
        Self(span.map(|span| Box::new(Seen { span, context: None })))
    }

    /// Makes the context current for OpenTelemetry whenever the span is entered.
    pub(crate) fn in_context(mut self, context: Context) -> Self {
        let span = self.0.take().map_or_else(Span::none, |mut seen| std::mem::replace(&mut seen.span, Span::none()));
        Self(Some(Box::new(Seen { span, context: Some(context) })))
    }

    /// Opens the span of a call that this library exports. Opens none where the host would export it as well.
    pub(super) fn open_exported(
        site: &'static CallSite,
        ids: SpanIds,
        kind: impl FnOnce() -> SpanKind,
        context: &Context,
    ) -> Self {
        if !Self::is_possible() || EXPORTED_BY_HOST.load(Ordering::Relaxed) {
            return Self::NONE;
        }
        /// A value in the context, which lives as long as anybody keeps the context.
        struct Kept(#[expect(dead_code, reason = "it is only counted")] Arc<()>);
        let count = Arc::new(());
        // In a context without telemetry, such a layer starts no span.
        let context = context.with_telemetry_suppressed().with_value(Kept(count.clone()));
        let span = {
            let _attached = host::attach(Some(&context));
            Self::open(site, ids, kind)
        };
        drop(context);
        // Only a layer that makes spans of OpenTelemetry keeps the parent's context.
        if Arc::strong_count(&count) > 1 {
            EXPORTED_BY_HOST.store(true, Ordering::Relaxed);
            return Self::NONE;
        }
        span
    }

    /// Opens the span of a part of a block, if a subscriber is interested.
    #[cfg(feature = "blocks")]
    pub(crate) fn open_part(name: &str, block: &'static str, primitive_type: &'static str) -> Self {
        let open = || {
            tracing::info_span!(
                target: crate::site::TARGET,
                "primitive.block",
                otel.name = name,
                primitive.name = block,
                primitive.r#type = primitive_type
            )
        };
        let span = catch_panic(|| frame::with_opening_call(SpanIds::NONE, open));
        Self::of(span.filter(|span| !span.is_disabled()))
    }

    /// Makes the span the recording of a call, with the attributes that are known at its start.
    ///
    /// Returns its identifiers, its trace state, and the recording if it is sampled; `None` without a layer that makes
    /// spans of OpenTelemetry.
    pub(crate) fn record(&self, attributes: Vec<KeyValue>) -> Option<(SpanIds, TraceState, Option<HostRecording>)> {
        let seen = self.0.as_deref()?;
        catch_panic(|| HostRecording::start(&seen.span, attributes)).flatten()
    }

    /// Enters the span until the guard drops.
    #[inline]
    pub(crate) fn enter(&self) -> EnteredHostSpan<'_> {
        EnteredHostSpan(self.0.as_deref().map(Seen::enter))
    }
}

impl Seen {
    #[inline(never)]
    fn enter(&self) -> EnteredSeen<'_> {
        let span = if self.span.is_none() { None } else { self.enter_span() };
        // Last, so that it is current even if a layer makes a context of its own current for the span.
        EnteredSeen { context: host::attach(self.context.as_ref()), span }
    }

    fn enter_span(&self) -> Option<Entered<'_>> {
        let entered = catch_panic(|| self.span.enter());
        if entered.is_none() {
            // Layers before the one that panicked may have entered the span.
            catch_panic(|| self.span.with_subscriber(|(id, dispatch)| dispatch.exit(id)));
        }
        entered
    }
}

fn new_span(site: &'static CallSite, ids: SpanIds, kind: &SpanKind) -> Option<Span> {
    let metadata = site.tracing_metadata()?;
    let constants = &site.constants;
    let values = [constants.span_name, constants.name, constants.primitive_type, constants.action];
    let fields = metadata.fields();
    let mut columns = fields.iter();
    let [Some(span_name), Some(name), Some(primitive_type), Some(action), Some(span_kind)] =
        [(); 5].map(|()| columns.next())
    else {
        return None;
    };
    let [first, second, third, fourth] = values.each_ref().map(|value| Some(value as &dyn tracing::Value));
    let kind = match kind {
        SpanKind::Client => Some(&"client" as &dyn tracing::Value),
        SpanKind::Server => Some(&"server" as &dyn tracing::Value),
        _ => None,
    };
    let set = [(&span_name, first), (&name, second), (&primitive_type, third), (&action, fourth), (&span_kind, kind)];
    Some(frame::with_opening_call(ids, || Span::new(metadata, &fields.value_set(&set))))
}

impl Drop for Seen {
    fn drop(&mut self) {
        let span = std::mem::replace(&mut self.span, Span::none());
        catch_panic(|| drop(span));
    }
}

/// Exits the span on drop.
pub(crate) struct EnteredHostSpan<'a>(#[expect(dead_code, reason = "it is only dropped")] Option<EnteredSeen<'a>>);

struct EnteredSeen<'a> {
    context: Option<ContextGuard>,
    span: Option<Entered<'a>>,
}

impl Drop for EnteredSeen<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        drop(self.context.take());
        if let Some(entered) = self.span.take() {
            catch_panic(|| drop(entered));
        }
    }
}
