//! The encoding of requests to a collector: the protocol and the compression that the environment asks for.

use std::io::Write as _;

use flate2::Compression as Level;
use flate2::write::GzEncoder;

use super::signal_variables::SignalVariables;
use crate::configuration::{EnvironmentError, ReadVariable};

const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const COMPRESSION: &str = "OTEL_EXPORTER_OTLP_COMPRESSION";

/// The compression of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
}

impl Compression {
    /// Returns the compression of a signal; OpenTelemetry's default is none.
    pub(super) fn configured(signal: &SignalVariables, read: ReadVariable<'_>) -> Result<Self, EnvironmentError> {
        match own_or_common(signal.compression, COMPRESSION, read) {
            None => Ok(Self::None),
            Some((variable, value)) => match value.trim() {
                "" | "none" => Ok(Self::None),
                "gzip" => Ok(Self::Gzip),
                _ => Err(EnvironmentError { variable, value, expected: "`gzip` or `none`" }),
            },
        }
    }

    /// Returns the value of `content-encoding`, `None` if there is no such header.
    pub(super) fn content_encoding(self) -> Option<&'static str> {
        (self == Self::Gzip).then_some("gzip")
    }

    /// Compresses a body.
    pub(super) fn apply(self, body: Vec<u8>) -> Vec<u8> {
        if self == Self::None {
            return body;
        }
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Level::fast());
        // Writing to memory does not fail; if it did, the collector would refuse what is left, and that is counted.
        let _ = encoder.write_all(&body);
        encoder.finish().unwrap_or_default()
    }
}

/// Refuses a protocol that is not built in: to ignore it would send to a port that expects another one.
pub(super) fn check_protocol(signal: &SignalVariables, read: ReadVariable<'_>) -> Result<(), EnvironmentError> {
    match own_or_common(signal.protocol, PROTOCOL, read) {
        Some((variable, value)) if !matches!(value.trim(), "" | "http/protobuf") => Err(EnvironmentError {
            variable,
            value,
            expected: "`http/protobuf`, the protocol that is built in, and the endpoint of the collector's HTTP receiver",
        }),
        _ => Ok(()),
    }
}

/// Returns the variable of the signal if it is set, otherwise the one of all signals, with its value.
fn own_or_common(own: &'static str, common: &'static str, read: ReadVariable<'_>) -> Option<(&'static str, String)> {
    [own, common].into_iter().find_map(|variable| Some((variable, read(variable)?)))
}

#[cfg(test)]
mod tests {
    use super::{Compression, check_protocol};
    use crate::export::otlp::signal_variables::{METRICS, TRACES};

    fn with(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name: &str| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_signal_has_its_own_compression() {
        let read =
            with(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none")]);
        assert_eq!(Compression::configured(&TRACES, &read), Ok(Compression::Gzip));
        assert_eq!(Compression::configured(&METRICS, &read), Ok(Compression::None));
        assert_eq!(Compression::configured(&METRICS, &with(&[])), Ok(Compression::None));
        let error = Compression::configured(&TRACES, &with(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")])).unwrap_err();
        assert_eq!(error.to_string(), "OTEL_EXPORTER_OTLP_COMPRESSION=`zstd` cannot be used; write `gzip` or `none`");
    }

    #[test]
    fn a_protocol_that_is_not_built_in_is_refused() {
        assert_eq!(check_protocol(&TRACES, &with(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")])), Ok(()));
        let error = check_protocol(&TRACES, &with(&[("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=`grpc` cannot be used; write `http/protobuf`, the protocol that is built \
             in, and the endpoint of the collector's HTTP receiver"
        );
    }
}
