//! Metrics of a host that make collecting hard.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, Opts};

use super::wire::PATIENCE;

fn gauge(help: &str) -> Gauge {
    Gauge::with_opts(Opts::new("host_gauge", help)).expect("the name is right")
}

/// A gauge that nobody can read until a test says so.
pub(super) struct Gated {
    gauge: Gauge,
    entered: Sender<()>,
    released: Mutex<Receiver<()>>,
}

/// The test's side of a gated gauge.
pub(super) struct Gate {
    entered: Receiver<()>,
    release: Sender<()>,
}

pub(super) fn gated() -> (Gated, Gate) {
    let (entering, entered) = channel();
    let (release, released) = channel();
    let gated = Gated { gauge: gauge("Gated."), entered: entering, released: Mutex::new(released) };
    (gated, Gate { entered, release })
}

impl Gate {
    /// Waits for a collection to begin.
    pub(super) fn wait(&self) {
        self.entered.recv_timeout(PATIENCE).expect("a collection begins");
    }

    /// Lets one collection end.
    pub(super) fn open(&self) {
        self.release.send(()).expect("the gauge is registered");
    }

    /// Returns whether a collection began since the last that was waited for.
    pub(super) fn has_more(&self) -> bool {
        self.entered.try_recv().is_ok()
    }
}

impl Collector for Gated {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // The test may have ended without us.
        let _ = self.entered.send(());
        let _ = self.released.lock().expect("no collection panics").recv_timeout(PATIENCE);
        self.gauge.collect()
    }
}

/// A gauge that panics when it is read for the first time.
pub(in crate::export::http) struct PanicsOnce {
    gauge: Gauge,
    panicked: AtomicBool,
}

impl Default for PanicsOnce {
    fn default() -> Self {
        Self { gauge: gauge("Panics once."), panicked: AtomicBool::new(false) }
    }
}

impl Collector for PanicsOnce {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        assert!(self.panicked.swap(true, Ordering::SeqCst), "a panic of the host's collector, made by a test");
        self.gauge.collect()
    }
}

/// A gauge whose help is longer than what the system holds between two sockets: a sender's 4 MiB, and a receiver's
/// 128 KiB, which grow only while it reads.
pub(super) fn wordy() -> Gauge {
    gauge(&"w".repeat(8 << 20))
}
