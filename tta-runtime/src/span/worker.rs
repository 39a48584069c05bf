//! The export thread: drains the queue of ended spans into the exporters.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::convert::span_data;
use super::pipeline::{BATCH, DropReason, Pipeline};
use super::sink::{EndedSpan, Sink};
use crate::clock::{Clock, ClockAnchor};
use crate::host_log::catch_panic;

/// The longest time between two drains of the queue.
const INTERVAL: Duration = Duration::from_millis(500);

/// Receives each attempt to export: whether it succeeded, and its duration.
pub(crate) type OnExport = Box<dyn Fn(bool, Duration) + Send>;

/// A handle to the export thread.
pub(crate) struct Worker {
    pipeline: &'static Pipeline,
    commands: Sender<Command>,
    thread: JoinHandle<()>,
}

enum Command {
    Flush(Sender<()>),
    Stop(Sender<()>),
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error if it refuses a thread.
    pub(crate) fn start(
        pipeline: &'static Pipeline,
        clock: &'static Clock,
        sinks: Vec<Box<dyn Sink>>,
        on_export: OnExport,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let mut export_loop = ExportLoop { pipeline, clock, anchor: clock.anchor(), sinks, on_export, failing: false };
        let thread = thread::Builder::new().name("tta-spans".into()).spawn(move || export_loop.run(&received))?;
        pipeline.attach(thread.thread().clone());
        Ok(Self { pipeline, commands, thread })
    }

    /// Waits until all spans that ended before this call are exported or dropped, at most for `deadline`. Returns whether
    /// they were in time.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        self.ask(Command::Flush, deadline)
    }

    /// Exports the queued spans and shuts the exporters down, within `deadline`. Returns how many spans were abandoned
    /// because the deadline passed first.
    pub(crate) fn stop(&self, deadline: Duration) -> u64 {
        if self.thread.is_finished() || self.ask(Command::Stop, deadline) {
            return 0;
        }
        let mut queued = 0;
        while self.pipeline.pop().is_some() {
            queued += 1;
        }
        let exporting = self.pipeline.counts.pending().saturating_sub(queued);
        self.pipeline.counts.drop(DropReason::Deadline, queued);
        queued + exporting
    }

    fn ask(&self, command: impl FnOnce(Sender<()>) -> Command, deadline: Duration) -> bool {
        let (done, answer) = channel();
        if self.commands.send(command(done)).is_err() {
            return true;
        }
        self.thread.thread().unpark();
        !matches!(answer.recv_timeout(deadline), Err(RecvTimeoutError::Timeout))
    }
}

/// The state of the export thread.
struct ExportLoop {
    pipeline: &'static Pipeline,
    clock: &'static Clock,
    /// Dates the spans.
    anchor: ClockAnchor,
    sinks: Vec<Box<dyn Sink>>,
    on_export: OnExport,
    /// True after a failed attempt: an outage is logged at its start and at its end only.
    failing: bool,
}

impl ExportLoop {
    fn run(&mut self, commands: &Receiver<Command>) {
        loop {
            // Receive before draining: every span that ended before the command was sent is then in the queue.
            let command = commands.try_recv();
            self.drain();
            match command {
                Ok(Command::Flush(done)) => {
                    // The receiver may be gone: its deadline passed.
                    let _ = done.send(());
                }
                Ok(Command::Stop(done)) => {
                    for sink in &mut self.sinks {
                        let _ = catch_unwind(AssertUnwindSafe(|| sink.shutdown()));
                    }
                    let _ = done.send(());
                    return;
                }
                Err(TryRecvError::Empty) if self.pipeline.queued() < BATCH => thread::park_timeout(INTERVAL),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
        }
    }

    /// Exports the spans that are queued now. Spans that end meanwhile wait for the next drain; otherwise a busy program
    /// would starve every command.
    fn drain(&mut self) {
        self.anchor = self.anchor.resynced(self.clock.anchor());
        let mut left = self.pipeline.acknowledge_wake();
        while left > 0 {
            let batch: Vec<_> = std::iter::from_fn(|| self.pipeline.pop())
                .take(left.min(BATCH))
                .map(|record| {
                    let is_outermost = !record.parent.is_some() || record.parent.is_foreign();
                    EndedSpan { data: span_data(*record, self.anchor), is_outermost }
                })
                .collect();
            if batch.is_empty() {
                return;
            }
            left -= batch.len();
            self.export(batch);
        }
    }

    fn export(&mut self, batch: Vec<EndedSpan>) {
        let spans = batch.len() as u64;
        let start = Instant::now();
        let mut lost = None;
        let mut batches = std::iter::repeat_n(batch, self.sinks.len());
        for sink in &mut self.sinks {
            let Some(batch) = batches.next() else { break };
            match catch_unwind(AssertUnwindSafe(|| sink.export(batch))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => lost = Some((DropReason::Rejected, error.to_string())),
                Err(_) => lost = Some((DropReason::ExporterPanic, "the exporter panicked".to_owned())),
            }
        }
        (self.on_export)(lost.is_none(), start.elapsed());
        let counts = &self.pipeline.counts;
        match lost {
            None => {
                counts.exported.fetch_add(spans, Ordering::Relaxed);
                if std::mem::take(&mut self.failing) {
                    catch_panic(|| tracing::info!(target: "tta::telemetry", "span export recovered"));
                }
            }
            Some((reason, error)) => {
                counts.drop(reason, spans);
                if !std::mem::replace(&mut self.failing, true) {
                    catch_panic(
                        || tracing::warn!(target: "tta::telemetry", error, "span export failed; spans are dropped and counted until it recovers"),
                    );
                }
            }
        }
    }
}
