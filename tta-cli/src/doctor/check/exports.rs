//! Exports that fail.

use crate::doctor::finding::{Finding, time};
use crate::doctor::program::Program;

pub(super) fn check(program: &Program) -> Vec<Finding> {
    match &program.status {
        Some(status) => {
            let failing = status.failing_exports.iter().map(|export| {
                let fault = format!(
                    "the export of {} has failed for {}: {}",
                    export.signal,
                    time(export.for_seconds),
                    export.error
                );
                Finding::of(program, fault, remedy(&export.signal))
            });
            failing.collect()
        }
        None => {
            let failed = program.above("tta_telemetry_exports_total", 0.0).filter(|one| one.label("result") == "error");
            let failed = failed.map(|sample| {
                let signal = sample.label("signal");
                Finding::of(program, format!("{} exports of {signal} have failed", sample.value), remedy(signal))
            });
            failed.collect()
        }
    }
}

fn remedy(signal: &str) -> String {
    match signal {
        "traces" | "metrics" | "logs" => format!(
            "check that the collector at `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_{}_ENDPOINT`) runs and accepts them",
            signal.to_uppercase()
        ),
        _ => "check that its receiver runs and accepts them".to_owned(),
    }
}
