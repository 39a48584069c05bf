//! Ways out for what was recorded; all of them read snapshots.

mod exposed;
pub(crate) mod families;
#[cfg(feature = "exporter")]
pub(crate) mod http;
mod number;
#[cfg(feature = "exporter")]
pub(crate) mod openmetrics;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod prometheus_name;
#[cfg(feature = "push")]
pub(crate) mod push;
pub(crate) mod text;

use std::sync::OnceLock;

pub use exposed::Exposed;

use crate::recorder::GLOBAL;
use crate::registry::registry;
use crate::view::View;

static VIEWS: OnceLock<Vec<View>> = OnceLock::new();

/// Sets the views that Prometheus' formats show; whoever comes first.
pub(crate) fn show(views: Vec<View>) {
    let _ = VIEWS.set(views);
}

/// Returns the views that Prometheus' formats show.
pub(crate) fn views() -> &'static [View] {
    VIEWS.get().map_or(&[View::Tta], Vec::as_slice)
}

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
    text::encode(&families::gather_for_text(&GLOBAL, registry(), views()))
}
