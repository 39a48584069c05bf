//! Reads the prices of models from a URL, again and again, while the program runs.

mod download;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::HeaderValue;

use self::download::{Download, LIMITS, download};
use crate::configuration::{EnvironmentError, InitError, ReadVariable};
use crate::host_log::catch_panic;
use crate::model;
use crate::recorder::GLOBAL;
use crate::schema::Id;

/// The time between two reads, unless it is configured.
const INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The shortest time between two reads.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// The time until a first failed read is repeated; it doubles with each further failure, up to the interval.
const FIRST_RETRY: Duration = Duration::from_secs(60);

/// The largest part of a wait that is left out by chance, so that many processes do not read at once.
const JITTER: f64 = 0.1;

/// The values of the label `result`.
const RESULTS: [&str; 4] = ["new", "unchanged", "refused", "failed"];

/// A URL of prices that is configured and not read yet.
pub(crate) struct PriceUrl {
    url: Url,
    interval: Duration,
}

/// The handle of the thread that reads the prices; it stops when this is dropped.
#[derive(Debug)]
pub(crate) struct PriceReader {
    _stop: Sender<()>,
}

impl PriceUrl {
    /// Returns the URL that the builder or else the environment configures.
    pub(crate) fn prepare(
        given: Option<(String, Duration)>,
        read: ReadVariable<'_>,
    ) -> Result<Option<Self>, EnvironmentError> {
        const VARIABLE: &str = "TTA_PRICES_URL";
        let (url, interval) = match given {
            Some((url, interval)) => (Some(url), interval),
            None => (read(VARIABLE), interval(read)?),
        };
        let Some(url) = url else { return Ok(None) };
        let url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        // The value may have a secret in any part.
        let error = || EnvironmentError {
            variable: VARIABLE,
            value: "…".to_owned(),
            expected: "an address of prices in LiteLLM's format, such as `https://prices.example/prices.json`",
        };
        Ok(Some(Self { url: url.ok_or_else(error)?, interval: interval.max(SHORTEST_INTERVAL) }))
    }

    /// Starts the thread that reads the prices, first of all now.
    pub(crate) fn start(self) -> Result<PriceReader, InitError> {
        for result in RESULTS {
            GLOBAL.declare(Id::LlmPriceReads, &[result]);
        }
        let (stop, stopped) = channel();
        let shown = shown(&self.url);
        let mut reading = Reading { url: self.url, shown, etag: None, failures: 0, failure: None };
        let run = move || reading.run(self.interval, &stopped);
        thread::Builder::new().name("tta-prices-url".into()).spawn(run).map_err(InitError::Thread)?;
        Ok(PriceReader { _stop: stop })
    }
}

/// Returns the interval that the environment configures.
fn interval(read: ReadVariable<'_>) -> Result<Duration, EnvironmentError> {
    const VARIABLE: &str = "TTA_PRICES_INTERVAL_SECONDS";
    let Some(value) = read(VARIABLE) else { return Ok(INTERVAL) };
    let seconds = value.trim().parse().ok().filter(|&seconds: &u64| seconds > 0);
    let expected = "a whole number of seconds above 0";
    seconds.map(Duration::from_secs).ok_or(EnvironmentError { variable: VARIABLE, value, expected })
}

/// Returns the part of a URL that has no secret: tokens stand in user names, paths and queries.
fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}/…", url.scheme(), url.host_str().unwrap_or_default())
}

/// The state of the thread.
struct Reading {
    url: Url,
    /// The URL without its secrets, for messages.
    shown: String,
    /// The version of the prices in force.
    etag: Option<HeaderValue>,
    /// The reads that failed since the last one that did not.
    failures: u32,
    /// The reason of the latest one.
    failure: Option<String>,
}

