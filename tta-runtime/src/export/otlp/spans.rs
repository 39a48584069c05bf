//! Sends spans to a collector.

use std::time::Instant;

use opentelemetry_sdk::Resource;

use super::answer::Answer;
use super::collector::Collector;
use super::span_request::SpanEncoder;
use crate::span::{Attempt, Batch, DropReason, Sink};

/// The exporter of spans over OTLP.
#[derive(Debug)]
pub(super) struct SpanSink {
    collector: Collector,
    encoder: SpanEncoder,
}

impl SpanSink {
    pub(super) fn new(collector: Collector) -> Self {
        Self { collector, encoder: SpanEncoder::new(Resource::builder_empty().build()) }
    }
}

impl Sink for SpanSink {
    fn export(&mut self, batch: Batch, deadline: Instant) -> Attempt {
        let body = self.encoder.encode(|form| batch.describe(form));
        drop(batch);
        match self.collector.send(body, deadline) {
            Answer::Accepted => Attempt::Exported,
            Answer::Partly { rejected, error } => Attempt::Partly { rejected, error },
            Answer::Retry { after, error } => Attempt::Retry { after, error },
            Answer::Refused { error } => Attempt::Failed { reason: DropReason::NonRetryable, error },
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.encoder = SpanEncoder::new(resource.clone());
    }

    fn shutdown(&mut self) {}
}
