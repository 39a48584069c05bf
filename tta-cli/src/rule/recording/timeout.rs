//! Time limits.

use crate::rule::{Recording, RecordingGroup, Unit};

/// The share of calls that were cut off.
pub static RATIO: Recording = Recording {
    name: "timeout:tta_timeout_timed_out:ratio_rate5m",
    title: "Timed out",
    description: "Share of the calls under each time limit that it ended, those that ended within the grace not among them.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (rate(tta_timeout_total{result="timed_out"}[5m]))
        / (sum by (job, primitive_name) (rate(tta_timeout_total[5m])) > 0)"#,
};

/// The group of them.
pub static GROUP: RecordingGroup =
    RecordingGroup { name: "tta-timeout", description: "Time limits.", interval: "30s", rules: &[&RATIO] };
