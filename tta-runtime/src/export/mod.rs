//! Ways out for what was recorded; all of them read snapshots.

pub(crate) mod families;
#[cfg(feature = "exporter")]
pub(crate) mod http;
mod number;
#[cfg(feature = "exporter")]
pub(crate) mod openmetrics;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
pub(crate) mod text;
