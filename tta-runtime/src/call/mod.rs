//! A call in flight, from its start to its one outcome.

mod boxed;
pub(crate) mod classification;
mod conventions;
pub(crate) mod enter;
mod foreign_model_call;
mod forwarded;
pub(crate) mod future;
pub(crate) mod handover;
pub(crate) mod host_span;
pub(crate) mod loop_guard;
pub(crate) mod returned;
mod role;
mod span;
pub(crate) mod stream;
mod streaming;
pub(crate) mod tracing_layer;

use std::borrow::Cow;
use std::mem::ManuallyDrop;

use opentelemetry::KeyValue;

use crate::attribute::Attributes;
use crate::call::classification::CallEnd;
use crate::clock::Monotonic;
use crate::context::caller::Caller;
use crate::context::frame::{self, Connection, Frame, with_current};
use crate::metric::Sampled;
use crate::outcome::Outcome;
use crate::recorder::{GLOBAL, Recorder, is_any_enabled};
use crate::schema::Id;
use crate::site::{CallSet, CallSite, Role, SiteCells};
use host_span::HostSpan;
use span::OwnAttributes;

/// The inputs of a call, besides its call site.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The values of the site's own labels, in the order in which the site names them.
    pub labels: &'a [&'static str],
    /// The model that the call asks.
    pub model: ModelInputs,
}

/// The model that a call asks.
#[derive(Clone, Copy, Debug)]
pub struct ModelInputs {
    /// The provider; the workflow's default if `None`.
    pub provider: Option<&'static str>,
    /// The model's name; the workflow's default if `None`.
    pub model: Option<&'static str>,
    /// The tier: the program's own grouping of models.
    pub tier: Option<&'static str>,
}

impl ModelInputs {
    /// The workflow's defaults, or no model at all.
    pub const NONE: Self = Self { provider: None, model: None, tier: None };
}

impl Inputs<'_> {
    pub(crate) const NONE: Self = Self { labels: &[], model: ModelInputs::NONE };
}

/// A call that has started and ends in exactly one outcome; dropped before its end, it is cancelled.
///
/// Empty while recording is off.
#[derive(Debug)]
#[must_use]
pub struct Call(Option<Live>);

struct Live {
    set: &'static CallSet,
    start: Monotonic,
    frame: Frame,
    host_span: HostSpan,
}

/// Starts a call.
#[inline]
pub fn begin(call: &mut Call, site: &'static CallSite) {
    if is_any_enabled() {
        start(call, site, &Inputs::NONE, None);
    }
}

/// Starts a call with inputs and span attributes.
///
/// `attributes` runs only if the span is recorded or the program brings its own sampler.
#[inline]
pub fn begin_with(
    call: &mut Call,
    site: &'static CallSite,
    inputs: &Inputs<'_>,
    attributes: impl FnOnce(&mut Attributes),
) {
    if !is_any_enabled() {
        return;
    }
    let mut attributes = Some(attributes);
    let mut own = |own: &mut Attributes| {
        if let Some(attributes) = attributes.take() {
            attributes(own);
        }
    };
    start(call, site, inputs, Some(&mut own));
}

/// Starts a call with inputs, without span attributes of its own.
#[inline]
pub(crate) fn begin_plain(call: &mut Call, site: &'static CallSite, inputs: &Inputs<'_>) {
    if is_any_enabled() {
        start(call, site, inputs, None);
    }
}

/// The series and the recorder of a call that is about to start.
#[derive(Clone, Copy)]
pub(crate) struct Prepared {
    recorder: &'static Recorder,
    set: &'static CallSet,
}

/// Finds the series of a call; `None` if the call is not recorded.
#[inline]
fn prepare(site: &'static CallSite, labels: &[&'static str], is_fit: fn(&Recorder) -> bool) -> Option<Prepared> {
    // Without a current frame, as in destructors of thread locals, the call is counted as an outermost one.
    let recorder = with_current(|current| current.recorder).unwrap_or(&GLOBAL);
    // A series is looked up once: beyond the limit, each look-up is counted.
    (recorder.is_enabled() && is_fit(recorder))
        .then(|| Prepared { recorder, set: recorder.call_set(recorder.site(site), labels) })
}

