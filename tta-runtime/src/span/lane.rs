//! One exporter's share of the queue, and its thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::fate::DropReason;
use super::held_span::HeldSpan;
use super::settings::ExportSettings;
use super::sink::{Attempt, Sink};
use super::worker::OnExport;
use crate::host_log::catch_panic;
use crate::outages::ExportHealth;
use crate::panics::caught;

/// The wait after the first failed attempt; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The longest wait between two attempts during a shutdown.
const LONGEST_LAST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait that a collector can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// The time after the deadline of an export until its exporter counts as hanging.
const GRACE: Duration = Duration::from_millis(500);

/// The spans that one exporter has yet to export.
pub(super) struct Lane {
    state: Mutex<State>,
    changed: Condvar,
    settings: ExportSettings,
    /// The most spans and bytes that it may hold.
    share: (usize, usize),
    batch_bytes: usize,
    health: ExportHealth,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<HeldSpan>>,
    sending: Option<Sending>,
    /// The bytes of all spans, waiting or being exported.
    bytes: usize,
    /// Spans that were offered, and those of them that are settled.
    offered: u64,
    settled: u64,
    batches: u64,
    /// True until the pause before the next attempt was cut short.
    is_hurried: bool,
    /// The deadline of the shutdown, once it began.
    stops_at: Option<Instant>,
    is_finished: bool,
}

/// The end of a pause between two attempts.
enum Pause {
    Over,
    /// A flush or a shutdown gets an attempt at once, and short pauses from then on.
    CutShort,
    /// The batch has been given up, or the shutdown is over.
    NoAttempt,
}

/// The batch that is being exported.
struct Sending {
    number: u64,
    batch: Vec<Arc<HeldSpan>>,
    bytes: usize,
    /// The end of the current attempt; `None` between two attempts.
    deadline: Option<Instant>,
    /// True after a failed attempt.
    is_failing: bool,
}

impl State {
    fn count(&self) -> usize {
        self.waiting.len() + self.sending.as_ref().map_or(0, |sending| sending.batch.len())
    }

    /// Takes the oldest spans if the exporter fails: the batch that waits for another attempt, or else those behind it.
    fn give_up_oldest(&mut self, most: usize) -> Vec<Arc<HeldSpan>> {
        let Some(sending) = self.sending.as_ref().filter(|sending| sending.is_failing) else { return Vec::new() };
        if sending.deadline.is_none() {
            let number = sending.number;
            return self.take(number);
        }
        let oldest: Vec<_> = self.waiting.drain(..most.min(self.waiting.len())).collect();
        self.bytes = self.bytes.saturating_sub(oldest.iter().map(|span| span.weight).sum());
        oldest
    }

    /// Takes the batch with this number, if nobody else has taken it. Whoever takes it settles it.
    fn take(&mut self, number: u64) -> Vec<Arc<HeldSpan>> {
        match self.sending.take_if(|sending| sending.number == number) {
            Some(sending) => {
                self.bytes = self.bytes.saturating_sub(sending.bytes);
                sending.batch
            }
            None => Vec::new(),
        }
    }
}

