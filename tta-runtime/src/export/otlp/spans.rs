//! Sends spans to a collector.

use std::time::Instant;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use prost::Message;

use super::answer::Answer;
use super::collector::Collector;
use crate::span::{Attempt, DropReason, EndedSpan, Sink};

/// The exporter of spans over OTLP.
#[derive(Debug)]
pub(super) struct SpanSink {
    collector: Collector,
    resource: ResourceAttributesWithSchema,
}

impl SpanSink {
    pub(super) fn new(collector: Collector) -> Self {
        Self { collector, resource: ResourceAttributesWithSchema::default() }
    }
}

impl Sink for SpanSink {
    fn export(&mut self, batch: Vec<EndedSpan>, deadline: Instant) -> Attempt {
        let spans = batch.into_iter().map(|span| span.data).collect();
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        match self.collector.send(body, deadline) {
            Answer::Accepted => Attempt::Exported,
            Answer::Partly { rejected, error } => Attempt::Partly { rejected, error },
            Answer::Retry { after, error } => Attempt::Retry { after, error },
            Answer::Refused { error } => Attempt::Failed { reason: DropReason::NonRetryable, error },
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }

    fn shutdown(&mut self) {}
}
