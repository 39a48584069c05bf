//! Spans: compact records that calls fill, and the export thread that converts them to OpenTelemetry's form.

mod console;
mod content_capture;
mod convert;
mod genai;
#[cfg_attr(not(feature = "tracing-opentelemetry"), path = "no_host_recording.rs")]
mod host_recording;
mod pipeline;
mod record;
mod sampling;
mod sink;
mod worker;

pub(crate) use console::Console;
pub(crate) use content_capture::ContentCapture;
#[cfg(feature = "testing")]
pub(crate) use convert::span_data;
pub(crate) use genai::{cost_basis, of_request, of_site, set_response, streams};
pub(crate) use host_recording::HostRecording;
pub(crate) use pipeline::{Destination, DropReason, Pipeline};
pub(crate) use record::{Origin, SpanError, SpanRecord};
pub(crate) use sampling::RootSampler;
pub(crate) use sink::{ExporterSink, Sink};
pub(crate) use worker::Worker;
