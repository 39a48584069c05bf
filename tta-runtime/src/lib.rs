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
mod bridge;
mod budget;
mod builder;
mod call;
mod call_enter;
mod call_future;
mod call_handover;
mod call_site;
mod call_stream;
mod clock;
mod collector;
mod configuration;
mod content;
mod context;
mod export;
mod frame;
mod genai;
mod id;
mod init_error;
pub mod label;
mod metric;
mod model;
mod notice;
mod outcome;
pub mod propagation;
mod recorder;
mod registry;
pub mod schema;
mod settlement;
mod snapshot;
mod span;
mod stats;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
#[cfg(feature = "tower")]
pub mod tower;
pub mod trace;
mod verdict;
mod view;
mod workflow;

pub use attribute::AttributeValue;
pub use bridge::{TracingLayer, tracing_layer};
pub use builder::{Builder, builder, init};
pub use configuration::EnvironmentError;
pub use context::{Scope, WorkflowContext};
pub use export::{Exposed, metrics_text};
pub use init_error::InitError;
pub use label::LabelValue;
pub use outcome::Outcome;
pub use registry::registry;
pub use stats::{ModelStats, ObjectiveStats, Percentiles, PrimitiveStats, Stats, stats};
pub use telemetry::{Shutdown, Telemetry};
pub use tta_macros::{LabelValue, primitive};
pub use view::View;

/// Calls to models: what they report, and what it costs.
pub mod llm {
    pub use crate::budget::{Budget, BudgetExceeded, BudgetScope, Estimate, Reservation};
    pub use crate::content::{Content, content};
    pub use crate::model::{HasUsage, NanoUsd, PricesError, ServiceTier, Usage, UsageReader, price, reload_prices};
    pub use crate::settlement::record;
}

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
