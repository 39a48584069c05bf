//! Observability for LLM and agent workflows, by annotation.
//!
//! [`#[primitive]`](macro@primitive) on a function makes each call of it
//!
//! - a span in OpenTelemetry's terms, with its parent, its outcome and its attributes,
//! - an observation in a Prometheus histogram of durations,
//! - a count by [outcome](Outcome): success, failure, timeout, cancelled or panicked,
//! - tokens and exact cost, where it calls a model,
//! - an edge of the service map, from the primitive that called it.
//!
//! The function keeps its signature, its behaviour and its errors. Label sets whose cardinality would overload a
//! Prometheus server do not compile.
//!
//! # Start
//!
//! ```text
//! cargo add tta-runtime --features exporter
//! cargo add tokio --features macros,rt-multi-thread
//! ```
//!
//! ```
//! use tta_runtime::llm::Usage;
//! use tta_runtime::{Outcome, primitive};
//!
//! struct Answer {
//!     text: String,
//!     input_tokens: u64,
//!     output_tokens: u64,
//! }
//!
//! #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini",
//!             usage = |answer: &Answer| Usage::new(answer.input_tokens, answer.output_tokens))]
//! async fn ask(question: &str) -> Result<Answer, std::io::Error> {
//!     // Call the model here.
//!     Ok(Answer { text: format!("{question} Yes."), input_tokens: 1_200, output_tokens: 80 })
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Serves http://127.0.0.1:9464/metrics with the feature `exporter`.
//! #   /*
//!     let telemetry = tta_runtime::init()?;
//! #   */
//! #   let telemetry = tta_runtime::builder().metrics_addr(([127, 0, 0, 1], 0).into()).init()?;
//!     let answer = ask("Is it observable?").await?;
//!     assert_eq!(answer.text, "Is it observable? Yes.");
//!
//!     let stats = tta_runtime::stats();
//!     let ask = stats.primitives.iter().find(|primitive| primitive.name == "ask").unwrap();
//!     assert_eq!(ask.ended[&Outcome::Success], 1);
//!     assert_eq!(ask.cost_usd, 0.000228);
//!     drop(telemetry); // exports what is left
//!     Ok(())
//! }
//! ```
//!
//! Annotated functions record in memory whether or not the program calls [`init`]; `init` opens the exporters that
//! features, [`builder`] and the environment ask for.
//!
//! # Features
//!
//! None is on by default. A feature adds items and never changes what others do.
//!
//! | feature | adds |
//! |---|---|
//! | (none) | the attribute, spans, metrics, [`stats`], [`metrics_text`], [`registry`] |
//! | `exporter` | an HTTP server for `/metrics` (text 0.0.4, OpenMetrics 1.0 with exemplars, and protobuf with native histograms), `/status` for `tta doctor`, `/healthz` and `/readyz` |
//! | `exporter-tls` | the same over TLS |
//! | `page` | a live page on that server: rates, traces, costs, the service map, budgets |
//! | `otlp` | traces and metrics over OTLP (HTTP/protobuf) |
//! | `push` | a push to a Pushgateway when the program stops |
//! | `prices-url` | prices from a URL, read again at an interval |
//! | `blocks` | the module `block`: sequences, branches, routers, caches, timeouts, retries, fallbacks, circuit breakers, sagas |
//! | `redis`, `redis-tls` | the cache and shared budgets in Redis, single server or cluster, in plain text or over TLS |
//! | `tower` | the module `tower`: layers that make HTTP services and clients primitives |
//! | `tracing-opentelemetry` | calls recorded on the spans that the program's own `tracing-opentelemetry` exports |
//! | `testing` | the module `testing`: a recorder for each test, a manual clock, spans in memory |
//!
//! # Modules
//!
//! | where | for |
//! |---|---|
//! | [`macro@primitive`], [`macro@LabelValue`], [`label`], [`RunStopped`] | annotating functions and their labels |
//! | [`llm`] | tokens, prices, budgets and message content of model calls |
//! | `block` | building blocks that are observed as functions are |
//! | [`WorkflowContext`], [`spawn`], [`JoinSet`], [`propagation`], [`tracing_layer`] | one trace across tasks, processes and other libraries |
//! | [`trace_id`], [`span_id`], [`with_trace_ids`] | the trace in log lines |
//! | [`init`], [`builder`], [`Telemetry`] | starting, configuring, flushing and stopping |
//! | `metrics_service` | `/metrics` on the program's own HTTP server (feature `exporter`) |
//! | [`stats`], [`metrics_text`], [`registry`], [`View`], [`schema`] | reading the numbers, and the names they have |
//! | [`trace`], `testing` | traces as text, and recordings for tests |
//! | [`reexports`] | the third-party types that stand in signatures |
//!
//! # Where to read on
//!
//! - [`macro@primitive`] has every key of the attribute.
//! - [`Builder`] has every setting and its environment variable.
//! - [`schema`] has every metric.
//! - The repository's `docs/` has chapters on cost, blocks, labels, integrations and monitoring; recording rules, alerts and
//!   dashboards come with it.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

// The attribute names the crate by its path, in tests of the crate, too.
#[cfg(test)]
extern crate self as tta_runtime;

#[doc(hidden)]
pub mod __private;
#[cfg(any(feature = "otlp", feature = "push"))]
mod address;
mod agent_run;
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
mod json_length;
pub mod label;
pub mod llm;
pub mod mcp;
mod metric;
mod model;
#[cfg_attr(
    all(not(feature = "exporter"), not(test)),
    expect(dead_code, reason = "the page `/status` alone lists the outages, and the log has their begin and end")
)]
mod outages;
mod outcome;
mod packed_attributes;
#[cfg(feature = "page")]
mod page;
mod panics;
#[cfg(any(feature = "exporter-tls", feature = "otlp", feature = "redis-tls"))]
mod pem;
#[cfg(feature = "prices-url")]
mod price_url;
mod process_mark;
mod recorder;
mod redactor;
#[cfg(feature = "redis")]
mod redis;
pub mod reexports;
mod resource;
pub mod schema;
mod setting;
mod signals;
mod site;
mod snapshot;
mod span;
mod span_limits;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod text_pairs;
#[cfg(feature = "tower")]
pub mod tower;
pub mod trace;
mod workflow_attributes;
mod workflow_id;
mod workflow_name;

pub use agent_run::RunStopped;
pub use attribute::AttributeValue;
pub use builder::{Builder, builder, init};
pub use call::tracing_layer::{TracingLayer, tracing_layer};
#[cfg(any(feature = "exporter-tls", feature = "otlp"))]
pub use configuration::PemFileError;
pub use configuration::{EnvironmentError, InitError};
pub use context::propagation;
pub use context::{
    JoinSet, ScopedFuture, WithTraceIds, WorkflowContext, span_id, spawn, spawn_blocking, trace_id, with_trace_ids,
};
pub use export::{ExposedMetric, InstrumentKind, SentMetric, metrics_text, registry};
#[cfg(feature = "exporter")]
pub use export::{MetricsService, metrics_service};
pub use label::LabelValue;
pub use outcome::Outcome;
#[cfg(any(feature = "exporter-tls", feature = "otlp", feature = "redis-tls"))]
pub use pem::PemProblem;
pub use redactor::redact_keys;
pub use snapshot::stats::{ModelStats, ObjectiveStats, Percentiles, PrimitiveStats, Stats, stats};
pub use snapshot::view::{ParseViewError, View};
pub use span::{SpanDetail, SpanNames};
pub use telemetry::{ShutdownReport, Telemetry};
pub use tta_macros::{LabelValue, primitive};