/// Prepares a call whose start needs nothing but its series; `None` if it needs more, or is not recorded.
#[inline]
fn prepare_plain(site: &'static CallSite, labels: &[&'static str]) -> Option<Prepared> {
    if !is_any_enabled() || has_part(site.constants.role) {
        return None;
    }
    prepare(site, labels, |recorder| !recorder.spans.is_recording())
}

/// Returns whether calls of a role take part in a workflow, an agent or a model. Most have no such role, and asking keeps the role's
/// code off their hot path.
#[inline]
fn has_part(role: Role) -> bool {
    !matches!(role, Role::Tool | Role::Retrieval | Role::Other)
}

/// Starts a call in its place.
// Not inlined: what this function needs on the stack would lie below the function's own frame for as long as its body runs.
#[inline(never)]
fn start(call: &mut Call, site: &'static CallSite, inputs: &Inputs<'_>, own: OwnAttributes<'_>) {
    if let Some(prepared) = prepare(site, inputs.labels, |_| true) {
        start_prepared(call, prepared, inputs, own);
    }
}

/// Starts a call whose series is known, in its place. What few calls need is not inlined, so that the others do not make room for it.
#[inline]
fn start_prepared(call: &mut Call, prepared: Prepared, inputs: &Inputs<'_>, own: OwnAttributes<'_>) {
    let Prepared { recorder, set } = prepared;
    set.cell.start();
    // From here on the call ends when `call` drops, even if the program's code panics.
    let start = Monotonic::default();
    let live = call.0.insert(Live { set, start, frame: Frame::root(recorder), host_span: HostSpan::NONE });
    with_current(|current| live.frame.begin_inside(current));
    if !live.frame.caller.is_none() {
        live.count_edge();
    }
    let role = set.site.constants.role;
    if has_part(role) {
        live.assume_role(inputs.model);
    } else if role == Role::Tool {
        live.count_tool_call();
    }
    if recorder.spans.is_recording() {
        live.open_span(inputs.labels, own);
    } else if HostSpan::is_possible() {
        live.show_to_host();
    }
    live.begin_body();
}

/// Starts a call that [`prepare_plain`] returned, in its place.
#[inline(never)]
fn start_plain(call: &mut Call, prepared: Prepared) {
    start_prepared(call, prepared, &Inputs::NONE, None);
}

impl std::fmt::Debug for Live {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Live").field("site", &self.site().constants.name).finish_non_exhaustive()
    }
}

