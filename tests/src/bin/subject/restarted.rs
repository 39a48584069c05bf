//! Starts twice with different settings: each start decides anew.

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tta_runtime::{View, primitive};

/// Prints the message of each span's error.
#[derive(Debug)]
struct Printing;

impl SpanExporter for Printing {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        for attribute in batch.iter().flat_map(|span| &span.attributes) {
            if attribute.key.as_str() == "error.message" {
                println!("{}: {}", attribute.key, attribute.value);
            }
        }
        Ok(())
    }
}

#[primitive(type = "tool", action = "call")]
fn fail() -> Result<(), String> {
    Err("the password is 1234".to_owned())
}

pub(super) fn run() {
    let registry = prometheus::Registry::new();
    let builder = || {
        let builder = tta_runtime::builder().without_metrics_server().registry(registry.clone());
        builder.span_exporter(Printing)
    };
    let starts = [builder().redact(|text| text.replace("1234", "****")).metrics_views([View::Otel]), builder()];
    for (start, builder) in (1..).zip(starts) {
        let telemetry = builder.init().expect("the telemetry starts");
        println!("start {start}");
        let _ = fail();
        assert_eq!(telemetry.shutdown(super::PATIENCE).abandoned_spans, 0);
        let text = tta_runtime::metrics_text();
        println!("own view: {}", text.contains("\ntta_primitive_executions_total{"));
        let is_taken = |line: &&str| line.starts_with("tta_telemetry_detached_total") && !line.ends_with(" 0");
        println!(
            "registered: {}, names taken: {}",
            registry.gather().len() > 10,
            text.lines().filter(is_taken).count()
        );
    }
}
