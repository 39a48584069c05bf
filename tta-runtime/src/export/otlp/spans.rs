//! Sends spans to a collector.

use std::time::Instant;

use opentelemetry_sdk::Resource;

use super::answer::Answer;
use super::collector::Collector;
use super::span_request;
use crate::span::{Attempt, DropReason, EndedSpan, Sink};

/// The exporter of spans over OTLP.
#[derive(Debug)]
pub(super) struct SpanSink {
    collector: Collector,
    resource: Resource,
}

impl SpanSink {
    pub(super) fn new(collector: Collector) -> Self {
        Self { collector, resource: Resource::builder_empty().build() }
    }
}

impl Sink for SpanSink {
    fn export(&mut self, batch: Vec<EndedSpan>, deadline: Instant) -> Attempt {
        let body = span_request::encode(batch.iter().map(|span| &span.data), &self.resource);
        drop(batch);
        match self.collector.send(body, deadline) {
            Answer::Accepted => Attempt::Exported,
            Answer::Partly { rejected, error } => Attempt::Partly { rejected, error },
            Answer::Retry { after, error } => Attempt::Retry { after, error },
            Answer::Refused { error } => Attempt::Failed { reason: DropReason::NonRetryable, error },
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    fn shutdown(&mut self) {}
}
