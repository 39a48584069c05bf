//! The contexts of OpenTelemetry: the one that the host made current, and those that this library makes current.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::{Span, TraceContextExt, TraceState, Tracer};
use opentelemetry::{Context, ContextGuard, global};
use tracing_core::{Level, LevelFilter};

use crate::id::SpanIds;
use crate::panics::caught;

/// True once the process is known to use OpenTelemetry besides this library. Until then no call pays for it.
static IS_IN_USE: AtomicBool = AtomicBool::new(false);

/// Returns whether something besides this library may ask OpenTelemetry for the current span.
#[inline]
pub(crate) fn is_in_use() -> bool {
    // A `tracing` subscriber may turn spans and events into those of OpenTelemetry.
    IS_IN_USE.load(Ordering::Relaxed) || LevelFilter::current() >= Level::INFO
}

/// Looks whether the program has set a global tracer provider.
pub(crate) fn look_for_provider() {
    if IS_IN_USE.load(Ordering::Relaxed) {
        return;
    }
    let is_set = catch_ending(|| {
        let parent = SpanIds::root(|_| false).to_otel(TraceState::default());
        // In a context without telemetry, a provider starts no span. Without a provider, the parent comes back.
        let context = Context::new().with_remote_span_context(parent.clone()).with_telemetry_suppressed();
        let span = global::tracer("tta").start_with_context("", &context);
        span.span_context() != &parent
    });
    if is_set == Some(true) {
        IS_IN_USE.store(true, Ordering::Relaxed);
    }
}

/// Returns the span that is current for OpenTelemetry, with its trace state; `None` if there is none, or if it is `own`.
///
/// All spans of this library are current for OpenTelemetry while they run. A different span there is therefore a span of
/// the host that is newer than `own`.
#[inline]
pub(crate) fn host_span(own: &SpanIds) -> Option<(SpanIds, TraceState)> {
    // Most programs have none, and each span asks: a truth value comes back faster than all that a span is.
    let has_span = catch_ending(|| Context::map_current(TraceContextExt::has_active_span));
    if has_span == Some(true) { other_span(own) } else { None }
}

#[inline(never)]
fn other_span(own: &SpanIds) -> Option<(SpanIds, TraceState)> {
    let read = || {
        Context::map_current(|context| {
            let span = context.span();
            let ids = SpanIds::from_otel(span.span_context());
            IS_IN_USE.store(true, Ordering::Relaxed);
            (ids.is_some() && !ids.is_same_span(*own)).then(|| (ids, span.span_context().trace_state().clone()))
        })
    };
    catch_ending(read).flatten()
}

/// Returns the current context of OpenTelemetry with this span in place of its own; with no span for
/// [`SpanIds::NONE`].
pub(crate) fn context_with(ids: SpanIds, trace_state: TraceState) -> Context {
    let span = ids.to_otel(trace_state);
    catch_ending(|| Context::map_current(|context| context.with_remote_span_context(span))).unwrap_or_default()
}

/// Makes a context current for OpenTelemetry until the guard drops.
#[inline]
pub(crate) fn attach(context: Option<&Context>) -> Option<ContextGuard> {
    attach_one(context?)
}

#[inline(never)]
fn attach_one(context: &Context) -> Option<ContextGuard> {
    let context = context.clone();
    catch_ending(|| context.attach())
}

/// Makes a context current for OpenTelemetry until the guard drops, unless its span is current there already.
pub(crate) fn attach_if_other(context: Option<&Context>) -> Option<ContextGuard> {
    let context = context?;
    let is_same = |current: &Context| current.span().span_context() == context.span().span_context();
    if catch_ending(|| Context::map_current(is_same)).unwrap_or(true) { None } else { attach(Some(context)) }
}

thread_local! {
    /// Gone before OpenTelemetry's own value of the thread, which is used first: such values are dropped in the reverse order.
    static NOT_ENDING: NotEnding = {
        caught(|| Context::map_current(|_| ()));
        NotEnding
    };
}

struct NotEnding;

impl Drop for NotEnding {
    fn drop(&mut self) {
        // The drop is the message: it makes the value inaccessible.
    }
}

/// Runs code that reads OpenTelemetry's value of the thread; returns `None` on a thread that is ending, where it would panic.
fn catch_ending<T>(read: impl FnOnce() -> T) -> Option<T> {
    NOT_ENDING.try_with(|_| ()).ok()?;
    caught(read)
}
