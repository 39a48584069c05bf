//! Fallbacks.

use crate::rule::row::{Recording, RecordingGroup, Unit};

/// Calls per second, by the alternative that produced the output.
pub static RATE: Recording = Recording {
    name: "fallback_used:tta_fallback:rate5m",
    title: "Calls with fallbacks",
    description: "Calls with fallbacks per second, by what gave the output: primary, the fallback's name, or none.",
    unit: Unit::PerSecond,
    query: "sum by (job, primitive_name, used) (rate(tta_fallback_total[5m]))",
};

/// The share of calls that needed a fallback.
pub static RATIO: Recording = Recording {
    name: "fallback:tta_fallback_used:ratio_rate5m",
    title: "Fallbacks",
    description: "Share of the calls whose output did not come from the first choice.",
    unit: Unit::Ratio,
    query: r#"sum by (job, primitive_name) (fallback_used:tta_fallback:rate5m{used!="primary"})
        / (sum by (job, primitive_name) (fallback_used:tta_fallback:rate5m) > 0)"#,
};

/// The rule group.
pub static GROUP: RecordingGroup =
    RecordingGroup { name: "tta-fallback", description: "Fallbacks.", interval: "30s", rules: &[&RATE, &RATIO] };
