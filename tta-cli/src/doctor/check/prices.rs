//! Prices that are old.

use crate::doctor::finding::{Finding, time};
use crate::doctor::program::Program;

/// The age from which prices are old: that of the alert `TtaPricesOld`.
const OLD_SECONDS: f64 = 30.0 * 86_400.0;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    let old = program.above("tta_llm_prices_age_seconds", OLD_SECONDS).map(|sample| {
        let (source, remedy) = match sample.label("source") {
            "url" => ("`TTA_PRICES_URL`", "check that the address answers: the reason is in the program's log"),
            _ => ("`TTA_PRICES_FILE`", "replace the file and call `Telemetry::reload_prices`"),
        };
        Finding::of(program, format!("the prices of {source} are {} old", time(sample.value)), remedy)
    });
    old.collect()
}
