//! The variables of each signal that a collector takes.

use crate::configuration::{
    EnvironmentError, Exporters, ReadVariable, logs_exporters, metrics_exporters, traces_exporters,
};

/// The variables of a signal, and the path of its endpoint.
pub(super) struct SignalVariables {
    pub(super) exporters: fn(ReadVariable<'_>) -> Result<Option<Exporters>, EnvironmentError>,
    pub(super) endpoint: &'static str,
    pub(super) timeout: &'static str,
    pub(super) headers: &'static str,
    pub(super) compression: &'static str,
    pub(super) protocol: &'static str,
    pub(super) certificate: &'static str,
    pub(super) client_certificate: &'static str,
    pub(super) client_key: &'static str,
    pub(super) path: &'static str,
}

pub(super) const TRACES: SignalVariables = SignalVariables {
    exporters: traces_exporters,
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    headers: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    compression: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    certificate: "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    client_certificate: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    client_key: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    path: "/v1/traces",
};

pub(super) const METRICS: SignalVariables = SignalVariables {
    exporters: metrics_exporters,
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    headers: "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    compression: "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    certificate: "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    client_certificate: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    client_key: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    path: "/v1/metrics",
};

pub(super) const LOGS: SignalVariables = SignalVariables {
    exporters: logs_exporters,
    endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    timeout: "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    headers: "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    compression: "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    certificate: "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    client_certificate: "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    client_key: "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
    path: "/v1/logs",
};
