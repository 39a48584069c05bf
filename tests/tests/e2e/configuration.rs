//! Each variable of docs/configuration.md: the page names all that the library reads, and the values that it says are refused are.

use std::collections::BTreeSet;
use std::path::Path;

use crate::child::{run, subject};

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// Returns the variables of the page, each with a value that is refused, if there is one.
fn rows() -> Vec<(&'static str, Option<&'static str>)> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [variable, _, _, refused] = cells[..] else { panic!("four cells: {line}") };
        (variable.trim_matches('`'), Some(refused.trim_matches('`')).filter(|value| !value.is_empty()))
    });
    rows.collect()
}

#[test]
fn the_values_that_the_page_calls_refused_are_refused() {
    for (variable, value) in rows() {
        let Some(value) = value else { continue };
        let mut subject = subject("refused");
        if variable != "OTEL_EXPORTER_OTLP_ENDPOINT" {
            subject.env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9");
        }
        if variable.contains("_LOGS_") {
            subject.env("OTEL_LOGS_EXPORTER", "otlp");
        }
        // Variables that refine others are read with them.
        let with = match variable {
            _ if variable.ends_with("CLIENT_CERTIFICATE") => {
                Some((variable.replace("CERTIFICATE", "KEY"), "/nowhere/tls.key"))
            }
            _ if variable.ends_with("CLIENT_KEY") => Some((variable.replace("KEY", "CERTIFICATE"), "/nowhere/tls.crt")),
            "TTA_METRICS_TLS_CERT" => Some(("TTA_METRICS_TLS_KEY".to_owned(), "/nowhere/tls.key")),
            "TTA_METRICS_TLS_KEY" => Some(("TTA_METRICS_TLS_CERT".to_owned(), "/nowhere/tls.crt")),
            "OTEL_TRACES_SAMPLER_ARG" => Some(("OTEL_TRACES_SAMPLER".to_owned(), "traceidratio")),
            "TTA_PRICES_INTERVAL_SECONDS" => Some(("TTA_PRICES_URL".to_owned(), "http://127.0.0.1:9")),
            _ => None,
        };
        subject.envs(with).env(variable, value);
        let said = run(&mut subject).stdout;
        assert!(said.starts_with("error: "), "{variable}={value}\n{said}");
        let error = said.lines().take_while(|line| !line.starts_with("threads: ")).collect::<String>();
        let of_pair = error.contains("/nowhere/tls.");
        assert!(error.contains(variable) || error.contains(value) || of_pair, "{variable}={value}\n{said}");
    }
}

#[test]
fn the_page_has_every_variable_that_the_library_reads() {
    let mut read = BTreeSet::new();
    variables(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tta-runtime/src")), &mut read);
    assert!(read.len() > 40, "{read:?}");
    let named: BTreeSet<String> = rows().into_iter().map(|(variable, _)| variable.to_owned()).collect();
    assert_eq!(read.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The variables of OpenTelemetry's specification, of all languages: `configuration/sdk-environment-variables.md` (commit 00b192e71b6b),
/// `protocol/exporter.md` and `metrics/sdk_exporters/otlp.md`. Those of each signal follow from `OF_EACH_SIGNAL`.
const SPECIFIED: &[&str] = &[
    "OTEL_SDK_DISABLED",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SERVICE_NAME",
    "OTEL_LOG_LEVEL",
    "OTEL_PROPAGATORS",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_BSP_EXPORT_TIMEOUT",
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_BLRP_SCHEDULE_DELAY",
    "OTEL_BLRP_EXPORT_TIMEOUT",
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
    "OTEL_EXPORTER_ZIPKIN_TIMEOUT",
    "OTEL_EXPORTER_ZIPKIN_PROTOCOL",
    "OTEL_EXPORTER_PROMETHEUS_HOST",
    "OTEL_EXPORTER_PROMETHEUS_PORT",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_LOGS_EXPORTER",
    "OTEL_METRICS_EXEMPLAR_FILTER",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_METRIC_EXPORT_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    "OTEL_CONFIG_FILE",
    "OTEL_EXPERIMENTAL_CONFIG_FILE",
];

/// What follows `OTEL_EXPORTER_OTLP_`, and also `OTEL_EXPORTER_OTLP_TRACES_` and those of the other signals.
const OF_EACH_SIGNAL: &[&str] = &[
    "ENDPOINT",
    "INSECURE",
    "CERTIFICATE",
    "CLIENT_KEY",
    "CLIENT_CERTIFICATE",
    "HEADERS",
    "COMPRESSION",
    "TIMEOUT",
    "PROTOCOL",
];

#[test]
fn the_page_has_every_variable_of_the_specification() {
    let of_signals = ["", "TRACES_", "METRICS_", "LOGS_"]
        .iter()
        .flat_map(|signal| OF_EACH_SIGNAL.iter().map(move |setting| format!("OTEL_EXPORTER_OTLP_{signal}{setting}")));
    let specified = SPECIFIED.iter().map(|variable| (*variable).to_owned()).chain(of_signals);
    // Once as a row, or else once among those that are not read.
    let wrong =
        specified.filter(|variable| PAGE.matches(&format!("\n| `{variable}` |")).count() + unread(variable) != 1);
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Returns how often a variable is in the list of those that are not read.
fn unread(variable: &str) -> usize {
    let (_, list) = PAGE.split_once("none is read:").expect("the page has the list");
    let (list, _) = list.split_once("\n\n`TTA_").expect("the list has an end");
    list.matches(&format!("`{variable}`")).count()
}

/// Collects the names of variables in the sources of a directory.
fn variables(directory: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("it is there") {
        let path = entry.expect("it is read").path();
        if path.is_dir() {
            variables(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("it is text");
            let quoted = text.split('"').filter(|part| part.starts_with("OTEL_") || part.starts_with("TTA_"));
            let is_name = |part: &&str| {
                !part.ends_with('_') && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            into.extend(quoted.filter(is_name).map(str::to_owned));
        }
    }
}
