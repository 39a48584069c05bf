//! Tools for tests: an isolated recorder, a manual clock, spans as a tree.

mod in_memory_spans;

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::trace::{Sampler, SpanData};

pub use self::in_memory_spans::InMemorySpans;
use crate::clock::{Clock, ManualTime};
use crate::context::{ScopedFuture, WorkflowContext, host};
use crate::recorder::Recorder;
use crate::snapshot::stats::{self, Stats};
use crate::snapshot::view::View;
use crate::span::{ContentCapture, Description, RootSampler, SpanDetail, span_data};
use crate::{export, trace};

/// An isolated recording of the calls that run in it; the process-wide metrics are not affected.
///
/// The clock advances only through [`advance`](Self::advance), unless another is chosen. All spans are recorded. Functions
/// that were not called are absent. The memory of a recording is never freed.
///
/// ```
/// use std::time::Duration;
/// use tta_runtime::{primitive, testing::Recording};
///
/// #[primitive(type = "tool", action = "call")]
/// fn look_up(recording: &Recording) -> Result<(), String> {
///     recording.advance(Duration::from_millis(250));
///     Err("not there".into())
/// }
///
/// let recording = Recording::new();
/// recording.run(|| look_up(&recording)).unwrap_err();
/// assert_eq!(recording.tree(), "look_up (primitive.tool.call)  250.0 ms  failure  String\n");
/// ```
#[derive(Debug)]
pub struct Recording {
    recorder: &'static Recorder,
    spans: Mutex<Vec<SpanData>>,
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

impl Recording {
    /// Creates an empty recording at time 0.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Clock::Manual(ManualTime::default()))
    }

    /// Creates an empty recording on the operating system's clock.
    #[must_use]
    pub fn in_real_time() -> Self {
        Self::with_clock(Clock::System)
    }

    /// Creates an empty recording at time 0 on the clock of tokio's timers.
    ///
    /// A test may [pause](https://docs.rs/tokio/latest/tokio/time/fn.pause.html) that clock: a wait then has its full
    /// recorded duration and returns at once.
    #[must_use]
    pub fn in_timer_time() -> Self {
        Self::with_clock(Clock::of_timers())
    }

    /// Limits each metric to this many label sets. Call it before anything is recorded.
    #[must_use]
    pub fn with_label_sets(self, limit: usize) -> Self {
        self.recorder.limit_label_sets(limit);
        self
    }

    /// Records message content on spans, each text passed through `redaction`; by default no content is recorded.
    #[must_use]
    pub fn with_content(self, redaction: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.recorder.content_capture.set(Some(ContentCapture::Span));
        self.recorder.redaction.set(Some(Box::new(redaction)));
        self
    }

    /// Records the spans of blocks in this detail, [`SpanDetail::Full`] by default.
    #[must_use]
    pub fn with_span_detail(self, detail: SpanDetail) -> Self {
        self.recorder.span_detail.set(Some(detail));
        self
    }

    /// Ranks the tenants of [`top`](macro@crate::primitive#labels) labels by the recording's clock whenever its metrics are read, as a scrape
    /// does by the process's clock. By default a recording ranks nobody: the first tenants have their series for ever.
    ///
    /// The ranks are those of the process. So a test that lets hours pass needs a process of its own.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tta_runtime::{primitive, testing::Recording};
    ///
    /// #[primitive(type = "tool", labels(tenant = top(1, tenant)))]
    /// fn serve(tenant: &str) {}
    ///
    /// let recording = Recording::new().with_ranked_tenants();
    /// let tenants = |calls: &[&str]| {
    ///     recording.run(|| calls.iter().for_each(|tenant| serve(tenant)));
    ///     let text = recording.metrics("tta_primitive_executions_total");
    ///     let successes = text.lines().filter(|line| line.contains("success"));
    ///     successes.filter_map(|line| line.split('"').rev().nth(1)).map(str::to_owned).collect::<Vec<_>>()
    /// };
    /// assert_eq!(tenants(&["blue"]), ["blue"]);
    /// assert_eq!(tenants(&["red", "red", "red"]), ["blue", "other", "red"]);
    /// recording.advance(Duration::from_secs(3_600));
    /// assert_eq!(tenants(&[]), ["other", "other/1", "red"]);
    /// ```
    #[must_use]
    pub fn with_ranked_tenants(self) -> Self {
        self.recorder.rank_by_own_clock();
        self
    }

    fn with_clock(clock: Clock) -> Self {
        host::look_for_provider();
        let recorder = Recorder::isolated(clock);
        recorder.spans.open_in_order(RootSampler::Plain(Sampler::AlwaysOn));
        Self { recorder, spans: Mutex::default() }
    }

    /// Runs a closure in the recording.
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        WorkflowContext::of(self.recorder).run(body)
    }

    /// Runs a future in the recording. Tasks join the recording if spawned through [`WorkflowContext::spawn`].
    pub fn scope<F: Future>(&self, body: F) -> ScopedFuture<F> {
        WorkflowContext::of(self.recorder).scope(body)
    }

    /// Advances the manual clock; does nothing on the other clocks.
    pub fn advance(&self, by: Duration) {
        if let Clock::Manual(time) = &self.recorder.clock {
            time.advance(by);
        }
    }

    /// Returns the metrics as plain data.
    #[must_use]
    pub fn stats(&self) -> Stats {
        stats::read(self.recorder)
    }

    /// Returns the lines of the text format that start with `prefix`, without comments.
    #[must_use]
    pub fn metrics(&self, prefix: &str) -> String {
        let text = self.text(&[View::Tta]);
        text.split_inclusive('\n').filter(|line| line.starts_with(prefix)).collect()
    }

    /// Returns the lines of a view in the text format, without comments.
    #[must_use]
    pub fn view(&self, view: View) -> String {
        self.text(&[view]).split_inclusive('\n').filter(|line| !line.starts_with('#')).collect()
    }

    fn text(&self, views: &[View]) -> String {
        let registry = prometheus::Registry::new();
        export::text::encode(&export::families::gather_for_text(self.recorder, &registry, views))
    }

    /// Returns all ended spans, in the order of their ends.
    #[must_use]
    pub fn spans(&self) -> Vec<SpanData> {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.extend(self.recorder.spans.take_all().into_iter().map(|record| {
            let described = Description::new(&record, self.recorder.clock.anchor()).wait_for_costs();
            span_data(described, &mut |_, _| {})
        }));
        spans.clone()
    }

    /// Returns the place where the calls record.
    #[cfg(test)]
    pub(crate) fn recorder(&self) -> &'static Recorder {
        self.recorder
    }

    /// Returns all ended spans as trees; see [`trace::tree`].
    #[must_use]
    pub fn tree(&self) -> String {
        trace::tree(&self.spans())
    }
}
