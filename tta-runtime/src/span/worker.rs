//! The export thread: takes ended spans off the queue and hands them to the exporters.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use opentelemetry_sdk::trace::SpanData;

use super::convert::span_data;
use super::pipeline::{BATCH, DropReason, Pipeline};
use super::sink::Sink;
use crate::clock::{Clock, ClockAnchor};
use crate::host_log::guarded;

/// How long a span waits at most before its batch is exported.
const INTERVAL: Duration = Duration::from_millis(500);

/// Told after each attempt to export: whether it worked, and how long it took.
pub(crate) type OnExport = Box<dyn Fn(bool, Duration) + Send>;

/// The handle of the export thread.
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
    /// The operating system's error, where it refuses a thread.
    pub(crate) fn start(
        pipeline: &'static Pipeline,
        clock: &'static Clock,
        sinks: Vec<Box<dyn Sink>>,
        on_export: OnExport,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let mut exporting = Exporting { pipeline, clock, anchor: clock.anchor(), sinks, on_export, failing: false };
        let thread = thread::Builder::new().name("tta-spans".into()).spawn(move || exporting.run(&received))?;
        pipeline.attach(thread.thread().clone());
        Ok(Self { pipeline, commands, thread })
    }

    /// Waits until all spans that ended before this call are exported or dropped, at most for `deadline`.
    pub(crate) fn flush(&self, deadline: Duration) -> bool {
        self.ask(Command::Flush, deadline)
    }

    /// Exports what is queued, shuts the exporters down, and returns how many spans were abandoned because
    /// `deadline` came first.
    pub(crate) fn stop(&self, deadline: Duration) -> u64 {
        if self.thread.is_finished() || self.ask(Command::Stop, deadline) {
            return 0;
        }
        let mut queued = 0;
        while self.pipeline.pop().is_some() {
            queued += 1;
        }
        let in_hand = self.pipeline.counts.unaccounted().saturating_sub(queued);
        self.pipeline.counts.drop(DropReason::Deadline, queued);
        queued + in_hand
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

struct Exporting {
    pipeline: &'static Pipeline,
    clock: &'static Clock,
    /// How spans are dated.
    anchor: ClockAnchor,
    sinks: Vec<Box<dyn Sink>>,
    on_export: OnExport,
    /// Whether the last attempt failed: an incident is logged when it begins and when it ends.
    failing: bool,
}

impl Exporting {
    fn run(&mut self, commands: &Receiver<Command>) {
        loop {
            // Commands first, so that all that ended before one was given is on the queue when it is carried out.
            let command = commands.try_recv();
            self.drain();
            match command {
                Ok(Command::Flush(done)) => {
                    // Whoever asked may have gone: its deadline passed.
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

    /// Exports what waits now. What ends meanwhile waits for the next time: a program that never pauses would
    /// otherwise keep every command waiting.
    fn drain(&mut self) {
        self.anchor = self.anchor.kept_or(self.clock.anchor());
        let mut left = self.pipeline.come();
        while left > 0 {
            let batch: Vec<_> = std::iter::from_fn(|| self.pipeline.pop())
                .take(left.min(BATCH))
                .map(|record| span_data(*record, self.anchor))
                .collect();
            if batch.is_empty() {
                return;
            }
            left -= batch.len();
            self.export(batch);
        }
    }

    fn export(&mut self, batch: Vec<SpanData>) {
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
                    guarded(|| tracing::info!(target: "tta::telemetry", "span export works again"));
                }
            }
            Some((reason, error)) => {
                counts.drop(reason, spans);
                if !std::mem::replace(&mut self.failing, true) {
                    guarded(
                        || tracing::warn!(target: "tta::telemetry", error, "span export fails; spans are dropped and counted"),
                    );
                }
            }
        }
    }
}
