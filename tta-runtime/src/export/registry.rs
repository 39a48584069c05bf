//! The `prometheus::Registry` that holds all metrics.

use std::sync::OnceLock;

use super::collector;
use crate::recorder::GLOBAL;

/// Returns the registry that holds the metrics of all annotated functions.
///
/// A program may register its own metrics there, and serve or gather all of them with any tool that takes the type.
/// One gathering reads every call site once.
///
/// ```
/// let requests = prometheus::IntCounter::new("requests_total", "Requests received.").unwrap();
/// tta_runtime::registry().register(Box::new(requests.clone())).unwrap();
/// requests.inc();
/// assert!(tta_runtime::registry().gather().iter().any(|family| family.name() == "requests_total"));
/// assert!(tta_runtime::registry().gather().iter().any(|family| family.name() == "tta_build_info"));
/// ```
#[must_use]
pub fn registry() -> &'static prometheus::Registry {
    static REGISTRY: OnceLock<prometheus::Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let registry = prometheus::Registry::new();
        // The registry is new, so every name is free.
        collector::register(&GLOBAL, &registry);
        registry
    })
}
