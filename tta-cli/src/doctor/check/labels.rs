//! Labels with more values than they may have.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let sets = program.above("tta_telemetry_capped_total", 0.0).map(|sample| {
        let metric = sample.label("metric");
        let fault = format!(
            "{} records of `{metric}` went to its overflow series, for it has all label sets that it may",
            sample.value
        );
        Finding::of(program, fault, "take values without bound out of its labels, or raise `Builder::label_sets`")
    });
    let values = program.above("tta_telemetry_label_values_capped_total", 0.0).map(|sample| {
        let label = sample.label("label");
        let fault =
            format!("{} records have the value `other` for the label `{label}`, which has its 50 values", sample.value);
        Finding::of(program, fault, "give the label a closed set of values: `#[derive(LabelValue)]` on an enum")
    });
    sets.chain(values).collect()
}
