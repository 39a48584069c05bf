//! The connection to a collector: requests that are bounded in time and in the size of their answers.

use std::error::Error;
use std::io::Read as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use reqwest::blocking::{Client, Response};

use super::answer::{self, Answer};
use super::credentials::Credentials;
use super::encoding::{Compression, check_protocol};
use super::signal_variables::SignalVariables;
use crate::address::{Address, masked};
use crate::configuration::{EnvironmentError, InitError, ReadVariable, milliseconds};
use crate::export::http_client;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

/// The timeout without configuration, by OpenTelemetry's specification.
const DEFAULT_TIMEOUT_MS: u64 = 10_000;

/// A collector, as the environment configures it for a signal.
pub(super) struct Collector {
    address: Address,
    headers: http::HeaderMap,
    timeout: Duration,
    compression: Compression,
    credentials: Credentials,
    /// Created by a thread that sends: a blocking client must not be created inside an async runtime.
    client: OnceLock<Client>,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The headers may have a token.
        formatter.debug_struct("Collector").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Collector {
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the collector for a signal, `None` if the environment names none.
    pub(super) fn configured(signal: &SignalVariables, read: ReadVariable<'_>) -> Result<Option<Self>, InitError> {
        let Some(address) = endpoint(signal, read)? else { return Ok(None) };
        check_protocol(signal, read)?;
        let compression = Compression::configured(signal, read)?;
        let timeout = if read(signal.timeout).is_some() { signal.timeout } else { TIMEOUT };
        let timeout = milliseconds(read, timeout, DEFAULT_TIMEOUT_MS)?;
        let headers = headers(if read(signal.headers).is_some() { signal.headers } else { HEADERS }, read)?;
        let credentials = Credentials::configured(signal, &address, read)?;
        Ok(Some(Self { address, headers, timeout, compression, credentials, client: OnceLock::new() }))
    }

    fn client(&self) -> reqwest::Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.credentials.apply(http_client::client(&self.address)).build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends a request, and waits for its answer within the collector's timeout and until the deadline.
    pub(super) fn send(&self, body: Vec<u8>, deadline: Instant) -> Answer {
        let client = match self.client() {
            Ok(client) => client,
            // A process without free descriptors or threads may have some at the next attempt.
            Err(error) => return Answer::Retry { after: None, error: chain(&error) },
        };
        let timeout = self.timeout.min(deadline.saturating_duration_since(Instant::now()));
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        if let Some(encoding) = self.compression.content_encoding() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let request = client
            .post(self.address.secret())
            .headers(headers)
            // Covers everything from the connection to the last byte of the answer.
            .timeout(timeout)
            .body(self.compression.apply(body));
        match request.send() {
            Ok(response) => answer(response),
            Err(error) if error.is_builder() => Answer::Refused { error: chain(&error.without_url()) },
            Err(error) => Answer::Retry { after: None, error: chain(&error.without_url()) },
        }
    }
}

fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        return answer::of_status(status, &headers, SystemTime::now());
    }
    let mut body = Vec::new();
    match response.take(answer::LONGEST as u64 + 1).read_to_end(&mut body) {
        Ok(length) if length > answer::LONGEST => {
            Answer::Refused { error: format!("the answer is longer than {} bytes", answer::LONGEST) }
        }
        Ok(_) => answer::of_body(&headers, &body),
        Err(error) => Answer::Retry { after: None, error: format!("the answer broke off: {}", chain(&error)) },
    }
}

/// The endpoint of a collector on the same machine, by OpenTelemetry's specification.
const DEFAULT_ENDPOINT: &str = "http://localhost:4318";

