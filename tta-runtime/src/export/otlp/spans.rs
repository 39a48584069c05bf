//! Sends spans to a collector.

use std::sync::Arc;
use std::time::Instant;

use opentelemetry_sdk::Resource;

use super::answer::Answer;
use super::collector::Collector;
use super::span_request::SpanEncoder;
use crate::span::{Attempt, Batch, DropReason, Sink};

/// Sends one request after another; several send to a collector at the same time.
#[derive(Debug)]
pub(super) struct SpanSink {
    collector: Arc<Collector>,
    encoder: SpanEncoder,
}

impl SpanSink {
    pub(super) fn new(collector: Arc<Collector>) -> Self {
        Self { collector, encoder: SpanEncoder::new(Resource::builder_empty().build()) }
    }
}

/// Returns what an answer says of the batch.
pub(super) fn attempt(answer: Answer) -> Attempt {
    match answer {
        Answer::Accepted => Attempt::Exported,
        Answer::Partly { rejected, error } => Attempt::Partly { rejected, error },
        Answer::Retry { after, error } => Attempt::Retry { after, error },
        Answer::Refused { error } => Attempt::Failed { reason: DropReason::NonRetryable, error },
    }
}

impl Sink for SpanSink {
    fn export(&mut self, batch: Batch, deadline: Instant) -> Attempt {
        let body = self.encoder.encode(|form| batch.describe(form));
        drop(batch);
        attempt(self.collector.send(body, deadline))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.encoder = SpanEncoder::new(resource.clone());
    }

    fn shutdown(&mut self) {}
}
