//! The third-party types of 0.x crates that stand in public signatures.
//!
//! A program that names such a type through this module has the version that this crate was built with, whatever version the
//! program itself depends on. A new minor version of one of these crates is a breaking change of this crate.
//!
//! | item | crate | stands in |
//! |---|---|---|
//! | [`SpanExporter`], [`ShouldSample`] | `opentelemetry_sdk` | [`Builder::span_exporter`](crate::Builder::span_exporter), [`Builder::sampler`](crate::Builder::sampler) |
//! | [`SpanData`] | `opentelemetry_sdk` | [`trace::tree`](crate::trace::tree) |
//! | [`Registry`], [`Collector`] | `prometheus` | [`registry`](crate::registry()), [`Builder`](crate::Builder) |
//! | [`Layer`] | `tracing_subscriber` | [`tracing_layer`](crate::tracing_layer()) |
//!
//! [`AttributeValue`](crate::AttributeValue) converts to `opentelemetry::Value`. That enum is not re-exported: it has a variant
//! `String`, and once it is reachable through this crate, the compiler writes `std::string::String` for `String` in every
//! message to a program that depends on it.

pub use opentelemetry_sdk::trace::{ShouldSample, SpanData, SpanExporter};
pub use prometheus::Registry;
pub use prometheus::core::Collector;
pub use tracing_subscriber::Layer;