impl Lane {
    /// Creates the lane of one of `exporters`.
    pub(super) fn new(settings: ExportSettings, exporters: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            settings,
            share: settings.share(exporters),
            batch_bytes: settings.batch_bytes(exporters),
            health: ExportHealth::new("traces"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the fates of spans, of which the first `lost` are lost; only then a flush finds them settled.
    fn settle(&self, spans: Vec<Arc<HeldSpan>>, lost: usize, reason: DropReason) {
        let settled = spans.len() as u64;
        for span in spans.iter().take(lost) {
            span.lose(reason);
        }
        drop(spans);
        self.state().settled += settled;
        self.changed.notify_all();
    }

    /// Takes spans for export.
    ///
    /// If there is no space, the oldest spans are given up during an outage; otherwise the exporter is too slow, and the new spans are
    /// lost.
    pub(super) fn offer(&self, spans: &[Arc<HeldSpan>]) {
        let mut state = self.state();
        let mut given_up = Vec::new();
        for span in spans {
            state.offered += 1;
            let is_full = |state: &State| {
                state.stops_at.is_none() && (state.count() >= self.share.0 || state.bytes + span.weight > self.share.1)
            };
            while is_full(&state) {
                match state.give_up_oldest(self.settings.batch) {
                    oldest if oldest.is_empty() => break,
                    oldest => given_up.extend(oldest),
                }
            }
            if state.is_finished || is_full(&state) {
                let reason = if state.is_finished { DropReason::AfterShutdown } else { DropReason::QueueFull };
                span.lose(reason);
                state.settled += 1;
            } else {
                state.bytes += span.weight;
                state.waiting.push_back(Arc::clone(span));
            }
        }
        drop(state);
        self.settle(given_up, usize::MAX, DropReason::RetryExhausted);
    }

    /// Settles a batch whose exporter has not returned long after its deadline.
    pub(super) fn watch(&self) {
        let mut state = self.state();
        let overdue = state
            .sending
            .as_ref()
            .filter(|sending| sending.deadline.is_some_and(|deadline| Instant::now() > deadline + GRACE));
        let Some(number) = overdue.map(|sending| sending.number) else { return };
        let batch = state.take(number);
        drop(state);
        let spans = batch.len();
        self.settle(batch, usize::MAX, DropReason::Deadline);
        self.health.failed("the exporter does not return");
        catch_panic(|| {
            tracing::warn!(
                target: "tta::telemetry",
                spans,
                "a span exporter does not return: its spans are dropped and counted until it does"
            );
        });
    }

    /// Waits until all spans that were offered so far are settled, at most until the deadline. Returns whether they are.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.state();
        let target = state.offered;
        state.is_hurried = true;
        self.changed.notify_all();
        while state.settled < target && !state.is_finished {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Lets the thread export what it has and end, until the deadline.
    pub(super) fn stop(&self, deadline: Instant) {
        let mut state = self.state();
        state.stops_at = Some(deadline);
        state.is_hurried = true;
        drop(state);
        self.changed.notify_all();
    }

    /// Waits for the end of the thread, at most until the deadline, and abandons what is left. Returns the number of spans that are lost
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
        let mut left: Vec<_> = state.sending.take().map(|sending| sending.batch).unwrap_or_default();
        left.extend(state.waiting.drain(..));
        state.bytes = 0;
        drop(state);
        let abandoned = left.iter().filter(|span| span.lose(DropReason::Deadline)).count() as u64;
        self.settle(left, 0, DropReason::Deadline);
        abandoned
    }

    /// Exports until the shutdown.
    pub(super) fn run(&self, sink: &mut dyn Sink, on_export: &OnExport) {
        while let Some(number) = self.next() {
            self.export(number, sink, on_export);
        }
        let _ = caught(|| sink.shutdown());
        self.state().is_finished = true;
        self.changed.notify_all();
    }

    /// Waits for spans and makes them the batch that is being exported. Returns its number; `None` once nothing is left at the shutdown.
    fn next(&self) -> Option<u64> {
        let mut state = self.state();
        // What is left at the deadline, the current batch too, is abandoned and counted by whoever waits for the end.
        if state.stops_at.is_some_and(|stops_at| Instant::now() >= stops_at) {
            return None;
        }
        while state.waiting.is_empty() {
            if state.stops_at.is_some() || state.is_finished {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let fits = |span: &HeldSpan, bytes: usize| bytes == 0 || bytes + span.weight <= self.batch_bytes;
        while batch.len() < self.settings.batch
            && state.waiting.front().is_some_and(|span| fits(span, bytes))
            && let Some(span) = state.waiting.pop_front()
        {
            bytes += span.weight;
            batch.push(span);
        }
        state.batches += 1;
        state.is_hurried = false;
        let number = state.batches;
        state.sending = Some(Sending { number, batch, bytes, deadline: None, is_failing: false });
        Some(number)
    }

    /// Exports a batch, in as many attempts as it takes.
    fn export(&self, number: u64, sink: &mut dyn Sink, on_export: &OnExport) {
        let mut failures = 0_u32;
        loop {
            let Some((batch, deadline)) = self.begin_attempt(number) else { return };
            let start = Instant::now();
            let attempt = caught(|| sink.export(batch, deadline));
            let attempt = attempt.unwrap_or_else(|| Attempt::Failed {
                reason: DropReason::ExporterPanic,
                error: "the exporter panicked".to_owned(),
            });
            on_export(matches!(attempt, Attempt::Exported), start.elapsed());
            let (lost, reason, error) = match attempt {
                Attempt::Exported => (0, DropReason::Rejected, None),
                Attempt::Partly { rejected, error } => (rejected, DropReason::Rejected, Some(error)),
                Attempt::Failed { reason, error } => (u64::MAX, reason, Some(error)),
                Attempt::Retry { after, error } => {
                    log(Some(error), &self.health);
                    match self.pause(number, failures, after) {
                        Pause::Over => failures = failures.saturating_add(1),
                        Pause::CutShort => failures = 0,
                        Pause::NoAttempt => return,
                    }
                    continue;
                }
            };
            let batch = self.state().take(number);
            self.settle(batch, usize::try_from(lost).unwrap_or(usize::MAX), reason);
            return log(error, &self.health);
        }
    }

    /// Returns the batch and the deadline of an attempt, unless it has been given up.
    fn begin_attempt(&self, number: u64) -> Option<(Batch, Instant)> {
        let mut state = self.state();
        let stops_at = state.stops_at;
        let sending = state.sending.as_mut().filter(|sending| sending.number == number)?;
        let deadline = Instant::now() + self.settings.export_timeout;
        let deadline = stops_at.map_or(deadline, |stops_at| stops_at.min(deadline));
        sending.deadline = Some(deadline);
        Some((Batch::new(sending.batch.clone()), deadline))
    }

    /// Waits before the next attempt.
    fn pause(&self, number: u64, failures: u32, asked: Option<Duration>) -> Pause {
        // A collector may ask for no wait at all, or by a clock of its own.
        let wait = asked.unwrap_or_default().min(LONGEST_ASKED).max(backoff(failures));
        let start = Instant::now();
        let mut state = self.state();
        loop {
            let wait = if state.stops_at.is_some() { wait.min(LONGEST_LAST_WAIT) } else { wait };
            let until = start + wait;
            let Some(sending) = state.sending.as_mut().filter(|sending| sending.number == number) else {
                return Pause::NoAttempt;
            };
            sending.deadline = None;
            sending.is_failing = true;
            let is_cut_short = std::mem::take(&mut state.is_hurried);
            let now = Instant::now();
            if is_cut_short || now >= until {
                return match state.stops_at {
                    Some(stops_at) if now >= stops_at => Pause::NoAttempt,
                    _ if is_cut_short => Pause::CutShort,
                    _ => Pause::Over,
                };
            }
            let left = until - now;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Returns the wait after a failed attempt: it doubles, and half of it is random, so that programs do not retry at once.
fn backoff(failures: u32) -> Duration {
    let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_WAIT);
    wait.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// Logs the begin and the end of an exporter's outage.
fn log(error: Option<String>, health: &ExportHealth) {
    match error {
        None if health.succeeded() => {
            catch_panic(|| tracing::info!(target: "tta::telemetry", "span export recovered"));
        }
        Some(error) if health.failed(&error) => {
            catch_panic(
                || tracing::warn!(target: "tta::telemetry", error, "span export failed; spans that cannot wait are dropped and counted until it recovers"),
            );
        }
        _ => {}
    }
}
