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
