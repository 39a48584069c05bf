//! One exporter's share of the queue, and its threads.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::exporter::{Exporter, Signal};
use super::fate::DropReason;
use super::held_span::{HeldSpan, drop_together};
use super::in_flight::{InFlight, Start, Taken};
use super::settings::ExportSettings;
use super::sink::{Attempt, Sink};
use super::worker::{ExportEvent, OnExport};
use crate::host_log::catch_panic;
use crate::outages::ExportHealth;
use crate::panics::caught;

/// The time after the deadline of an export until its exporter counts as hanging.
const GRACE: Duration = Duration::from_millis(500);

/// The spans that one exporter has yet to export.
pub(super) struct Lane {
    state: Mutex<State>,
    changed: Condvar,
    settings: ExportSettings,
    /// The most spans and bytes that it may hold.
    share: (usize, usize),
    /// The bytes of spans after which a batch is full, and the most that may be on the way at the same time.
    batch_bytes: usize,
    bytes_on_the_way: usize,
    signal: Signal,
    on_export: OnExport,
    health: ExportHealth,
}

struct State {
    waiting: VecDeque<Arc<HeldSpan>>,
    waiting_bytes: usize,
    /// The spans that were taken for export so far, which is the position of the next one.
    accepted: u64,
    in_flight: InFlight,
    /// The positions of the first spans of what was taken out and is being counted.
    settling: Vec<u64>,
    /// Sinks of the exporter that have no thread yet.
    spare: Vec<Box<dyn Sink>>,
    /// The threads that have not ended.
    threads: usize,
    /// True until the pause before the next attempt was cut short.
    is_hurried: bool,
    /// The position before which a flush waits for all spans.
    flushed_to: u64,
    /// The deadline of the shutdown, once it began.
    stops_at: Option<Instant>,
    is_finished: bool,
}

impl State {
    /// Returns the position of the first span that waits.
    fn first_waiting(&self) -> u64 {
        self.accepted.saturating_sub(self.waiting.len() as u64)
    }

    /// Returns whether all spans before this position are settled.
    fn is_settled(&self, position: u64) -> bool {
        let oldest = self.settling.iter().copied().chain(self.in_flight.oldest()).chain([self.first_waiting()]).min();
        oldest.is_none_or(|oldest| oldest >= position)
    }

    fn pop(&mut self) -> Option<Arc<HeldSpan>> {
        let span = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(span.weight());
        Some(span)
    }

    /// Takes the oldest spans if the exporter fails: a batch that waits for another attempt, or else those behind.
    fn give_up_oldest(&mut self, most: usize) -> Option<Taken> {
        let taken = self.in_flight.take_failing().or_else(|| {
            let first = self.first_waiting();
            let most = if self.in_flight.is_in_outage() { most } else { 0 };
            let spans: Vec<_> = std::iter::from_fn(|| self.pop()).take(most).collect();
            (!spans.is_empty()).then_some(Taken { first, spans: Arc::new(spans) })
        })?;
        self.settling.push(taken.first);
        Some(taken)
    }
}