impl Live {
    fn site(&self) -> &'static CallSite {
        self.set.site
    }

    // Looked up again: every byte of a call is stored in each of the program's futures.
    fn cells(&self) -> &'static SiteCells {
        self.frame.recorder.site(self.site())
    }

    /// Counts the edge from the call's caller to its function.
    #[inline]
    fn count_edge(&self) {
        let Frame { caller, connection, .. } = self.frame;
        let name = self.site().constants.name;
        self.frame.recorder.count_edge(self.cells(), caller.name(), name, connection.as_str());
    }

    /// Opens the span in the host's `tracing` of a call without a span of its own.
    #[inline(never)]
    fn show_to_host(&mut self) {
        let site = self.site();
        self.host_span = HostSpan::open(site, self.frame.ids, || span::kind(&site.constants));
    }

    /// Makes the call the caller of its body, and starts its time.
    #[inline]
    fn begin_body(&mut self) {
        self.frame.caller = Caller::of(&self.site().constants.name);
        self.frame.connection = Connection::Call;
        self.start = self.frame.recorder.clock.now();
        if let Some(record) = &mut self.frame.record {
            record.start = self.start;
        }
    }

    /// Returns whether the call owns nothing.
    #[inline]
    fn is_bare(&self) -> bool {
        self.frame.is_bare() && self.host_span.is_none()
    }

    /// Ends the call as `classify` reports.
    // Not inlined, for the same reason as `start`.
    #[inline(never)]
    fn finish(&mut self, classify: impl FnOnce(&mut CallEnd)) {
        let at = self.frame.recorder.clock.now();
        let mut end = ManuallyDrop::new(CallEnd::new(self.frame.record.is_some()));
        classify(&mut end);
        self.end(at, &mut end);
        // Most ends own nothing: looking is cheaper than dropping each part.
        if !end.is_bare() {
            drop(ManuallyDrop::into_inner(end));
        }
    }

    /// Ends the call; `at` was read before the output was classified.
    ///
    /// `end` is large and therefore borrowed: on this hot path a copy would cost as much as counting the call.
    #[inline(never)]
    fn end(&mut self, at: Monotonic, end: &mut CallEnd) {
        self.count_end(at, end.outcome);
        let has_parts = self.frame.record.is_some() || self.frame.model.is_some();
        let has_run = matches!(self.site().constants.role, Role::Workflow | Role::Agent);
        if has_parts || end.outcome != Outcome::Success || has_run {
            self.end_parts(at, end);
        }
    }

    /// Counts the end of the call.
    #[inline]
    fn count_end(&self, at: Monotonic, outcome: Outcome) {
        let duration = at.0.saturating_sub(self.start.0);
        let cells = self.cells();
        cells.rate.record(at, || cells.calls.ended());
        if let Some(record) = &self.frame.record {
            // Before the end is counted: another tenant may have the series once no call runs in it.
            self.set.cell.set_exemplar(outcome, duration, Sampled { span: record.ids, at });
        }
        self.set.cell.end(outcome, duration);
        cells.durations.observe(outcome, duration);
        if let Some(latency) = &cells.latency
            && outcome == Outcome::Success
        {
            let in_time = duration <= latency.threshold_nanoseconds;
            if in_time { &latency.good } else { &latency.slow }.add(1);
        }
    }

    /// Counts the duration of a call that did not succeed by the type of its error, if the conventions want it.
    fn count_failure(&self, at: Monotonic, outcome: Outcome, error: Option<&str>) {
        // The span of a cancelled call says so, too.
        let error_type = error.or_else(|| (outcome == Outcome::Cancelled).then_some(outcome.as_str()));
        let (Some(failures), Some(error_type)) = (&self.cells().failures, error_type) else { return };
        let Frame { recorder, record, .. } = &self.frame;
        let Some(series) = recorder.series(failures.metric) else { return };
        let durations = failures.by_error_type.get(&[error_type], &series.series_limit);
        let duration = at.0.saturating_sub(self.start.0);
        match record {
            Some(record) => durations.observe_sampled(duration, Sampled { span: record.ids, at }),
            None => durations.observe(duration),
        }
    }

    /// Ends what most calls do not have: a span, a model call, a workflow, an agent, an error.
    // Not inlined: most calls need nothing of it, and would make room for it.
    #[inline(never)]
    fn end_parts(&mut self, at: Monotonic, end: &mut CallEnd) {
        let recorder = self.frame.recorder;
        let constants = &self.site().constants;
        let outcome = end.outcome;
        let error = outcome.is_bad().then(|| error_name(end));
        if self.frame.model.is_some() {
            self.end_model_call(outcome, at, end.usage.take(), error.as_deref());
        }
        match constants.role {
            Role::Workflow => self.count_active_workflow(-1),
            Role::Agent => self.end_invocation(at),
            Role::Model | Role::Tool | Role::Retrieval | Role::Other => {}
        }
        self.count_failure(at, outcome, error.as_deref());
        if let Some(error) = &error {
            recorder.add(Id::PrimitiveErrors, &[constants.primitive_type, constants.name, error], 1);
        }
        if let Some(record) = self.frame.record.take() {
            self.end_span(record, at, outcome, error, end);
        }
        if constants.role == Role::Workflow {
            self.end_run();
        }
    }
}

impl Call {
    /// A call that has not started, or that records nothing.
    pub const UNOBSERVED: Self = Self(None);

    /// Returns a call that has not started, or that records nothing.
    // Not the constant, of which all bytes are copied.
    #[inline]
    pub(crate) fn unobserved() -> Self {
        Self(None)
    }

