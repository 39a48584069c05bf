//! The variables that choose exporters: OpenTelemetry's `OTEL_…_EXPORTER`.

use super::{EnvironmentError, ReadVariable};

/// The exporters of a signal that the environment names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exporters {
    pub(crate) otlp: bool,
    pub(crate) console: bool,
    pub(crate) prometheus: bool,
}

/// A variable, and the exporters that it may name in this build.
struct ExporterVariable {
    name: &'static str,
    known: &'static [&'static str],
    expected: &'static str,
}

const TRACES: ExporterVariable = ExporterVariable {
    name: "OTEL_TRACES_EXPORTER",
    known: if cfg!(feature = "otlp") { &["otlp", "console"] } else { &["console"] },
    expected: "`otlp` (feature `otlp`), `console` or `none`",
};

const METRICS: ExporterVariable = ExporterVariable {
    name: "OTEL_METRICS_EXPORTER",
    known: match (cfg!(feature = "otlp"), cfg!(feature = "exporter")) {
        (true, true) => &["otlp", "prometheus"],
        (true, false) => &["otlp"],
        (false, true) => &["prometheus"],
        (false, false) => &[],
    },
    expected: "`otlp` (feature `otlp`), `prometheus` (feature `exporter`) or `none`",
};

const LOGS: ExporterVariable = ExporterVariable {
    name: "OTEL_LOGS_EXPORTER",
    known: if cfg!(feature = "otlp") { &["otlp"] } else { &[] },
    expected: "`otlp` (feature `otlp`) or `none`",
};

/// Returns the exporters of traces, `None` if the variable is not set.
pub(crate) fn traces_exporters(read: ReadVariable<'_>) -> Result<Option<Exporters>, EnvironmentError> {
    TRACES.read(read)
}

/// Returns the exporters of metrics, `None` if the variable is not set.
#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) fn metrics_exporters(read: ReadVariable<'_>) -> Result<Option<Exporters>, EnvironmentError> {
    METRICS.read(read)
}

/// Returns the exporters of logs, `None` if the variable is not set.
#[cfg(feature = "otlp")]
pub(crate) fn logs_exporters(read: ReadVariable<'_>) -> Result<Option<Exporters>, EnvironmentError> {
    LOGS.read(read)
}

/// Refuses exporters that this build has not, whether or not the features that ask for them are enabled.
pub(crate) fn check_exporters(read: ReadVariable<'_>) -> Result<(), EnvironmentError> {
    [TRACES, METRICS, LOGS].iter().try_for_each(|variable| variable.read(read).map(drop))
}

impl ExporterVariable {
    fn read(&self, read: ReadVariable<'_>) -> Result<Option<Exporters>, EnvironmentError> {
        let Some(value) = read(self.name) else { return Ok(None) };
        let mut exporters = Exporters::default();
        for exporter in value.split(',').map(str::trim).filter(|exporter| !exporter.is_empty()) {
            let is_known = exporter == "none" || self.known.contains(&exporter);
            if !is_known {
                return Err(EnvironmentError { variable: self.name, value, expected: self.expected });
            }
            exporters.otlp |= exporter == "otlp";
            exporters.console |= exporter == "console";
            exporters.prometheus |= exporter == "prometheus";
        }
        Ok(Some(exporters))
    }
}

#[cfg(test)]
mod tests {
    use super::{Exporters, METRICS, check_exporters, traces_exporters};

    fn with(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn lists_are_read_and_unknown_exporters_refused() {
        let console = Exporters { console: true, ..Exporters::default() };
        assert_eq!(traces_exporters(&with(&[])), Ok(None));
        assert_eq!(traces_exporters(&with(&[("OTEL_TRACES_EXPORTER", "none")])), Ok(Some(Exporters::default())));
        assert_eq!(traces_exporters(&with(&[("OTEL_TRACES_EXPORTER", " console, none")])), Ok(Some(console)));
        let prometheus = METRICS.read(&with(&[("OTEL_METRICS_EXPORTER", "prometheus")]));
        assert_eq!(
            prometheus.is_ok_and(|named| named.is_some_and(|named| named.prometheus)),
            cfg!(feature = "exporter")
        );
        let refused = check_exporters(&with(&[("OTEL_METRICS_EXPORTER", "none,console")])).unwrap_err();
        assert_eq!((refused.variable, refused.value.as_str()), ("OTEL_METRICS_EXPORTER", "none,console"));
        let refused = traces_exporters(&with(&[("OTEL_TRACES_EXPORTER", "zipkin")])).unwrap_err();
        assert!(refused.to_string().starts_with("OTEL_TRACES_EXPORTER=`zipkin` cannot be used; write `"), "{refused}");
    }

    #[test]
    fn logs_have_no_console() {
        assert_eq!(check_exporters(&with(&[("OTEL_LOGS_EXPORTER", "none")])), Ok(()));
        assert_eq!(check_exporters(&with(&[("OTEL_LOGS_EXPORTER", "otlp")])).is_ok(), cfg!(feature = "otlp"));
        let refused = check_exporters(&with(&[("OTEL_LOGS_EXPORTER", "console")])).unwrap_err();
        let expected = "OTEL_LOGS_EXPORTER=`console` cannot be used; write `otlp` (feature `otlp`) or `none`";
        assert_eq!(refused.to_string(), expected);
    }
}
