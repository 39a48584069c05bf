//! Exporters; all of them read snapshots.

mod collector;
mod exposed_metric;
pub(crate) mod families;
mod host_metrics;
#[cfg(feature = "exporter")]
pub(crate) mod http;
#[cfg(any(feature = "otlp", feature = "push"))]
mod http_client;
#[cfg(feature = "exporter")]
pub(crate) mod metric_family;
mod number;
#[cfg(feature = "exporter")]
pub(crate) mod openmetrics;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod page;
#[cfg(feature = "exporter")]
#[cfg_attr(not(target_os = "linux"), path = "no_process.rs")]
mod process;
mod prometheus_name;
#[cfg(any(feature = "exporter", feature = "otlp"))]
#[cfg_attr(
    not(all(feature = "exporter", feature = "otlp")),
    expect(dead_code, reason = "each of the two formats needs a part of it")
)]
mod protobuf;
#[cfg(feature = "push")]
pub(crate) mod push;
mod registry;
mod sent_metric;
pub(crate) mod text;

pub(crate) use self::collector::{register, unregister_all};
pub use self::exposed_metric::ExposedMetric;
#[cfg(feature = "exporter")]
pub use self::http::{MetricsService, metrics_service};
pub use self::registry::registry;
pub use self::sent_metric::{InstrumentKind, SentMetric};

use crate::recorder::GLOBAL;
use crate::setting::Setting;
use crate::snapshot::view::View;

static VIEWS: Setting<Vec<View>> = Setting::new();

/// Sets the views of Prometheus' formats, `None` to the default.
pub(crate) fn show(views: Option<Vec<View>>) {
    VIEWS.set(views);
}

/// Returns the views of Prometheus' formats.
pub(crate) fn views() -> &'static [View] {
    VIEWS.get().map_or(&[View::Tta], Vec::as_slice)
}

/// Returns all metrics in Prometheus' text format, version 0.0.4, as `/metrics` serves them, except those of the process
/// (`process_…`).
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
