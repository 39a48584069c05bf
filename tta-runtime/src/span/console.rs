//! Prints each finished trace as a tree, for development.

use std::collections::HashMap;
use std::io::Write;
use std::time::Instant;

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;

use super::batch::{Batch, EndedSpan};
use super::sink::{Attempt, Sink};
use crate::trace::tree;

/// The most unfinished traces that are kept; all are dropped when one more begins.
const MOST_OPEN: usize = 1_000;

/// Collects the spans of each trace until the root of this process ends.
#[derive(Debug, Default)]
pub(crate) struct Console {
    open: HashMap<TraceId, Vec<SpanData>>,
}

impl Sink for Console {
    fn export(&mut self, batch: Batch, _deadline: Instant) -> Attempt {
        for EndedSpan { data, is_outermost } in batch.into_data() {
            let trace = data.span_context.trace_id();
            if self.open.len() >= MOST_OPEN && !self.open.contains_key(&trace) {
                self.open.clear();
            }
            self.open.entry(trace).or_default().push(data);
            if is_outermost && let Some(spans) = self.open.remove(&trace) {
                print(trace, &spans);
            }
        }
        Attempt::Exported
    }

    fn set_resource(&mut self, _: &Resource) {}

    fn shutdown(&mut self) {
        for (trace, spans) in self.open.drain() {
            print(trace, &spans);
        }
    }
}

fn print(trace: TraceId, spans: &[SpanData]) {
    let text = format!("trace {trace}\n{}", tree(spans));
    // Standard error: the program's own output on standard output may be piped.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
