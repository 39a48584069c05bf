//! Collectors of a host that block, panic or return a large body.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, Opts};

use super::wire::DEADLINE;

fn gauge(help: &str) -> Gauge {
    Gauge::with_opts(Opts::new("host_gauge", help)).expect("the name is valid")
}

/// A gauge that blocks each collection until the test opens its [`Gate`].
pub(super) struct Gated {
    gauge: Gauge,
    entered: Sender<()>,
    released: Mutex<Receiver<()>>,
}

/// Controls a [`Gated`] gauge from a test.
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
    /// Waits until a collection begins.
    pub(super) fn wait(&self) {
        self.entered.recv_timeout(DEADLINE).expect("a collection begins");
    }

    /// Unblocks one collection.
    pub(super) fn open(&self) {
        self.release.send(()).expect("the gauge is registered");
    }

    /// Returns whether another collection began after the one that the last [`wait`](Self::wait) returned for.
    pub(super) fn has_more(&self) -> bool {
        self.entered.try_recv().is_ok()
    }
}

impl Collector for Gated {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Sending fails if the test has ended already.
        let _ = self.entered.send(());
        let _ = self.released.lock().expect("no collection panics").recv_timeout(DEADLINE);
        self.gauge.collect()
    }
}

/// A gauge that panics in its first collection.
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

/// Returns a gauge whose help exceeds the system's buffers between two sockets: 4 MiB for the sender, and 128 KiB for
/// the receiver, which grow only while the receiver reads.
pub(super) fn long_help() -> Gauge {
    gauge(&"h".repeat(8 << 20))
}
