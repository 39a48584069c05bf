//! Spans: compact records that calls fill, and the export threads that send them or convert them to OpenTelemetry's form.

mod batch;
mod chunk;
mod compatibility;
mod console;
mod content_capture;
mod convert;
mod description;
mod detail;
mod exporter;
mod fate;
mod genai;
mod held;
mod held_span;
#[cfg_attr(not(feature = "tracing-opentelemetry"), path = "no_host_recording.rs")]
mod host_recording;
mod in_flight;
mod intake;
#[cfg(test)]
mod intake_model;
mod lane;
mod left_out;
mod log_record;
mod names;
mod pipeline;
mod record;
pub(crate) mod record_memory;
mod sampling;
mod settings;
mod sink;
mod sync;
mod weight;
mod worker;

#[cfg(feature = "otlp")]
pub(crate) use batch::Batch;
pub(crate) use compatibility::Compatibility;
pub(crate) use console::Console;
pub(crate) use content_capture::ContentCapture;
#[cfg(any(feature = "otlp", feature = "page"))]
pub(crate) use convert::scope;
#[cfg(any(test, feature = "page", feature = "testing"))]
pub(crate) use convert::span_data;
pub(crate) use description::Description;
#[cfg(any(feature = "otlp", feature = "page"))]
pub(crate) use description::otlp_kind;
#[cfg(feature = "otlp")]
pub(crate) use description::{AttributeTarget, Exception, SharedAttributes, Sharing};
pub use detail::SpanDetail;
pub(crate) use exporter::{Exporter, Signal};
pub(crate) use fate::DropReason;
pub(crate) use genai::{cost_basis, of_request, of_site, set_response, streams};
pub(crate) use host_recording::HostRecording;
#[cfg(feature = "blocks")]
pub(crate) use left_out::LeftOut;
#[cfg(feature = "otlp")]
pub(crate) use log_record::is_log_record;
pub use names::SpanNames;
pub(crate) use pipeline::{Destination, Pipeline};
#[cfg(all(test, feature = "otlp"))]
pub(crate) use record::Events;
pub(crate) use record::{Origin, SpanError, SpanRecord};
pub(crate) use sampling::{RootSampler, SpanStart};
pub(crate) use settings::ExportSettings;
pub(crate) use sink::ExporterSink;
#[cfg(feature = "otlp")]
pub(crate) use sink::{Attempt, Sink};
#[cfg(feature = "page")]
pub(crate) use weight::heap as heap_bytes;
#[cfg(feature = "page")]
pub(crate) use worker::OnSpan;
#[cfg(feature = "otlp")]
pub(crate) use worker::after;
pub(crate) use worker::{ExportEvent, OnExport, Worker};
