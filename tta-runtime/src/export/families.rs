//! All metrics that an exporter writes: the library's own, then the host's.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::quality::RandomState;

use super::{host_metrics, prometheus_name};
use crate::recorder::Recorder;
use crate::snapshot::view::View;
use crate::snapshot::{Rows, Snapshot};

/// Reads the recorder's metrics under the names of the views, then the metrics that the host registered. Of two families
/// with the same name, the first wins. Ratios are left out: a collector cannot add up those of several processes.
#[cfg(feature = "otlp")]
pub(crate) fn gather(recorder: &'static Recorder, registry: &prometheus::Registry, views: &[View]) -> Vec<Arc<Rows>> {
    let own = Snapshot::take(recorder).under_without_ratios(views);
    named_once(with_host(own, registry))
}

/// Reads the same families under names that are valid in Prometheus' formats.
pub(crate) fn gather_for_text(
    recorder: &'static Recorder,
    registry: &prometheus::Registry,
    views: &[View],
) -> Vec<Arc<Rows>> {
    let own = Snapshot::take(recorder).under(views);
    named_once(with_host(own, registry).into_iter().map(prometheus_name::translate).collect())
}

fn named_once(mut families: Vec<Arc<Rows>>) -> Vec<Arc<Rows>> {
    let mut names = HashSet::with_capacity_and_hasher(families.len(), RandomState::default());
    families.retain(|rows| names.insert(rows.name.clone()));
    families
}

fn with_host(own: Vec<Arc<Rows>>, registry: &prometheus::Registry) -> Vec<Arc<Rows>> {
    own.into_iter()
        .chain(host_metrics::read(registry).into_iter().map(Arc::new))
        .filter(|rows| !rows.series.is_empty())
        .collect()
}
