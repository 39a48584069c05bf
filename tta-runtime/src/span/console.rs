//! Prints each finished trace as a tree, for development.

use std::collections::HashMap;
use std::io::Write;

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SpanData;

use super::sink::Sink;
use crate::trace::tree;

/// The most unfinished traces that are kept; all are dropped when one more begins.
const MOST_OPEN: usize = 1_000;

/// Collects the spans of each trace until the root of this process ends.
#[derive(Debug, Default)]
pub(crate) struct Console {
    open: HashMap<TraceId, Vec<SpanData>>,
}

impl Sink for Console {
    fn export(&mut self, batch: Vec<SpanData>) -> OTelSdkResult {
        for span in batch {
            let trace = span.span_context.trace_id();
            let is_root = span.parent_span_is_remote || span.parent_span_id == opentelemetry::trace::SpanId::INVALID;
            if self.open.len() >= MOST_OPEN && !self.open.contains_key(&trace) {
                self.open.clear();
            }
            self.open.entry(trace).or_default().push(span);
            if is_root && let Some(spans) = self.open.remove(&trace) {
                // Standard error: the program's own output on standard output may be piped.
                let _ = std::io::stderr().lock().write_all(tree(&spans).as_bytes());
            }
        }
        Ok(())
    }

    fn set_resource(&mut self, _: &Resource) {}

    fn shutdown(&mut self) -> OTelSdkResult {
        for (_, spans) in self.open.drain() {
            let _ = std::io::stderr().lock().write_all(tree(&spans).as_bytes());
        }
        Ok(())
    }
}
