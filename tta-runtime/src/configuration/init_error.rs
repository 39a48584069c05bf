//! The error of starting the telemetry.

use std::net::SocketAddr;

use crate::configuration::EnvironmentError;
use crate::model::PricesError;

/// The reason that the telemetry did not start; nothing is running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A variable of the environment is invalid.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The address for `/metrics` cannot be bound.
    #[error(
        "cannot serve metrics on {address}: is another process there? choose another with `TTA_METRICS_ADDR` or \
         `Builder::metrics_addr`"
    )]
    MetricsAddress {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// An allowed host or the token for `/metrics` is invalid.
    #[error("cannot serve metrics")]
    MetricsAccess(#[source] std::io::Error),
    /// A file with a certificate or a private key cannot be used.
    #[cfg(any(feature = "exporter-tls", feature = "otlp"))]
    #[error(transparent)]
    PemFile(#[from] crate::configuration::PemFileError),
    /// An exporter cannot be created.
    #[error("cannot create the exporter for {signal}")]
    Exporter {
        /// `traces` or `metrics`.
        signal: &'static str,
        /// The exporter's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The price file that `TTA_PRICES_FILE` or `Builder::prices_file` names is rejected.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// The operating system refuses to start a thread.
    #[error("cannot start a thread for export")]
    Thread(#[source] std::io::Error),
}
