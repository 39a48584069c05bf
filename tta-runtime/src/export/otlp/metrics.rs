//! Sends the metrics to a collector at an interval, and once more at shutdown.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry_sdk::Resource;

use super::answer::Answer;
use super::collector::Collector;
use super::delta;
use super::metric_request::{self, Sums, Times};
use super::signal_variables::METRICS;
use super::stream_form::{Buckets, StreamForm, Temporality};
use crate::clock::nanoseconds;
use crate::configuration::{InitError, ReadVariable, milliseconds};
use crate::export::families;
use crate::export::registry::registry;
use crate::host_log::catch_panic;
use crate::metric::keep_exponential_counts;
use crate::outages::ExportHealth;
use crate::panics::caught;
use crate::recorder::GLOBAL;
use crate::schema::Id;
use crate::snapshot::Rows;
use crate::snapshot::view::View;
use crate::span::after;

/// The handle of the thread that sends the metrics.
#[derive(Debug)]
pub(crate) struct MetricsPush {
    stop: Sender<Stop>,
}

/// The order to send the metrics a last time.
struct Stop {
    deadline: Instant,
    done: Sender<bool>,
}

/// The metrics on their last way.
pub(crate) struct LastMetrics {
    deadline: Instant,
    sent: Receiver<bool>,
}

impl MetricsPush {
    /// Begins to send the metrics a last time, in as many attempts as it takes until the deadline.
    pub(crate) fn stop(self, deadline: Instant) -> LastMetrics {
        let (done, sent) = channel();
        // Without the thread, `done` is gone, and so the wait ends at once.
        let _ = self.stop.send(Stop { deadline, done });
        LastMetrics { deadline, sent }
    }
}

impl LastMetrics {
    /// Waits until the metrics are sent, at most until the deadline. Returns whether the collector accepted them.
    pub(crate) fn wait(self) -> bool {
        self.sent.recv_timeout(self.deadline.saturating_duration_since(Instant::now())).unwrap_or(false)
    }
}

/// A push of metrics that is configured and not started.
pub(crate) struct PreparedPush {
    sending: Sending,
    interval: Duration,
}

/// Returns the push of metrics, if the environment names an endpoint.
pub(crate) fn prepare_metrics(
    resource: Resource,
    views: Vec<View>,
    read: ReadVariable<'_>,
) -> Result<Option<PreparedPush>, InitError> {
    let Some(collector) = Collector::configured(&METRICS, read)? else { return Ok(None) };
    let form = StreamForm::configured(read)?;
    let interval = milliseconds(read, "OTEL_METRIC_EXPORT_INTERVAL", 60_000)?;
    let timeout = milliseconds(read, "OTEL_METRIC_EXPORT_TIMEOUT", 30_000)?;
    Ok(Some(PreparedPush {
        sending: Sending { collector, resource, views, form, timeout, health: ExportHealth::new("metrics") },
        interval,
    }))
}

impl PreparedPush {
    /// Starts the thread that sends the metrics.
    pub(crate) fn start(self) -> Result<MetricsPush, InitError> {
        let Self { mut sending, interval } = self;
        if sending.form.buckets == Buckets::Exponential {
            keep_exponential_counts();
        }
        let (stop, stopped) = channel();
        let thread =
            thread::Builder::new().name("tta-otlp-metrics".into()).spawn(move || sending.run(interval, &stopped));
        thread.map_err(InitError::Thread)?;
        Ok(MetricsPush { stop })
    }
}

struct Sending {
    collector: Collector,
    resource: Resource,
    views: Vec<View>,
    form: StreamForm,
    /// The longest time of an attempt.
    timeout: Duration,
    /// An outage is logged when it begins and when it ends.
    health: ExportHealth,
}

/// The last readings that collectors have accepted, if they get differences, by what is sent where: another start goes on from them.
static ACCEPTED: Mutex<BTreeMap<String, Accepted>> = Mutex::new(BTreeMap::new());

/// A reading that a collector has accepted.
#[derive(Clone)]
struct Accepted {
    families: Vec<Arc<Rows>>,
    at: SystemTime,
}

