//! Ways out for what was recorded; all of them read snapshots.

pub(crate) mod families;
#[cfg(feature = "exporter")]
pub(crate) mod http;
mod number;
#[cfg(feature = "exporter")]
pub(crate) mod openmetrics;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
#[cfg(feature = "push")]
pub(crate) mod push;
pub(crate) mod text;

use crate::recorder::GLOBAL;
use crate::registry::registry;

/// Returns all metrics in Prometheus' text format, version 0.0.4: what `/metrics` serves.
///
/// ```
/// assert!(tta_runtime::metrics_text().contains("# TYPE tta_primitive_executions_total counter"));
/// # use tta_runtime::primitive;
/// # #[primitive(type = "tool", action = "call")]
/// # fn linked() {}
/// # linked();
/// ```
#[must_use]
pub fn metrics_text() -> String {
    text::encode(&families::gather(&GLOBAL, registry()))
}
