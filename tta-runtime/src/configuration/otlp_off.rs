//! The endpoints of collectors, in a program that is built without OTLP.

use super::ReadVariable;
use crate::host_log::catch_panic;

/// The variables of each signal: the exporter, the endpoints that choose OTLP without it.
const SIGNALS: [(&str, &[&str]); 3] = [
    ("OTEL_TRACES_EXPORTER", &["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]),
    ("OTEL_METRICS_EXPORTER", &["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]),
    ("OTEL_LOGS_EXPORTER", &["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"]),
];

/// Warns of endpoints to which this program would export if it could.
///
/// It is no error: who sets an endpoint for all programs of a machine does not mean that those without the feature must not start.
pub(crate) fn warn_of_unused_endpoints(read: ReadVariable<'_>) {
    for variable in unused(read) {
        catch_panic(|| {
            tracing::warn!(
                target: "tta::telemetry",
                variable,
                "nothing is exported to this endpoint: enable the feature `otlp` of the crate `tta-runtime`"
            );
        });
    }
}

/// Returns the endpoints that would be used, each once. A signal with a named exporter, or with `none`, uses none.
fn unused(read: ReadVariable<'_>) -> Vec<&'static str> {
    let mut unused = Vec::new();
    for (exporter, endpoints) in SIGNALS {
        let endpoint = endpoints.iter().find(|endpoint| read(endpoint).is_some());
        if let Some(endpoint) = endpoint.filter(|endpoint| read(exporter).is_none() && !unused.contains(*endpoint)) {
            unused.push(*endpoint);
        }
    }
    unused
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::warn_of_unused_endpoints;

    /// Lines that a subscriber has written.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Runs work, and returns its result with all that it logs.
    pub(crate) fn logged<T>(work: impl FnOnce() -> T) -> (T, String) {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).without_time().with_ansi(false);
        let result = tracing::subscriber::with_default(subscriber.finish(), work);
        let text = lines.0.lock().unwrap().clone();
        (result, String::from_utf8(text).unwrap())
    }

    /// Returns what is logged where these variables are set.
    fn warnings(variables: &[(&str, &str)]) -> String {
        let read =
            |asked: &str| variables.iter().find(|(name, _)| *name == asked).map(|(_, value)| (*value).to_owned());
        logged(|| warn_of_unused_endpoints(&read)).1
    }

    const COMMON: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

    #[test]
    fn one_warning_for_each_endpoint_names_the_feature() {
        let of = |variable: &str| {
            format!(
                " WARN tta::telemetry: nothing is exported to this endpoint: enable the feature `otlp` of the crate \
                 `tta-runtime` variable=\"{variable}\"\n"
            )
        };
        assert_eq!(warnings(&[]), "");
        assert_eq!(warnings(&[COMMON]), of("OTEL_EXPORTER_OTLP_ENDPOINT"));
        let logs = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
        assert_eq!(warnings(&[COMMON, (logs, "http://l")]), of("OTEL_EXPORTER_OTLP_ENDPOINT") + &of(logs));
        let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        assert_eq!(warnings(&[(traces, "http://t")]), of(traces));
    }

    #[test]
    fn who_names_other_exporters_means_no_collector() {
        const TRACES: (&str, &str) = ("OTEL_TRACES_EXPORTER", "console");
        const METRICS: (&str, &str) = ("OTEL_METRICS_EXPORTER", "none");
        assert_eq!(warnings(&[COMMON, TRACES, METRICS]), "");
        assert_ne!(warnings(&[COMMON, TRACES]), "");
    }
}