    /// Returns whether the call records anything.
    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        self.0.is_some()
    }

    /// Runs a part of the body: calls inside have this call as their caller. A panic ends the call.
    #[inline]
    pub(crate) fn run<T>(&mut self, body: impl FnOnce() -> T) -> T {
        /// Ends the call when the body unwinds. `thread::panicking` would also be true in drops of another panic.
        struct EndOnUnwind<'a>(&'a mut Call);
        impl Drop for EndOnUnwind<'_> {
            fn drop(&mut self) {
                self.0.end_without_output(Outcome::Panicked);
            }
        }
        let guard = EndOnUnwind(self);
        let output = guard.0.run_in_frame(body);
        std::mem::forget(guard);
        output
    }

    #[inline]
    fn run_in_frame<T>(&mut self, body: impl FnOnce() -> T) -> T {
        match &mut self.0 {
            None => body(),
            Some(live) if live.host_span.is_none() => {
                let _frame = frame::enter(&mut live.frame);
                body()
            }
            Some(live) => {
                let _frame = frame::enter(&mut live.frame);
                let _span = live.host_span.enter();
                body()
            }
        }
    }

    /// Drops an unfinished body inside the call, so that calls dropped with it share its outcome.
    pub(crate) fn drop_inside(&mut self, drop_body: impl FnOnce()) {
        if let Some(live) = &mut self.0 {
            live.frame.outcome_if_dropped = frame::outcome_if_dropped();
        }
        self.run_in_frame(drop_body);
    }

    /// Ends the call as `classify` reports.
    #[inline]
    pub(crate) fn finish(&mut self, classify: impl FnOnce(&mut CallEnd)) {
        if let Some(live) = &mut self.0 {
            live.finish(classify);
            self.clear();
        }
    }

    /// Ends the call as `end` reports.
    pub(crate) fn finish_with(&mut self, mut end: CallEnd) {
        if let Some(live) = &mut self.0 {
            let at = live.frame.recorder.clock.now();
            live.end(at, &mut end);
            self.0 = None;
        }
    }

    /// Drops what is left of a call that has ended.
    #[inline]
    fn clear(&mut self) {
        // Most calls have nothing that needs a drop: looking is cheaper than dropping each part.
        if self.0.as_ref().is_some_and(Live::is_bare) {
            std::mem::forget(self.0.take());
        } else {
            self.0 = None;
        }
    }

    pub(crate) fn is_recorded(&self) -> bool {
        self.0.as_ref().is_some_and(|live| live.frame.record.is_some())
    }

    /// Sets an attribute of the call's span.
    pub(crate) fn set(&mut self, attribute: KeyValue) {
        if let Some(record) = self.0.as_mut().and_then(|live| live.frame.record.as_mut()) {
            record.set(attribute);
        }
    }

    /// Adds the time since the call's start to a histogram.
    pub(crate) fn add_duration(&self, id: Id, labels: &[&str]) {
        let Some(live) = &self.0 else { return };
        let Frame { recorder, ids, .. } = live.frame;
        let at = recorder.clock.now();
        let sampled = ids.is_sampled().then_some(Sampled { span: ids, at });
        recorder.add_of(sampled, id, labels, at.0.saturating_sub(live.start.0));
    }

    #[cold]
    fn end_without_output(&mut self, outcome: Outcome) {
        self.finish_with(CallEnd::without_output(outcome));
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.end_without_output(frame::outcome_if_dropped());
        }
    }
}

fn error_name(end: &CallEnd) -> Cow<'static, str> {
    if let Some(label) = end.error_type {
        return Cow::Borrowed(label);
    }
    match (end.outcome, (end.error_name)()) {
        (Outcome::Panicked, _) => Cow::Borrowed("panic"),
        (Outcome::Timeout, name) if name.is_empty() => Cow::Borrowed("timeout"),
        (_, name) => Cow::Owned(name),
    }
}

/// Runs the body of a function as the call.
#[inline]
pub fn sync<T, E: FnOnce(&T, &mut CallEnd)>(call: &mut Call, body: impl FnOnce() -> T, end: E) -> T {
    let output = call.run(body);
    call.finish(|call_end| end(&output, call_end));
    output
}

/// Runs the body of a function that returns a future or a stream, as the first part of the call.
#[inline]
pub fn enter<T>(call: &mut Call, body: impl FnOnce() -> T) -> T {
    call.run(body)
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn a_call_is_small_since_each_future_has_one() {
        assert_eq!(size_of::<Call>(), 96);
    }
}
