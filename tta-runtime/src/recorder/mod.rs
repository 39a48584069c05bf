//! The recorder: holds the cells of all call sites, the series of all metrics and the span pipeline.

mod levels;
#[cfg(feature = "page")]
mod state_changes;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use self::levels::Levels;
#[cfg(feature = "page")]
pub(crate) use self::state_changes::{StateChange, StateChanges};
use crate::clock::{Clock, Monotonic};
use crate::host_log::catch_panic;
use crate::label::top::Folding;
#[cfg(feature = "blocks")]
use crate::metric::{Cell, Stopwatch};
use crate::metric::{Family, Gauge, MetricCells, NearSeries, Sampled, SeriesLimit};
use crate::panics::caught;
use crate::redactor::redact_keys;
use crate::schema::{Id, METRICS};
use crate::setting::Setting;
use crate::site::{CallSet, CallSite, Calls, KnownSets, SiteCells};
use crate::span::{
    Compatibility, ContentCapture, Description, Pipeline, SpanDetail, SpanNames, SpanRecord, record_memory,
};
use crate::text;

/// The default limit of label sets per metric.
pub(crate) const LABEL_SETS: usize = 1_000;

/// The largest limit that can be configured: a scrape returns all of them.
const MOST_LABEL_SETS: usize = 1_000_000;

/// Rewrites a text before it is recorded on a span: an error message, or message content.
pub(crate) type Redaction = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Records calls. Recording does no I/O, never blocks, returns no error and never panics.
pub(crate) struct Recorder {
    pub(crate) clock: Clock,
    pub(crate) spans: Pipeline,
    pub(crate) redaction: Setting<Redaction>,
    pub(crate) levels: Levels,
    /// The place where message content is recorded; unset records none.
    pub(crate) content_capture: Setting<ContentCapture>,
    pub(crate) span_names: Setting<SpanNames>,
    pub(crate) span_detail: Setting<SpanDetail>,
    /// What is added to spans for receivers that read other names.
    pub(crate) compatibility: Setting<Compatibility>,
    /// True while spans of model calls keep the usages that were reported, for comparisons of prices.
    #[cfg(feature = "page")]
    keeps_usages: AtomicBool,
    /// The latest changes of state, while somebody reads them.
    #[cfg(feature = "page")]
    pub(crate) state_changes: Setting<StateChanges>,
    enabled: AtomicBool,
    label_sets: AtomicUsize,
    metrics: OnceLock<Metrics>,
    /// Series declared before the first recording, so that declaring does not fix the limits; `None` afterwards.
    declared_early: Mutex<Option<BTreeSet<Declared>>>,
    /// True if readings rank the tenants by the clock of a test, which has hours of its own.
    #[cfg(any(test, feature = "testing"))]
    ranks_by_own_clock: AtomicBool,
    /// The cost of tenants that have no series of their own any more. Only scrapes lock it.
    pub(crate) cost_by_tenant: LazyLock<Mutex<Folding<u64>>>,
    /// The refused calls of such tenants.
    pub(crate) refusals_by_tenant: LazyLock<Mutex<Folding<u64>>>,
    /// The cells of the call sites, if this is not the process-wide recorder.
    own_sites: Option<Mutex<HashMap<usize, (&'static CallSite, &'static SiteCells)>>>,
}

/// A series that exists from the start: its metric and its label values.
type Declared = (Id, Box<[Box<str>]>);

struct Metrics {
    series: Box<[MetricCells]>,
    /// The limit of label sets that own labels of call sites create.
    call_series_limit: SeriesLimit,
}

/// The process-wide recorder; all calls use it, except in recordings of tests.
pub(crate) static GLOBAL: Recorder = Recorder::new(Clock::System, None);

/// True once there is another recorder than the process-wide one.
static HAS_OTHERS: AtomicBool = AtomicBool::new(false);

/// Returns false if no call is recorded anywhere, so that calls need not look for their recorder.
#[inline]
pub(crate) fn is_any_enabled() -> bool {
    GLOBAL.is_enabled() || HAS_OTHERS.load(Ordering::Relaxed)
}

impl Recorder {
    const fn new(
        clock: Clock,
        own_sites: Option<Mutex<HashMap<usize, (&'static CallSite, &'static SiteCells)>>>,
    ) -> Self {
        Self {
            clock,
            spans: Pipeline::new(),
            redaction: Setting::new(),
            levels: Levels::new(),
            content_capture: Setting::new(),
            span_names: Setting::new(),
            span_detail: Setting::new(),
            compatibility: Setting::new(),
            #[cfg(feature = "page")]
            keeps_usages: AtomicBool::new(false),
            #[cfg(feature = "page")]
            state_changes: Setting::new(),
            enabled: AtomicBool::new(true),
            label_sets: AtomicUsize::new(LABEL_SETS),
            metrics: OnceLock::new(),
            declared_early: Mutex::new(Some(BTreeSet::new())),
            #[cfg(any(test, feature = "testing"))]
            ranks_by_own_clock: AtomicBool::new(false),
            cost_by_tenant: LazyLock::new(Mutex::default),
            refusals_by_tenant: LazyLock::new(Mutex::default),
            own_sites,
        }
    }

