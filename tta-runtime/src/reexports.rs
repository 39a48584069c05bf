//! The third-party crates whose types stand in public signatures.
//!
//! A program that names such a type through this module has the version that this crate was built with, whatever
//! version the program itself depends on.
//!
//! | crate | stands in |
//! |---|---|
//! | [`http`] | [`propagation`](crate::propagation): `HeaderMap` |
//! | [`opentelemetry`], [`opentelemetry_sdk`] | [`Builder`](crate::Builder): exporters and samplers; [`AttributeValue`](crate::AttributeValue); [`trace`](crate::trace): `SpanData` |
//! | [`prometheus`] | [`registry`](crate::registry()) and [`Builder`](crate::Builder): `Registry` |
//! | [`tokio`] | [`WorkflowContext::spawn`](crate::WorkflowContext::spawn): `JoinHandle` |
//! | [`tracing`], [`tracing_subscriber`] | [`tracing_layer`](crate::tracing_layer()): a `Layer` |
//!
//! `opentelemetry`, `opentelemetry_sdk`, `prometheus`, `tracing` and `tracing_subscriber` are versions 0.x: a new minor
//! version of one of them that this crate adopts is a breaking change of this crate.

pub use http;
pub use opentelemetry;
pub use opentelemetry_sdk;
pub use prometheus;
pub use tokio;
pub use tracing;
pub use tracing_subscriber;