impl Lane {
    /// Creates the lane of one of `exporters`.
    pub(super) fn new(
        settings: ExportSettings,
        exporters: usize,
        Exporter { signal, sinks }: Exporter,
        on_export: OnExport,
    ) -> Self {
        let bytes_on_the_way = settings.bytes_on_the_way(exporters);
        Self {
            batch_bytes: bytes_on_the_way / sinks.len().max(2),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                accepted: 0,
                in_flight: InFlight::default(),
                settling: Vec::new(),
                spare: sinks,
                threads: 0,
                is_hurried: false,
                flushed_to: 0,
                stops_at: None,
                is_finished: false,
            }),
            changed: Condvar::new(),
            settings,
            share: settings.share(exporters),
            bytes_on_the_way,
            signal,
            on_export,
            health: ExportHealth::new(signal.as_str()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread that exports, unless all sinks have one.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses the thread.
    pub(super) fn start_thread(self: &Arc<Self>) -> std::io::Result<()> {
        let mut state = self.state();
        let Some(mut sink) = state.spare.pop() else { return Ok(()) };
        state.threads += 1;
        drop(state);
        let lane = Arc::clone(self);
        let thread = thread::Builder::new().name("tta-export".into());
        let started = thread.spawn(move || lane.run(&mut *sink));
        started.map(drop).inspect_err(|_| self.state().threads -= 1)
    }

    /// Starts another thread if all are busy and more spans may be on their way.
    fn start_thread_if_needed(self: &Arc<Self>, state: MutexGuard<'_, State>) {
        let are_busy = state.in_flight.on_the_way().count() >= state.threads;
        let needs_another =
            !state.spare.is_empty() && are_busy && !state.in_flight.is_in_outage() && self.has_batch(&state);
        drop(state);
        if needs_another {
            // Without the thread, the others go on alone.
            let _ = self.start_thread();
        }
    }

    /// Returns whether the exporter has something to send of a span.
    fn wants(&self, span: &HeldSpan) -> bool {
        match self.signal {
            Signal::Traces => true,
            Signal::Logs => span.log_records() > 0,
        }
    }

    /// Counts what is lost of a batch, at most `lost` spans or log records. Returns how many spans have lost their place in the trace.
    fn lose(&self, spans: &[Arc<HeldSpan>], lost: u64, reason: DropReason) -> u64 {
        match self.signal {
            Signal::Traces => {
                let lost = spans.iter().take(usize::try_from(lost).unwrap_or(usize::MAX));
                lost.filter(|span| span.lose(reason)).count() as u64
            }
            Signal::Logs => {
                let records = spans.iter().map(|span| span.log_records()).sum::<u64>().min(lost);
                if records > 0 {
                    (self.on_export)(ExportEvent::RecordsLost { reason, records });
                }
                0
            }
        }
    }

    /// Counts the fates of spans, of which `lost` spans or log records are lost; only then a flush finds them settled.
    fn settle(&self, taken: Taken, lost: u64, reason: DropReason) {
        let Taken { first, spans } = taken;
        self.lose(&spans, lost, reason);
        drop_together(spans);
        let mut state = self.state();
        if let Some(at) = state.settling.iter().position(|settling| *settling == first) {
            state.settling.swap_remove(at);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Takes spans for export.
    ///
    /// If there is no space, the oldest spans are given up during an outage; otherwise the exporter is too slow, and the new spans are
    /// lost.
    pub(super) fn offer(self: &Arc<Self>, spans: impl Iterator<Item = Arc<HeldSpan>>) {
        let mut state = self.state();
        let mut given_up = Vec::new();
        let mut in_flight = state.in_flight.held();
        for span in spans.filter(|span| self.wants(span)) {
            let is_full = |state: &State, (spans, bytes): (usize, usize)| {
                state.stops_at.is_none()
                    && (state.waiting.len() + spans >= self.share.0
                        || state.waiting_bytes + bytes + span.weight() > self.share.1)
            };
            while is_full(&state, in_flight) {
                let Some(oldest) = state.give_up_oldest(self.settings.batch) else { break };
                given_up.push(oldest);
                in_flight = state.in_flight.held();
            }
            if state.is_finished || is_full(&state, in_flight) {
                let reason = if state.is_finished { DropReason::AfterShutdown } else { DropReason::QueueFull };
                self.lose(&[span], u64::MAX, reason);
            } else {
                state.waiting_bytes += span.weight();
                state.accepted += 1;
                state.waiting.push_back(span);
            }
        }
        self.start_thread_if_needed(state);
        for oldest in given_up {
            self.settle(oldest, u64::MAX, DropReason::RetryExhausted);
        }
        self.changed.notify_all();
    }

    /// Settles batches whose exporter has not returned long after their deadline.
    pub(super) fn watch(&self) {
        let Some(before) = Instant::now().checked_sub(GRACE) else { return };
        loop {
            let mut state = self.state();
            let Some(batch) = state.in_flight.take_overdue(before) else { return };
            state.settling.push(batch.first);
            drop(state);
            let spans = batch.spans.len();
            self.settle(batch, u64::MAX, DropReason::Deadline);
            self.health.failed("the exporter does not return");
            let signal = self.signal.as_str();
            catch_panic(|| {
                tracing::warn!(
                    target: "tta::telemetry",
                    spans,
                    "an exporter of {signal} does not return: what it has is dropped and counted until it does"
                );
            });
        }
    }

    /// Waits until all spans that were offered so far are settled, at most until the deadline. Returns whether they are.
    pub(super) fn flush(self: &Arc<Self>, deadline: Instant) -> bool {
        let mut state = self.state();
        let target = state.accepted;
        (state.is_hurried, state.flushed_to) = (true, target);
        self.start_thread_if_needed(state);
        self.changed.notify_all();
        let mut state = self.state();
        while !state.is_settled(target) && !state.is_finished {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Lets the threads export what they have and end, until the deadline.
    pub(super) fn stop(self: &Arc<Self>, deadline: Instant) {
        let mut state = self.state();
        state.stops_at = Some(deadline);
        state.is_hurried = true;
        self.start_thread_if_needed(state);
        self.changed.notify_all();
    }

    /// Waits for the end of the threads, at most until the deadline, and abandons what is left. Returns the number of spans that are lost
    /// by that.
    pub(super) fn abandon(&self, deadline: Instant) -> u64 {
        let mut state = self.state();
        while !state.is_finished {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_finished = true;
        let first = state.in_flight.oldest().unwrap_or_else(|| state.first_waiting());
        let mut spans: Vec<_> = state.in_flight.take_all().collect();
        spans.extend(state.waiting.drain(..));
        state.waiting_bytes = 0;
        state.settling.push(first);
        drop(state);
        let abandoned = self.lose(&spans, u64::MAX, DropReason::Deadline);
        self.settle(Taken { first, spans: Arc::new(spans) }, 0, DropReason::Deadline);
        abandoned
    }

    /// Exports until the shutdown. The last thread of the lane ends it.
    fn run(self: &Arc<Self>, sink: &mut dyn Sink) {
        let mut failed = None;
        while let Some((number, batch, deadline)) = self.begin(failed) {
            failed = self.export(number, batch, deadline, sink);
        }
        let _ = caught(|| sink.shutdown());
        let mut state = self.state();
        state.threads -= 1;
        state.is_finished |= state.threads == 0;
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until an attempt may begin, and begins it: that of a batch of this thread which failed, or else that of a new batch.
    ///
    /// Returns the batch with its number and the end of the attempt; `None` once nothing is left at the shutdown.
    fn begin(self: &Arc<Self>, failed: Option<u64>) -> Option<(u64, Batch, Instant)> {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            // What is left at the deadline is abandoned and counted by whoever waits for the end.
            if state.is_finished || state.stops_at.is_some_and(|stops_at| now >= stops_at) {
                return None;
            }
            let failed = failed.filter(|number| state.in_flight.has(*number));
            if failed.is_none() && state.waiting.is_empty() && state.stops_at.is_some() {
                return None;
            }
            let start = if failed.is_none() && !self.has_batch(&state) {
                Start::Later
            } else {
                let (is_stopping, State { in_flight, is_hurried, .. }) = (state.stops_at.is_some(), &mut *state);
                in_flight.start_of(failed, now, is_hurried, is_stopping)
            };
            match start {
                Start::Now => {
                    let number = failed.unwrap_or_else(|| self.make_batch(&mut state));
                    let deadline = now + self.settings.export_timeout;
                    let deadline = state.stops_at.map_or(deadline, |stops_at| stops_at.min(deadline));
                    let batch = Batch::new(state.in_flight.begin(number, deadline)?);
                    self.start_thread_if_needed(state);
                    return Some((number, batch, deadline));
                }
                Start::At(at) => {
                    let wait = at.saturating_duration_since(now);
                    state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
                }
                Start::Later => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Returns whether spans wait that may be on the way now: beside other batches only within the bytes that are left, and only a full
    /// batch unless somebody waits for its spans.
    fn has_batch(&self, state: &State) -> bool {
        if state.in_flight.on_the_way().next().is_none() {
            return !state.waiting.is_empty();
        }
        let is_full = state.waiting.len() >= self.settings.batch || state.waiting_bytes >= self.batch_bytes;
        let is_awaited = state.stops_at.is_some() || state.first_waiting() < state.flushed_to;
        let next = state.waiting.front().map_or(0, |span| span.weight()).max(state.waiting_bytes.min(self.batch_bytes));
        !state.waiting.is_empty()
            && (is_full || is_awaited)
            && state.in_flight.on_the_way().sum::<usize>() + next <= self.bytes_on_the_way
    }

    /// Makes a batch of the oldest spans. Returns its number.
    fn make_batch(&self, state: &mut State) -> u64 {
        let first = state.first_waiting();
        let (mut batch, mut bytes) = (Vec::with_capacity(state.waiting.len().min(self.settings.batch)), 0);
        let fits = |span: &HeldSpan, bytes: usize| bytes == 0 || bytes + span.weight() <= self.batch_bytes;
        while batch.len() < self.settings.batch
            && state.waiting.front().is_some_and(|span| fits(span, bytes))
            && let Some(span) = state.pop()
        {
            bytes += span.weight();
            batch.push(span);
        }
        state.is_hurried = false;
        state.in_flight.add(first, batch)
    }

    /// Attempts to export a batch. Returns its number if another attempt may succeed.
    fn export(&self, number: u64, batch: Batch, deadline: Instant, sink: &mut dyn Sink) -> Option<u64> {
        let start = Instant::now();
        let attempt = caught(|| sink.export(batch, deadline));
        let attempt = attempt.unwrap_or_else(|| Attempt::Failed {
            reason: DropReason::ExporterPanic,
            error: "the exporter panicked".to_owned(),
        });
        (self.on_export)(ExportEvent::Attempted {
            signal: self.signal,
            worked: matches!(attempt, Attempt::Exported),
            took: start.elapsed(),
        });
        let (lost, reason, error) = match attempt {
            Attempt::Exported => (0, DropReason::Rejected, None),
            Attempt::Partly { rejected, error } => (rejected, DropReason::Rejected, Some(error)),
            Attempt::Failed { reason, error } => (u64::MAX, reason, Some(error)),
            Attempt::Retry { after, error } => {
                self.log(Some(error));
                self.state().in_flight.fail(number, after, Instant::now());
                self.changed.notify_all();
                return Some(number);
            }
        };
        let mut state = self.state();
        let batch = state.in_flight.end(number);
        state.settling.push(batch.first);
        let is_in_outage = state.in_flight.is_in_outage();
        drop(state);
        self.settle(batch, lost, reason);
        // A success that began before an outage is no recovery.
        if error.is_some() || !is_in_outage {
            self.log(error);
        }
        None
    }

    /// Logs the begin and the end of the exporter's outage.
    fn log(&self, error: Option<String>) {
        let what = match self.signal {
            Signal::Traces => "span",
            Signal::Logs => "log record",
        };
        match error {
            None if self.health.succeeded() => {
                catch_panic(|| tracing::info!(target: "tta::telemetry", "{what} export recovered"));
            }
            Some(error) if self.health.failed(&error) => {
                catch_panic(
                    || tracing::warn!(target: "tta::telemetry", error, "{what} export failed; {what}s that cannot wait are dropped and counted until it recovers"),
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::time::Instant;

    use opentelemetry_sdk::trace::Sampler;

    use super::Lane;
    use crate::clock::Clock;
    use crate::id::SpanIds;
    use crate::packed_attributes::PackedAttributes;
    use crate::span::exporter::{Exporter, Signal};
    use crate::span::fate::DropReason::{QueueFull, RetryExhausted};
    use crate::span::held_span::{Distribution, SpareSpans, hold};
    use crate::span::pipeline::Pipeline;
    use crate::span::record::{Origin, SpanRecord};
    use crate::span::sampling::RootSampler;
    use crate::span::settings::ExportSettings;

    /// Opens a pipeline whose only exporter may hold 14 spans, in batches of 4, and has no thread.
    fn open() -> (&'static Pipeline, Arc<Lane>) {
        let pipeline: &'static Pipeline = Box::leak(Box::new(Pipeline::new()));
        let settings = ExportSettings { most_spans: 16, batch: 4, ..ExportSettings::default() };
        pipeline.open(RootSampler::parent_based(Sampler::AlwaysOn), settings);
        let exporter = Exporter { signal: Signal::Traces, sinks: Vec::new() };
        (pipeline, Arc::new(Lane::new(settings, 1, exporter, Arc::new(|_| ()))))
    }

    /// Ends spans one by one, and offers each to the lane.
    fn offer(pipeline: &'static Pipeline, lane: &Arc<Lane>, spans: usize) {
        let open = pipeline.latest().expect("it is open");
        for _ in 0..spans {
            let origin = Origin::Foreign(Cow::Borrowed("a span"));
            let ids = SpanIds::root(|_| true);
            pipeline.push(Box::new(SpanRecord::new(origin, ids, SpanIds::NONE, PackedAttributes::default())));
            let counts = &pipeline.counts;
            static SPARE: SpareSpans = SpareSpans::new(4);
            let distribution = Arc::new(Distribution { anchor: Clock::System.anchor(), open, counts, spare: &SPARE });
            for chunk in open.take_queued(counts) {
                open.empty(chunk, |queued| lane.offer([hold(queued, &distribution, &mut SPARE.take())].into_iter()));
            }
        }
    }

    /// Returns how many spans are lost for want of space, and how many are given up.
    fn lost(pipeline: &Pipeline) -> [u64; 2] {
        [QueueFull, RetryExhausted].map(|reason| pipeline.counts.dropped(reason))
    }

    /// Begins to export a batch, whose number is returned.
    fn begin(lane: &Lane) -> u64 {
        let mut state = lane.state();
        let number = lane.make_batch(&mut state);
        assert!(state.in_flight.begin(number, Instant::now()).is_some());
        number
    }

    #[test]
    fn a_full_queue_gives_up_the_oldest_spans_during_an_outage_and_refuses_new_ones_otherwise() {
        let (pipeline, lane) = open();
        offer(pipeline, &lane, 16);
        assert_eq!(lost(pipeline), [2, 0], "the exporter is only slow");
        let number = begin(&lane);
        lane.state().in_flight.fail(number, None, Instant::now());
        offer(pipeline, &lane, 4);
        assert_eq!(lost(pipeline), [2, 4], "the batch that failed makes room");
        // Until the pause of the outage ends nothing is failing any more, and the collector is still away.
        offer(pipeline, &lane, 8);
        assert_eq!(lost(pipeline), [2, 12]);
        assert_eq!(pipeline.counts.exported.load(Ordering::Relaxed), 0);
        let state = lane.state();
        assert_eq!(state.waiting.len() + state.in_flight.held().0, 14);
        drop(state);
    }

    #[test]
    fn spans_are_settled_once_all_before_them_are() {
        let (pipeline, lane) = open();
        offer(pipeline, &lane, 8);
        let [first, second] = [begin(&lane), begin(&lane)];
        for (number, settled) in [(second, [false, false]), (first, [true, true])] {
            let batch = lane.state().in_flight.end(number);
            lane.state().settling.push(batch.first);
            assert!(!lane.state().is_settled(8), "what is being counted is not settled");
            lane.settle(batch, 0, QueueFull);
            assert_eq!([4, 8].map(|position| lane.state().is_settled(position)), settled);
        }
        assert_eq!(pipeline.counts.exported.load(Ordering::Relaxed), 8);
    }
}
