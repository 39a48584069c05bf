//! Parts that were left out when the program started.

use crate::doctor::finding::Finding;
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let left_out = program.above("tta_telemetry_detached_total", 0.0).map(|sample| match sample.label("what") {
        "init" => Finding::of(
            program,
            format!("`init` was called again after the start ({} times), which changes nothing", sample.value),
            "call `init` once, at the beginning of `main`",
        ),
        "metrics_addr" => Finding::of(
            program,
            "it serves no metrics at its own address, which another process had taken".to_owned(),
            "give each process its own address with `TTA_METRICS_ADDR`",
        ),
        name => Finding::of(
            program,
            format!("`{name}` is left out of the program's registry, where the name was taken"),
            "rename the program's own metric",
        ),
    });
    left_out.collect()
}