impl Reading {
    fn run(&mut self, interval: Duration, stopped: &Receiver<()>) {
        loop {
            let result = self.read();
            let label = result.as_ref().copied().unwrap_or_else(|error| error.label);
            GLOBAL.add(Id::LlmPriceReads, &[label], 1);
            self.failures = if result.is_ok() { 0 } else { self.failures.saturating_add(1) };
            self.log(result.err().map(|error| error.reason));
            match stopped.recv_timeout(wait(interval, self.failures, fastrand::f64())) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Logs a failure, unless it is that of the read before, and the end of failures.
    fn log(&mut self, failure: Option<String>) {
        let before = std::mem::replace(&mut self.failure, failure);
        let (url, failure) = (&self.shown, &self.failure);
        catch_panic(|| match failure {
            Some(reason) if before.as_ref() != Some(reason) => {
                tracing::warn!(target: "tta::telemetry", url, reason, "no new prices; those in force stay unchanged");
            }
            None if before.is_some() => tracing::info!(target: "tta::telemetry", url, "prices are read again"),
            _ => {}
        });
    }

    fn read(&mut self) -> Result<&'static str, ReadError> {
        let [new, unchanged, refused, failed] = RESULTS;
        let failed = |reason| ReadError { label: failed, reason };
        match download(&self.url, self.etag.as_ref(), LIMITS).map_err(failed)? {
            Download::Unchanged => {
                model::confirm_downloaded(now());
                Ok(unchanged)
            }
            Download::New { body, etag } => {
                // A file that is refused is downloaded again: the next one may have the same version and be whole.
                model::install_downloaded(&self.shown, &body, now())
                    .map_err(|error| ReadError { label: refused, reason: error.to_string() })?;
                self.etag = etag;
                Ok(new)
            }
        }
    }
}

/// Returns the time by the wall clock.
fn now() -> SystemTime {
    GLOBAL.clock.anchor().wall(GLOBAL.clock.now())
}

struct ReadError {
    label: &'static str,
    reason: String,
}

/// Returns the wait before the next read; `chance` is from 0 to 1.
fn wait(interval: Duration, failures: u32, chance: f64) -> Duration {
    let whole = match failures.checked_sub(1) {
        None => interval,
        Some(doublings) => FIRST_RETRY.saturating_mul(2_u32.saturating_pow(doublings)).min(interval),
    };
    whole.mul_f64(1.0 - JITTER * chance)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::Url;

    use super::{PriceUrl, shown, wait};

    fn prepare(variables: &[(&str, &str)]) -> Result<Option<PriceUrl>, String> {
        let read = |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned());
        PriceUrl::prepare(None, &read).map_err(|error| error.to_string())
    }

    #[test]
    fn no_part_of_a_url_that_may_be_secret_is_shown() {
        let url = Url::parse("https://user:word@prices.example:8443/token/prices.json?sig=secret#here").unwrap();
        assert_eq!(shown(&url), "https://prices.example:8443/…");
        let wrong = prepare(&[("TTA_PRICES_URL", "ftp://user:word@prices.example/")]).err().unwrap();
        let expected = "TTA_PRICES_URL=`…` cannot be used; write an address of prices in LiteLLM's format, such as \
                        `https://prices.example/prices.json`";
        assert_eq!(wrong, expected);
    }

    #[test]
    fn it_is_off_unless_it_is_configured_and_an_interval_is_above_zero() {
        assert!(prepare(&[]).unwrap().is_none());
        let url = ("TTA_PRICES_URL", "https://prices.example/");
        let interval = |variables: &[_]| prepare(variables).unwrap().unwrap().interval;
        assert_eq!(interval(&[url]), Duration::from_secs(86_400));
        assert_eq!(interval(&[url, ("TTA_PRICES_INTERVAL_SECONDS", "7")]), Duration::from_secs(7));
        let wrong = prepare(&[url, ("TTA_PRICES_INTERVAL_SECONDS", "0")]).err().unwrap();
        let expected = "TTA_PRICES_INTERVAL_SECONDS=`0` cannot be used; write a whole number of seconds above 0";
        assert_eq!(wrong, expected);
    }

    #[test]
    fn waits_vary_and_failures_are_repeated_sooner_at_first() {
        let hour = Duration::from_secs(3_600);
        let seconds = |failures, chance| wait(hour, failures, chance).as_secs();
        assert_eq!([0.0, 0.5, 1.0].map(|chance| seconds(0, chance)), [3_600, 3_420, 3_240]);
        assert_eq!([1, 2, 3, 7, 99].map(|failures| seconds(failures, 0.0)), [60, 120, 240, 3_600, 3_600]);
        assert_eq!(wait(Duration::from_secs(1), 5, 0.0), Duration::from_secs(1));
    }
}
