//! Calls recorded on the spans of a host, which exports them through `tracing-opentelemetry`.

mod neighbours;

use world::Host;

/// The exporter of calls.
const CALLS: &str = "host";

fn host() -> &'static Host {
    world::host(tta_runtime::Builder::spans_to_tracing_opentelemetry)
}
