//! Observability for LLM and agent workflows, by annotation.
//!
//! [`primitive`] on a function makes each call of it a span, an observation of its duration, a count by outcome, and
//! an edge of the service map; calls to models also count their tokens and money.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

#[doc(hidden)]
pub mod __private;
mod attribute;
#[cfg(feature = "blocks")]
pub mod block;
mod builder;
mod call;
mod clock;
mod configuration;
mod context;
mod export;
mod host_log;
mod id;
pub mod label;
pub mod llm;
mod metric;
mod model;
mod outcome;
mod recorder;
pub mod schema;
mod site;
mod snapshot;
mod span;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
#[cfg(feature = "tower")]
pub mod tower;
pub mod trace;
mod workflow_attributes;

pub use attribute::AttributeValue;
pub use builder::{Builder, builder, init};
pub use configuration::{EnvironmentError, InitError};
pub use context::propagation;
pub use context::{ScopedFuture, TracingLayer, WorkflowContext, tracing_layer};
pub use export::{ExposedMetric, metrics_text, registry};
pub use label::LabelValue;
pub use outcome::Outcome;
pub use snapshot::stats::{ModelStats, ObjectiveStats, Percentiles, PrimitiveStats, Stats, stats};
pub use snapshot::view::{ParseViewError, View};
pub use telemetry::{ShutdownReport, Telemetry};
pub use tta_macros::{LabelValue, primitive};

/// Compiles and runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Compiles and runs the examples of the chapter on cost.
#[cfg(doctest)]
#[doc = include_str!("../../docs/cost.md")]
struct Cost;
/// Compiles and runs the example of the page on building blocks.
#[cfg(all(doctest, feature = "blocks"))]
#[doc = include_str!("../../docs/blocks.md")]
struct BuildingBlocks;