impl Sending {
    fn run(&mut self, interval: Duration, stopped: &Receiver<Stop>) {
        loop {
            match stopped.recv_timeout(interval) {
                Err(RecvTimeoutError::Disconnected) => return,
                // A failure is not retried: the next push contains its numbers, whether they count from the start or from the
                // last one that was accepted.
                Err(RecvTimeoutError::Timeout) => drop(self.attempt(after(self.timeout))),
                Ok(stop) => {
                    let sent = self.send_last(stop.deadline);
                    let _ = stop.done.send(sent);
                    return;
                }
            }
        }
    }

    /// Sends the last metrics until they are accepted, refused for good, or late.
    fn send_last(&mut self, deadline: Instant) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            let wait = match self.attempt(deadline.min(after(self.timeout))) {
                Answer::Retry { after, .. } => after.unwrap_or_default().max(pause),
                answer => return answer == Answer::Accepted,
            };
            pause = (pause * 2).min(LONGEST_PAUSE);
            if wait >= deadline.saturating_duration_since(Instant::now()) {
                return false;
            }
            thread::sleep(wait);
        }
    }

    /// Sends all metrics once.
    fn attempt(&mut self, deadline: Instant) -> Answer {
        let start = Instant::now();
        // The host's collectors run in here.
        let answer = caught(|| {
            let families = families::gather(&GLOBAL, registry(), &self.views);
            let (body, at) = self.encode(&families);
            let answer = self.collector.send(body, deadline);
            // What was accepted in part must not come again: the rest would be there twice.
            let arrived = matches!(answer, Answer::Accepted | Answer::Partly { .. });
            if arrived && self.form.temporality == Temporality::Delta {
                accepted().insert(self.stream(), Accepted { families, at });
            }
            answer
        });
        let answer = answer.unwrap_or_else(|| Answer::Refused { error: "a collector panicked".to_owned() });
        let result = if answer == Answer::Accepted { "ok" } else { "error" };
        GLOBAL.add(Id::TelemetryExports, &["metrics", result], 1);
        GLOBAL.add(Id::TelemetryExportDuration, &["metrics"], nanoseconds(start.elapsed()));
        self.log(&answer);
        answer
    }

    /// Names what is sent, and where.
    fn stream(&self) -> String {
        format!("{:?} {:?} {:?}", self.collector.address().secret(), self.views, self.form.buckets)
    }

    /// Returns the request with these numbers, and the time until which it counts.
    fn encode(&self, families: &[Arc<Rows>]) -> (Vec<u8>, SystemTime) {
        let mut times = Times::now(&GLOBAL.clock);
        let (resource, buckets) = (&self.resource, self.form.buckets);
        if self.form.temporality == Temporality::Cumulative {
            return (metric_request::encode(families, resource, Sums::Cumulative, buckets, times), times.now);
        }
        let body = match accepted().get(&self.stream()).cloned() {
            None => metric_request::encode(families, resource, Sums::Since(times.start), buckets, times),
            Some(accepted) => {
                // The wall clock may have been set back; an interval must not end before it begins.
                times.now = times.now.max(accepted.at + Duration::from_nanos(1));
                let added = delta::since(families, &accepted.families);
                metric_request::encode(&added, resource, Sums::Since(accepted.at), buckets, times)
            }
        };
        (body, times.now)
    }

    /// Logs an outage when it begins and when it ends.
    fn log(&self, answer: &Answer) {
        match answer {
            Answer::Accepted => {
                if self.health.succeeded() {
                    catch_panic(|| tracing::info!(target: "tta::telemetry", "metrics export works again"));
                }
            }
            Answer::Partly { error, .. } if self.form.temporality == Temporality::Delta => {
                if self.health.failed(error) {
                    catch_panic(
                        || tracing::warn!(target: "tta::telemetry", error, "metrics export was accepted in part; what was rejected does not come again"),
                    );
                }
            }
            Answer::Partly { error, .. } | Answer::Retry { error, .. } | Answer::Refused { error } => {
                if self.health.failed(error) {
                    catch_panic(
                        || tracing::warn!(target: "tta::telemetry", error, "metrics export fails; the next one will contain all"),
                    );
                }
            }
        }
    }
}

fn accepted() -> MutexGuard<'static, BTreeMap<String, Accepted>> {
    ACCEPTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pause after the first failed attempt at the end; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause between two attempts at the end.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
