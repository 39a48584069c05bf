//! Spans exported by the library itself, beside a host that exports its own through `tracing-opentelemetry`.

mod neighbours;

use world::Host;

/// The exporter of calls.
const CALLS: &str = "tta";

fn host() -> &'static Host {
    world::host(|builder| builder)
}