/// Returns the endpoint of a signal: its own as it is, or the common one followed by the signal's path.
///
/// There is none if `OTEL_…_EXPORTER` names other exporters; if it names this one, the default is a collector on the same machine.
fn endpoint(signal: &SignalVariables, read: ReadVariable<'_>) -> Result<Option<Address>, EnvironmentError> {
    let exporters = (signal.exporters)(read)?;
    if exporters.is_some_and(|named| !named.otlp) {
        return Ok(None);
    }
    let (variable, value, path) = match (read(signal.endpoint), read(ENDPOINT)) {
        (Some(own), _) => (signal.endpoint, own, ""),
        (None, Some(common)) => (ENDPOINT, common, signal.path),
        (None, None) if exporters.is_none() => return Ok(None),
        (None, None) => (ENDPOINT, DEFAULT_ENDPOINT.to_owned(), signal.path),
    };
    let base = if path.is_empty() { value.trim() } else { value.trim().trim_end_matches('/') };
    let address = format!("{base}{path}");
    let is_valid =
        reqwest::Url::parse(&address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_valid {
        return Ok(Some(Address::new(address)));
    }
    let expected = "the address of a collector, such as `http://127.0.0.1:4318`";
    Err(EnvironmentError { variable, value: masked(&value), expected })
}

/// Reads `name=value,name=value` with percent-encoded values, where an empty pair does not count.
fn headers(variable: &'static str, read: ReadVariable<'_>) -> Result<http::HeaderMap, EnvironmentError> {
    let text = read(variable).unwrap_or_default();
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let headers: Option<http::HeaderMap> = pairs.map(header).collect();
    let expected = "`name=value` pairs with commas between them and percent-encoded values, such as \
                    `authorization=Bearer%20…,x-team=blue`";
    // Any part of it may be a secret.
    headers.ok_or_else(|| EnvironmentError { variable, value: "***".to_owned(), expected })
}

fn header(pair: &str) -> Option<(http::HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    let mut value = value.parse::<HeaderValue>().ok()?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}

/// Returns an error with its causes, which say more than `error sending request`.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors repeat their cause.
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Collector, endpoint, headers};
    use crate::export::otlp::signal_variables::METRICS;

    fn with(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn headers_are_read_as_the_specification_writes_them() {
        let read = |text: &'static str| headers("HEADERS", &move |_: &str| Some(text.to_owned()));
        let some = read("authorization=Bearer%20a=b, x-team = blue,").unwrap();
        assert_eq!(
            (some.len(), &some["authorization"], &some["x-team"]),
            (2, &"Bearer a=b".parse().unwrap(), &"blue".parse().unwrap())
        );
        for text in
            ["Authorization: Bearer s3cret", "x-team=blue,s3cret", "a b=s3cret", "=s3cret", "x=%0As3cret", "x=%FF"]
        {
            let error = read(text).unwrap_err();
            assert_eq!((error.variable, error.value.as_str()), ("HEADERS", "***"), "{text}");
        }
    }

    #[test]
    fn the_signal_s_own_endpoint_wins_and_is_taken_as_it_is() {
        let of = |variables: &'static [(&str, &str)]| {
            let endpoint = endpoint(&METRICS, &with(variables)).unwrap();
            endpoint.map(|address| address.secret().to_owned())
        };
        const COMMON: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/");
        const OWN: (&str, &str) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://localhost:4319/here");
        assert_eq!(of(&[COMMON]).as_deref(), Some("http://localhost:4318/v1/metrics"));
        assert_eq!(of(&[COMMON, OWN]).as_deref(), Some("http://localhost:4319/here"));
        assert_eq!(of(&[]), None);
        const NONE: (&str, &str) = ("OTEL_METRICS_EXPORTER", "none");
        const OTLP: (&str, &str) = ("OTEL_METRICS_EXPORTER", "otlp");
        assert_eq!(of(&[COMMON, OWN, NONE]), None);
        assert_eq!(of(&[COMMON, OTLP]).as_deref(), Some("http://localhost:4318/v1/metrics"));
        assert_eq!(of(&[OTLP]).as_deref(), Some("http://localhost:4318/v1/metrics"));
    }

    #[test]
    fn no_secret_of_an_endpoint_is_printed() {
        let refused = endpoint(&METRICS, &with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://ann:s3cret@host?key=s3cret")]));
        let expected = "OTEL_EXPORTER_OTLP_ENDPOINT=`ftp://***@host?***` cannot be used; \
                        write the address of a collector, such as `http://127.0.0.1:4318`";
        assert_eq!(refused.unwrap_err().to_string(), expected);
        let read = with(&[
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://ann:s3cret@host/v1?key=s3cret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=s3cret"),
        ]);
        let collector = Collector::configured(&METRICS, &read).unwrap().unwrap();
        assert_eq!(format!("{collector:?}"), r#"Collector { address: "http://***@host/v1?***", .. }"#);
    }
}
