//! Log records that were lost.

use super::spans::remedy;
use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let dropped = program.above("tta_telemetry_log_records_dropped_total", 0.0);
    let findings = dropped.map(|sample| {
        let reason = sample.label("reason");
        Finding::of(program, format!("{} log records are lost (`{reason}`)", sample.value), remedy(reason))
    });
    findings.collect()
}
