//! Fallbacks.

use crate::rule::{Recording, RecordingGroup, Unit};

/// The share of calls that needed a fallback.
pub static RATIO: Recording = Recording {
    name: "fallback:tta_fallback_used:ratio_rate5m",
    title: "Fallbacks",
    description: "Share of the calls whose output did not come from the first choice.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (rate(tta_fallback_total{used!="primary"}[5m]))
        / (sum by (job, primitive_name) (rate(tta_fallback_total[5m])) > 0)"#,
};

/// The group of them.
pub static GROUP: RecordingGroup =
    RecordingGroup { name: "tta-fallback", description: "Fallbacks.", interval: "30s", rules: &[&RATIO] };