    /// Creates a recorder that shares nothing with the process-wide one. It is never freed.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn isolated(clock: Clock) -> &'static Self {
        HAS_OTHERS.store(true, Ordering::Relaxed);
        Box::leak(Box::new(Self::new(clock, Some(Mutex::new(HashMap::new())))))
    }

    /// Has readings of this recorder rank the tenants, from now on.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn rank_by_own_clock(&self) {
        self.ranks_by_own_clock.store(true, Ordering::Relaxed);
    }

    /// Returns whether readings of this recorder rank the tenants.
    pub(crate) fn ranks_tenants(&self) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if self.ranks_by_own_clock.load(Ordering::Relaxed) {
            return true;
        }
        self.own_sites.is_none()
    }

    #[inline]
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Records again, after an earlier start was disabled.
    pub(crate) fn enable(&self) {
        self.enabled.store(true, Ordering::Relaxed);
    }

    /// Stops recording: from now on calls run unrecorded.
    pub(crate) fn disable(&self) {
        self.enabled.store(false, Ordering::Relaxed);
        *self.declared_early() = None;
    }

    /// Has the spans of model calls keep their usages from now on, or no longer.
    #[cfg(feature = "page")]
    pub(crate) fn keep_usages(&self, keeps: bool) {
        self.keeps_usages.store(keeps, Ordering::Relaxed);
    }

    #[cfg(feature = "page")]
    pub(crate) fn keeps_usages(&self) -> bool {
        self.keeps_usages.load(Ordering::Relaxed)
    }

    /// Sets the limit of label sets per metric; metrics that have recorded keep their limit.
    pub(crate) fn limit_label_sets(&self, limit: usize) {
        self.label_sets.store(limit.min(MOST_LABEL_SETS), Ordering::Relaxed);
    }

    fn metrics(&self) -> &Metrics {
        self.metrics.get_or_init(|| {
            let limit = self.label_sets.load(Ordering::Relaxed);
            let series: Box<[MetricCells]> = METRICS.iter().map(|metric| MetricCells::new(metric, limit)).collect();
            let declared = self.declared_early().take();
            for (id, labels) in declared.into_iter().flatten() {
                if let Some(series) = series.get(id as usize) {
                    series.declare(&labels.iter().map(|label| &**label).collect::<Vec<_>>());
                }
            }
            Metrics { series, call_series_limit: SeriesLimit::new(limit) }
        })
    }

    /// Adds to a counter, or observes a duration in nanoseconds; labels in the order of the metric's row.
    pub(crate) fn add(&self, id: Id, labels: &[&str], n: u64) {
        self.add_of(None, id, labels, n);
    }

    /// Adds what a call used or took; a sampled call becomes the exemplar.
    pub(crate) fn add_of(&self, call: Option<Sampled>, id: Id, labels: &[&str], n: u64) {
        if !self.is_enabled() {
            return;
        }
        if let Some(series) = self.series(id) {
            series.add(labels, n, call);
        }
    }

    /// Adds what a call used or took, at a place that mostly adds to the same series.
    pub(crate) fn add_near(
        &'static self,
        near: Option<&NearSeries>,
        call: Option<Sampled>,
        id: Id,
        labels: &[&str],
        n: u64,
    ) {
        if !self.is_enabled() {
            return;
        }
        match (self.series(id), near) {
            (Some(series), Some(near)) => near.add(series, labels, n, call),
            (Some(series), None) => series.add(labels, n, call),
            (None, _) => {}
        }
    }

    /// Adds what a call used or took, at a place that always adds to the same series.
    pub(crate) fn add_same(&'static self, near: &NearSeries, call: Option<Sampled>, id: Id, labels: &[&str], n: u64) {
        if !self.is_enabled() {
            return;
        }
        if let Some(series) = self.series(id) {
            near.add_same(series, labels, n, call);
        }
    }

    /// Adds to a gauge, at a place that mostly adds to the same series.
    ///
    /// What was added is taken away again even if recording ends meanwhile.
    pub(crate) fn add_to_gauge(&'static self, near: &NearSeries, id: Id, labels: &[&str], n: i64) {
        if let Some(series) = self.series(id) {
            near.add(series, labels, n as u64, None);
        }
    }

    /// Returns the cell of a label set that exists, for callers that add to it often. They check
    /// [`is_enabled`](Self::is_enabled) before each addition.
    #[cfg(feature = "blocks")]
    pub(crate) fn cell(&'static self, id: Id, labels: &[&str]) -> Option<Cell> {
        self.series(id)?.cell(labels)
    }

    /// Counts a call from `caller` to the function with these cells.
    #[inline]
    pub(crate) fn count_edge(
        &'static self,
        cells: &SiteCells,
        caller: &'static str,
        name: &'static str,
        connection: &'static str,
    ) {
        match cells.edges.get(caller, connection) {
            Some(counter) => counter.add(1),
            None => self.count_new_edge(cells, [caller, name, connection]),
        }
    }

    #[cold]
    fn count_new_edge(&'static self, cells: &SiteCells, labels: [&'static str; 3]) {
        self.add(Id::Connections, &labels, 1);
        let [caller, _, connection] = labels;
        // Beyond the series limit there is none: each such call is counted as capped.
        if let Some(counter) = self.series(Id::Connections).and_then(|series| series.counter(&labels)) {
            cells.edges.remember(caller, connection, counter);
        }
    }

    /// Creates a series in advance, so that it is exposed with the value 0.
    pub(crate) fn declare(&self, id: Id, labels: &[&str]) {
        if !self.is_enabled() {
            return;
        }
        // Blocks may be built for each call: once series exist, declaring takes no lock.
        if self.metrics.get().is_none()
            && let Some(early) = &mut *self.declared_early()
        {
            early.insert((id, labels.iter().map(|&label| label.into()).collect()));
            return;
        }
        if let Some(series) = self.series(id) {
            series.declare(labels);
        }
    }

    fn declared_early(&self) -> MutexGuard<'_, Option<BTreeSet<Declared>>> {
        self.declared_early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a gauge; labels in the order of the metric's row.
    pub(crate) fn gauge(&self, id: Id, labels: &[&str]) -> Option<&Gauge> {
        self.series(id)?.gauge(labels)
    }

    /// Returns a stopwatch; labels in the order of the metric's row.
    #[cfg(feature = "blocks")]
    pub(crate) fn stopwatch(&self, id: Id, labels: &[&str]) -> Option<&Stopwatch> {
        self.series(id)?.stopwatch(labels)
    }

    /// Returns the recorded series of a metric.
    pub(crate) fn series(&self, id: Id) -> Option<&MetricCells> {
        self.metrics().series.get(id as usize)
    }

    /// Returns the cells of a call site.
    #[inline]
    pub(crate) fn site(&self, site: &'static CallSite) -> &'static SiteCells {
        match (&self.own_sites, site.cells.get()) {
            (None, Some(cells)) => cells,
            _ => self.new_site(site),
        }
    }

    #[cold]
    fn new_site(&self, site: &'static CallSite) -> &'static SiteCells {
        match &self.own_sites {
            None => site.cells.get_or_init(|| SiteCells::new(site)),
            Some(sites) => {
                let mut sites = sites.lock().unwrap_or_else(PoisonError::into_inner);
                let key = std::ptr::from_ref(site).addr();
                sites.entry(key).or_insert_with(|| (site, Box::leak(Box::new(SiteCells::new(site))))).1
            }
        }
    }

    /// Returns the calls of a label set, by the values of the call site's own labels.
    #[inline]
    pub(crate) fn call_set(&'static self, cells: &'static SiteCells, labels: &[&'static str]) -> &'static CallSet {
        match &cells.calls {
            Calls::Plain(set) => set,
            Calls::Labelled(family, known) => {
                known.get(labels).unwrap_or_else(|| self.new_call_set(family, known, labels))
            }
        }
    }

    #[cold]
    fn new_call_set(
        &'static self,
        family: &'static Family<CallSet>,
        known: &KnownSets<CallSet>,
        labels: &[&'static str],
    ) -> &'static CallSet {
        // Beyond the series limit each call is counted as capped, so that the overflow series is not remembered.
        match family.find(labels, &self.metrics().call_series_limit) {
            Some(set) => {
                known.remember(labels, set);
                set
            }
            None => family.overflow(),
        }
    }

    /// Returns all call sites and their cells: those that the program links, or those that a test has called.
    pub(crate) fn sites(&'static self) -> Vec<(&'static CallSite, &'static SiteCells)> {
        match &self.own_sites {
            None => crate::site::all().into_iter().map(|site| (site, self.site(site))).collect(),
            Some(sites) => {
                let sites = sites.lock().unwrap_or_else(PoisonError::into_inner);
                let mut sites: Vec<_> = sites.values().copied().collect();
                // One line may have several sites, such as both sides of a session.
                sites.sort_by_key(|(site, _)| {
                    let constants = &site.constants;
                    (constants.file, constants.line, constants.name, constants.action)
                });
                sites
            }
        }
    }

    /// Returns the number of calls that went to the overflow series.
    pub(crate) fn calls_refused(&self) -> u64 {
        self.metrics().call_series_limit.overflowed()
    }

    /// Returns an error message for a span: redacted, and cut to 1 KiB.
    pub(crate) fn redact(&self, message: &str) -> String {
        const LONGEST: usize = 1_024;
        // A key at the end of what is looked at is far from the end of what is kept.
        let message = if self.redaction.get().is_some() { message } else { text::cut(message, 8 * LONGEST) };
        match self.redacted(message) {
            Some(redacted) => text::cut(&redacted, LONGEST).to_owned(),
            None => text::cut(message, LONGEST).to_owned(),
        }
    }

    /// Returns the redacted text, if anything is to redact.
    pub(crate) fn redacted(&self, text: &str) -> Option<String> {
        let Some(redaction) = self.redaction.get() else {
            return match redact_keys(text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(redacted) => Some(redacted),
            };
        };
        // The redaction is user code: if it panics, the text that it should have redacted is not recorded.
        let redacted = caught(|| redaction(text));
        Some(redacted.unwrap_or_else(|| "(the redaction panicked)".to_owned()))
    }

    /// Exposes a computed gauge from now on; counts it as capped if there are too many.
    pub(crate) fn add_level(
        &self,
        id: Id,
        label: &str,
        read: impl Fn(Monotonic) -> Option<i64> + Send + Sync + 'static,
    ) {
        if !self.levels.add(id, label, read)
            && let Some(series) = self.series(id)
        {
            series.series_limit.count_overflow();
        }
    }

    /// Takes a span that ended: onto the host's span that stands for it, or to the exporters.
    pub(crate) fn end_span(&self, mut record: Box<SpanRecord>) {
        match record.rare.as_mut().and_then(|rare| rare.host.take()) {
            // The host's SDK and its processors are foreign code.
            Some(host) => {
                let described = Description::new(&record, self.clock.anchor());
                catch_panic(|| host.end(described.compatible_with(self.compatibility.get().copied())));
                record_memory::discard(record);
            }
            None => self.spans.push(record),
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recorder").field("clock", &self.clock).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Id, Recorder};
    use crate::clock::ManualTime;

    #[test]
    fn what_is_declared_before_the_limit_is_set_is_there_and_leaves_the_limit_open() {
        let recorder = Recorder::isolated(Clock::Manual(ManualTime::default()));
        recorder.declare(Id::Fallbacks, &["answer", "none"]);
        recorder.limit_label_sets(1);
        for name in ["first", "second", "third"] {
            recorder.add(Id::Fallbacks, &[name, "primary"], 1);
        }
        recorder.declare(Id::Fallbacks, &["answer", "primary"]);
        let series = recorder.series(Id::Fallbacks).unwrap();
        let crate::metric::Cells::Counter(family) = &series.cells else { panic!("it is a counter") };
        let mut sets: Vec<_> = family.iter().map(|(labels, cell)| (labels.join(" "), cell.value())).collect();
        sets.sort();
        let expected = [("answer none", 0), ("answer primary", 0), ("first primary", 1)];
        assert_eq!(sets, expected.map(|(set, value)| (set.to_owned(), value)));
        assert_eq!(series.series_limit.overflowed(), 2);
    }

    #[test]
    fn levels_beyond_the_most_are_counted_as_capped() {
        let recorder = Recorder::isolated(Clock::Manual(ManualTime::default()));
        for budget in 0..1_003 {
            recorder.add_level(Id::BudgetRemaining, &format!("budget-{budget}"), |_| Some(1));
        }
        assert_eq!(recorder.levels.read(Id::BudgetRemaining, recorder.clock.now()).len(), 1_000);
        assert_eq!(recorder.series(Id::BudgetRemaining).unwrap().series_limit.overflowed(), 3);
    }

    #[test]
    fn error_messages_are_redacted_by_default_before_they_are_cut() {
        let recorder = Recorder::isolated(Clock::System);
        let message = format!("{} sk-0123456789abcdefghij", "x".repeat(1_010));
        assert_eq!(recorder.redact(&message), format!("{} [redacted]", "x".repeat(1_010)));
    }

    #[test]
    fn what_is_declared_before_the_first_record_is_kept_once_and_where_nothing_is_recorded_not_at_all() {
        let recorder = Recorder::isolated(Clock::System);
        let declare = || recorder.declare(Id::Timeouts, &["ask", "late"]);
        let kept = || recorder.declared_early().as_ref().map(std::collections::BTreeSet::len);
        (0..1_000).for_each(|_| declare());
        assert_eq!(kept(), Some(1));
        recorder.disable();
        (0..1_000).for_each(|_| declare());
        assert_eq!(kept(), None);
    }
}
