//! Sends the events of spans to a collector of logs.

use std::time::Instant;

use opentelemetry_sdk::Resource;

use super::collector::Collector;
use super::log_request;
use super::spans;
use crate::span::{Attempt, Batch, Sink};

/// Sends one request after another, for the batches that have such events.
#[derive(Debug)]
pub(super) struct LogSink {
    collector: Collector,
    resource: Resource,
}

impl LogSink {
    pub(super) fn new(collector: Collector) -> Self {
        Self { collector, resource: Resource::builder_empty().build() }
    }
}

impl Sink for LogSink {
    fn export(&mut self, batch: Batch, deadline: Instant) -> Attempt {
        let body = log_request::encode(&self.resource, |form| batch.describe(form));
        drop(batch);
        body.map_or(Attempt::Exported, |body| spans::attempt(self.collector.send(body, deadline)))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    fn shutdown(&mut self) {}
}
