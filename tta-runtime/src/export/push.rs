//! Pushes the metrics to a Pushgateway at shutdown, for jobs that end before a scrape.

use std::io::Read as _;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use opentelemetry::Key;
use opentelemetry_sdk::Resource;
use reqwest::Url;

use super::{families, http_client, text};
use crate::address::{Address, masked};
use crate::clock::nanoseconds;
use crate::configuration::InitError;
use crate::configuration::{EnvironmentError, ReadVariable};
use crate::export::registry::registry;
use crate::host_log::catch_panic;
use crate::recorder::GLOBAL;
use crate::resource;
use crate::schema::Id;

/// The job of programs without a service name, as in the shipped Prometheus configuration.
const UNNAMED_JOB: &str = "tta-primitives";

/// A Pushgateway group.
#[derive(Debug)]
pub(crate) struct PushTarget(Address);

impl PushTarget {
    /// Returns the target that the builder or else the environment configures.
    ///
    /// The grouping key is the service's name (`job`) and its `service.instance.id`, or else the host's name (`instance`). The resource
    /// is the configured one: an id of the process would leave a group at the gateway for each run.
    pub(crate) fn prepare(
        given: Option<&str>,
        resource: &Resource,
        read: ReadVariable<'_>,
    ) -> Result<Option<Self>, InitError> {
        const VARIABLE: &str = "TTA_PUSHGATEWAY_URL";
        const EXPECTED: &str = "the address of a Pushgateway, such as `http://127.0.0.1:9091`";
        let base = match given {
            Some(url) => parse(url).ok_or_else(|| InitError::Exporter {
                signal: "pushed metrics",
                source: format!("`{}` cannot be used; write {EXPECTED}", masked(url)).into(),
            })?,
            None => match read(VARIABLE) {
                Some(value) => {
                    let refused = || EnvironmentError { variable: VARIABLE, value: masked(&value), expected: EXPECTED };
                    parse(&value).ok_or_else(refused)?
                }
                None => return Ok(None),
            },
        };
        let of = |key| resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned());
        let job = of("service.name").filter(|name| !name.starts_with("unknown_service"));
        let instance = of("service.instance.id").or_else(resource::host_name).unwrap_or_default();
        let group = [("job", job.as_deref().unwrap_or(UNNAMED_JOB)), ("instance", instance.as_str())];
        Ok(Some(Self(Address::new(with_group(base, group)))))
    }

    /// Replaces the group's metrics, waiting at most for `deadline`.
    pub(crate) fn push(self, deadline: Duration) {
        let (done, answer) = channel();
        // On its own thread: a blocking client must not be created inside an async runtime, and a host's collector
        // that hangs must not block the shutdown.
        let push = move || {
            let _ = done.send(send(&self.0, deadline));
        };
        let start = Instant::now();
        let spawned = thread::Builder::new().name("tta-push".into()).spawn(push);
        let result = match spawned {
            Ok(_) => answer.recv_timeout(deadline).unwrap_or_else(|_| Err("the deadline came first".to_owned())),
            Err(error) => Err(error.to_string()),
        };
        GLOBAL.add(Id::TelemetryExports, &["push", if result.is_ok() { "ok" } else { "error" }], 1);
        GLOBAL.add(Id::TelemetryExportDuration, &["push"], nanoseconds(start.elapsed()));
        if let Err(error) = result {
            catch_panic(|| tracing::warn!(target: "tta::telemetry", error, "the metrics were not pushed and are lost"));
        }
    }
}

fn parse(url: &str) -> Option<Url> {
    Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Returns the URL of a group, `…/metrics/job/NAME/instance/NAME`.
fn with_group(mut base: Url, group: [(&str, &str); 2]) -> Url {
    let mut path = vec![base.path().trim_end_matches('/').to_owned(), "metrics".to_owned()];
    for (label, value) in group {
        // Always base64: it is the only form for an empty value or one with a slash.
        let encoded = BASE64_URL_SAFE_NO_PAD.encode(value);
        path.extend([format!("{label}@base64"), if encoded.is_empty() { "=".to_owned() } else { encoded }]);
    }
    base.set_path(&path.join("/"));
    base
}

fn send(address: &Address, timeout: Duration) -> Result<(), String> {
    let body = text::encode(&families::gather_for_text(&GLOBAL, registry(), super::views()));
    let without_url = |error: reqwest::Error| error.without_url().to_string();
    let client = http_client::client(address).build().map_err(without_url)?;
    let request = client.put(address.secret()).header("content-type", text::CONTENT_TYPE).body(body);
    // Covers everything from the connection to the last byte of the answer.
    let response = request.timeout(timeout).send().map_err(without_url)?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    // Reads no more than is logged: the peer may not be a Pushgateway.
    let mut body = Vec::new();
    let _ = response.take(4_096).read_to_end(&mut body);
    let reason: String = String::from_utf8_lossy(&body).chars().take(200).collect();
    Err(format!("the Pushgateway answered {status}: {reason}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use opentelemetry::KeyValue;
    use opentelemetry_sdk::Resource;

    use super::{PushTarget, parse, with_group};

    #[test]
    fn what_cannot_stand_in_a_path_is_encoded() {
        let of = |base, job| with_group(parse(base).unwrap(), [("job", job), ("instance", "")]).to_string();
        expect!["http://127.0.0.1:9091/metrics/job@base64/YS9i/instance@base64/="]
            .assert_eq(&of("http://127.0.0.1:9091", "a/b"));
        expect!["http://push.example/gate/metrics/job@base64/bmlnaHRseQ/instance@base64/="]
            .assert_eq(&of("http://push.example/gate/", "nightly"));
    }

    #[test]
    fn an_address_that_is_none_is_refused_with_an_example() {
        let resource = Resource::builder_empty().with_attribute(KeyValue::new("service.name", "nightly")).build();
        let error = PushTarget::prepare(None, &resource, &|_| Some("127.0.0.1:9091".to_owned())).unwrap_err();
        expect!["TTA_PUSHGATEWAY_URL=`127.0.0.1:9091` cannot be used; write the address of a Pushgateway, such as `http://127.0.0.1:9091`"]
            .assert_eq(&error.to_string());
        assert!(PushTarget::prepare(None, &resource, &|_| None).unwrap().is_none());
    }
}
