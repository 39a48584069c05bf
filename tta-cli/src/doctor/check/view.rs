//! Metrics under names that the checks do not know.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let other = program.other_view.map(|view| {
        let fault = format!("it exposes the view `{}` alone, so that its metrics were not examined", view.as_str());
        Finding::of(program, fault, format!("start it with `TTA_METRICS_VIEW=tta,{}`", view.as_str()))
    });
    other.into_iter().collect()
}
