//! The edges of the service map.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second, along each edge.
pub static RATE: Recording = Recording {
    name: "connection:tta_connections:rate5m",
    title: "Service map",
    description: "Calls from one primitive to another, per second and kind of connection.",
    unit: Unit::PerSecond,
    query: "sum by (job, source, target, connection_type) (rate(tta_connections_total[5m]))",
};

/// The rule group.
pub static GROUP: RecordingGroup = RecordingGroup {
    name: "tta-edges",
    description: "The edges of the service map.",
    interval: "30s",
    rules: &[&RATE],
};
