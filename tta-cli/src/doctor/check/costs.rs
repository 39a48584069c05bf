//! Models whose calls have no price.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let unpriced = program.above("tta_llm_unpriced_total", 0.0).map(|sample| {
        let (provider, model) = (sample.label("provider"), sample.label("model"));
        let fault =
            format!("{} calls to `{model}` of `{provider}` have no price, and their cost is not counted", sample.value);
        Finding::of(program, fault, "add the model to a price file and name it in `TTA_PRICES_FILE` (docs/cost.md)")
    });
    unpriced.collect()
}
