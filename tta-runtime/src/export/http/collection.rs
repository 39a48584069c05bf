//! Single flight for collections: concurrent scrapes share one collection of the metrics.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::negotiate::{Coding, Format, Representation};
use crate::clock::nanoseconds;
use crate::export::{self, families, metric_family, openmetrics, process, text};
use crate::recorder::Recorder;
use crate::schema::Id;
use crate::snapshot::Rows;

/// Collects and encodes off the server's thread, because a collector of the host may be slow or hang.
pub(super) struct Collector {
    recorder: &'static Recorder,
    registry: prometheus::Registry,
    in_flight: Arc<InFlight>,
}

/// The slot for the collection in flight, empty if there is none.
#[derive(Default)]
struct InFlight(Mutex<Option<Flight>>);

/// Holds `None` until the collection ends. Closes without a result if the collection panics.
type Flight = watch::Receiver<Option<Arc<Collected>>>;

/// Reports that collecting or encoding panicked, most likely in a collector of the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Panicked;

impl Collector {
    pub(super) fn new(recorder: &'static Recorder, registry: prometheus::Registry) -> Self {
        Self { recorder, registry, in_flight: Arc::default() }
    }

    /// Returns all metrics in the given representation.
    ///
    /// Joins the collection in flight, if any: many concurrent scrapes cost no more than one, and a collector that
    /// hangs holds a single thread.
    ///
    /// # Errors
    ///
    /// Returns [`Panicked`] if collecting or encoding panics.
    pub(super) async fn body(&self, representation: Representation) -> Result<Bytes, Panicked> {
        let mut flight = self.join(representation);
        let collected = flight.wait_for(Option::is_some).await.map_err(|_| Panicked)?.clone().ok_or(Panicked)?;
        if let Some(body) = collected.encoded(representation) {
            return Ok(body);
        }
        // This scrape is a waiter, and the leader encoded another representation.
        spawn_blocking(move || collected.encode(representation)).await.map_err(|_| Panicked)
    }

    fn join(&self, representation: Representation) -> Flight {
        let mut in_flight = self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = &*in_flight {
            return flight.clone();
        }
        let (sender, flight) = watch::channel(None);
        *in_flight = Some(flight.clone());
        // `spawn_blocking` panics if the system cannot start a thread, and then dropping `landing` takes the lock.
        drop(in_flight);

        let (recorder, registry) = (self.recorder, self.registry.clone());
        let landing = Landing(self.in_flight.clone());
        spawn_blocking(move || {
            // Locals drop in reverse: `landing` clears the slot before `sender` closes, so a retry starts a new
            // collection.
            let sender = sender;
            let landing = landing;
            let started = recorder.clock.now();
            let mut families = families::gather_for_text(recorder, &registry, export::views());
            process::add_to(&mut families);
            let collected = Collected::new(families);
            collected.encode(representation);
            let duration = recorder.clock.now().since(started);
            recorder.add(Id::TelemetryScrapeDuration, &[], nanoseconds(duration));
            drop(landing);
            sender.send_replace(Some(Arc::new(collected)));
        });
        flight
    }
}

/// Clears the slot for the collection in flight when dropped.
struct Landing(Arc<InFlight>);

impl Drop for Landing {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The result of one collection, encoded at most once in each representation.
struct Collected {
    families: Vec<Arc<Rows>>,
    text: Encoded,
    openmetrics: Encoded,
    protobuf: Encoded,
}

#[derive(Default)]
struct Encoded {
    identity: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Collected {
    fn new(families: Vec<Arc<Rows>>) -> Self {
        Self { families, text: Encoded::default(), openmetrics: Encoded::default(), protobuf: Encoded::default() }
    }

    fn encoded(&self, representation: Representation) -> Option<Bytes> {
        let format = self.format(representation.format);
        match representation.coding {
            Coding::Identity => format.identity.get().cloned(),
            Coding::Gzip => format.gzip.get().cloned(),
        }
    }

    fn encode(&self, representation: Representation) -> Bytes {
        let format = self.format(representation.format);
        let identity = format.identity.get_or_init(|| match representation.format {
            Format::Text => text::encode(&self.families).into(),
            Format::OpenMetrics => openmetrics::encode(&self.families).into(),
            Format::Protobuf => metric_family::encode(&self.families).into(),
        });
        match representation.coding {
            Coding::Identity => identity.clone(),
            Coding::Gzip => format.gzip.get_or_init(|| gzip(identity)).clone(),
        }
    }

    fn format(&self, format: Format) -> &Encoded {
        match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.openmetrics,
            Format::Protobuf => &self.protobuf,
        }
    }
}

fn gzip(text: &[u8]) -> Bytes {
    // Metrics are so repetitive that a higher compression level saves little.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a `Vec` never fails.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::{Collected, Collector, Panicked};
    use crate::clock::Clock;
    use crate::export::http::negotiate::{Coding, Format, Representation};
    use crate::export::http::tests::collectors::PanicsOnce;
    use crate::export::{families, openmetrics, text};
    use crate::recorder::Recorder;
    use crate::schema::Id;
    use crate::snapshot::view::View;
    use crate::snapshot::{Snapshot, Value};
    use flate2::read::GzDecoder;
    use std::io::Read;

    const TEXT: Representation = Representation { format: Format::Text, coding: Coding::Identity };

    #[test]
    fn gzip_decodes_to_the_same_bytes_in_both_formats() {
        let recorder = Recorder::isolated(Clock::System);
        let registry = prometheus::Registry::new();
        let collected = Collected::new(families::gather_for_text(recorder, &registry, &[View::Tta]));
        let plain = [text::encode(&collected.families), openmetrics::encode(&collected.families)];
        let decoded = [Format::Text, Format::OpenMetrics].map(|format| {
            let body = collected.encode(Representation { format, coding: Coding::Gzip });
            let mut decoded = String::new();
            GzDecoder::new(&*body).read_to_string(&mut decoded).expect("the body is gzip");
            decoded
        });
        assert_eq!(decoded, plain);
    }

    #[tokio::test]
    async fn each_collection_records_its_duration() {
        let recorder = Recorder::isolated(Clock::System);
        let collector = Collector::new(recorder, prometheus::Registry::new());
        for _ in 0..3 {
            collector.body(TEXT).await.expect("nothing panics");
        }
        let rows = Snapshot::take(recorder).rows(Id::TelemetryScrapeDuration).series.clone();
        let counts: Vec<_> = rows
            .iter()
            .map(|row| match &row.value {
                Value::Distribution(distribution) => distribution.count(),
                other => panic!("{other:?} is not a histogram"),
            })
            .collect();
        assert_eq!(counts, [3]);
    }

    #[tokio::test]
    async fn a_scrape_after_a_panicked_collection_starts_a_new_one() {
        let registry = prometheus::Registry::new();
        let panics_once = PanicsOnce::default();
        registry.register(Box::new(panics_once)).expect("the name is free");
        let collector = Collector::new(Recorder::isolated(Clock::System), registry);
        assert_eq!(collector.body(TEXT).await, Err(Panicked));
        assert!(collector.body(TEXT).await.is_ok());
    }
}
