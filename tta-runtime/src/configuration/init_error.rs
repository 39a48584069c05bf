//! Why nothing was started.

use std::net::SocketAddr;

use crate::configuration::EnvironmentError;
use crate::model::PricesError;

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A variable of the environment cannot be used.
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
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A host or a token that `/metrics` is to ask for cannot be used.
    #[error("cannot serve metrics")]
    MetricsAccess(#[source] std::io::Error),
    /// An exporter cannot be made.
    #[error("cannot make the exporter for {signal}")]
    Exporter {
        /// `traces` or `metrics`.
        signal: &'static str,
        /// What the exporter says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file of prices that `TTA_PRICES_FILE` or `Builder::prices_file` names cannot be used.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// The operating system refuses a thread.
    #[error("cannot start a thread for export")]
    Thread(#[source] std::io::Error),
}
